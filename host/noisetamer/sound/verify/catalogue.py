"""Which tests there are, in the order of the report."""

from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.sound.verify.blocks import blocks
from noisetamer.sound.verify.bursts import repeated, single
from noisetamer.sound.verify.check import Section
from noisetamer.sound.verify.comparison import comparison
from noisetamer.sound.verify.cost import instructions
from noisetamer.sound.verify.decay import decay
from noisetamer.sound.verify.disturbance import disturbance
from noisetamer.sound.verify.drift import drift
from noisetamer.sound.verify.kernels import Kernel
from noisetamer.sound.verify.linearity import linearity
from noisetamer.sound.verify.overload import overload
from noisetamer.sound.verify.peak import peak
from noisetamer.sound.verify.response import response

Run = Callable[[Kernel, int, Callable[[float], None]], Section | None]


@dataclass(frozen=True)
class Test:
    """`run(kernel, seconds of drift, progress)`: None where it does not apply to the kernel."""

    key: str
    run: Run


def _simple(key: str, test: Callable[[Kernel], Section | None]) -> Test:
    return Test(key, lambda kernel, seconds, progress: test(kernel))


TESTS = (
    _simple("response", response),
    _simple("linearity", linearity),
    _simple("bursts", single),
    _simple("repeated", repeated),
    _simple("decay", decay),
    _simple("peak", peak),
    _simple("overload", overload),
    Test("drift", drift),
    _simple("disturbance", disturbance),
    _simple("blocks", blocks),
    _simple("comparison", comparison),
    _simple("instructions", instructions),
)
KEYS = tuple(test.key for test in TESTS)
