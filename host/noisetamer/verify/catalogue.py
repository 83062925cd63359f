"""Which tests there are, in the order of the report."""

from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.verify.blocks import blocks
from noisetamer.verify.bursts import repeated, single
from noisetamer.verify.check import Section
from noisetamer.verify.comparison import comparison
from noisetamer.verify.cost import instructions
from noisetamer.verify.decay import decay
from noisetamer.verify.disturbance import disturbance
from noisetamer.verify.drift import drift
from noisetamer.verify.kernels import Kernel
from noisetamer.verify.linearity import linearity
from noisetamer.verify.overload import overload
from noisetamer.verify.peak import peak
from noisetamer.verify.response import response

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
