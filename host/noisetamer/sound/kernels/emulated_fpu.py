"""Sound through the FPU kernel's machine code, on this computer."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.kernels import container, emulator
from tamer.hear.kernel import fpu_context
from tamer.hear.kernel.block_sums import Found

RATE = 48_000
BLOCK = 2400
_WORD = 4
_TAKEN = fpu_context.FIRST_TAKEN * _WORD

Equaliser = tuple[float, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Passage:
    """A sound heard by a kernel at rest.

    `samples`: whole numbers of 24 bits at 48 kHz. `takes`: after how many samples, counted
    from the beginning and rising, what was found is taken; None: after every second and at
    the end.
    """

    samples: NDArray[np.integer]
    takes: Sequence[int] | None = None
    block: int = BLOCK

    @property
    def all_takes(self) -> list[int]:
        """`takes`, or what None stands for."""
        if self.takes is not None:
            return list(self.takes)
        n = len(self.samples)
        return [*range(RATE, n, RATE), n]


def hear(
    passages: Iterable[Passage], equaliser: Equaliser = (1.0, ()), code: bytes | None = None
) -> list[list[Found]]:
    """What the kernel finds in each passage, one `Found` for each take.

    `code`: machine code to run, by default that of the module we ship.
    """
    passages = list(passages)
    told = emulator.run(*_programme(passages, equaliser, code))
    size = len(fpu_context.WORDS) * _WORD
    contexts = iter([told[i : i + size] for i in range(0, len(told), size)])
    return [
        [
            fpu_context.take(array("f", next(contexts)), n)
            for n in np.diff([0, *p.all_takes]).tolist()
        ]
        for p in passages
    ]


def instructions_per_sample() -> float:
    """Counted on the emulator: what a thousand more samples in a block cost."""
    short, long = (
        emulator.instructions(*_programme([Passage(np.zeros(n, np.int32), [n], n)]))
        for n in (1000, 2000)
    )
    return (long - short) / 1000


def instructions_per_block() -> int:
    """What an empty block costs on top of its samples: state loaded and stored again."""
    silence = np.zeros(1, np.int32)
    once, twice = (
        emulator.instructions(*_programme([Passage(silence, [1], 1)] * n)) for n in (1, 2)
    )
    return twice - once - round(instructions_per_sample())


def _programme(
    passages: list[Passage], equaliser: Equaliser = (1.0, ()), code: bytes | None = None
) -> tuple[emulator.Image, Iterator[bytes]]:
    """The memory and the script that take the passages through the kernel."""
    if code is None:
        code = container.parse(container.fpu_module()).module.children[0].code
    fresh = fpu_context.new_context(equaliser).tobytes()
    image = emulator.Image()
    function = image.function(code)
    samples, sample_items = image.array(bytes(_WORD * max(p.block for p in passages)))
    context, context_items = image.array(fresh)
    arguments = image.words(samples, context, 0)
    result = image.words(0)

    def script() -> Iterator[bytes]:
        for passage in passages:
            yield emulator.fill(context_items, fresh)
            start = 0
            for take in passage.all_takes:
                for at in range(start, take, passage.block):
                    block = passage.samples[at : min(at + passage.block, take)]
                    yield emulator.fill(sample_items, emulator.i2s_words(block))
                    yield emulator.fill(arguments + 8, (len(block) * 2 + 1).to_bytes(4, "little"))
                    yield emulator.call(function, arguments, 3, result)
                yield emulator.tell(context_items, len(fresh))
                yield emulator.fill(context_items + _TAKEN, fresh[_TAKEN:])
                start = take

    return image, script()
