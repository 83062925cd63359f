"""Sound through the FPU kernel's machine code, on this computer."""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from noisetamer.sound.kernels import container, emulator
from noisetamer.sound.kernels.signal import Equaliser, Signal, i2s_words
from tamer.hear.kernel import fpu_context
from tamer.hear.kernel.block_sums import BlockSums

_WORD = 4
_TAKEN = fpu_context.FIRST_TAKEN * _WORD


def hear(
    signals: Iterable[Signal], equaliser: Equaliser = (1.0, ()), code: bytes | None = None
) -> list[list[BlockSums]]:
    """What the kernel finds in each signal, one `BlockSums` for each take.

    `code`: machine code to run, by default that of the module we ship.
    """
    signals = list(signals)
    dumped = emulator.run(*_program(signals, equaliser, code))
    size = len(fpu_context.WORDS) * _WORD
    contexts = iter([dumped[i : i + size] for i in range(0, len(dumped), size)])
    return [
        [
            fpu_context.take(array("f", next(contexts)), n)
            for n in np.diff([0, *signal.all_takes]).tolist()
        ]
        for signal in signals
    ]


def instructions_per_sample() -> float:
    """Counted on the emulator, over a thousand samples of one block."""
    short, long = (
        emulator.instructions(*_program([Signal(np.zeros(n, np.int32), [n], n)]))
        for n in (1000, 2000)
    )
    return (long - short) / 1000


def instructions_per_block() -> int:
    """Counted: what a block costs besides its samples, loading and storing the state."""
    silence = np.zeros(1, np.int32)
    once, twice = (emulator.instructions(*_program([Signal(silence, [1], 1)] * n)) for n in (1, 2))
    return twice - once - round(instructions_per_sample())


def _program(
    signals: list[Signal], equaliser: Equaliser = (1.0, ()), code: bytes | None = None
) -> tuple[emulator.Image, Iterator[bytes]]:
    """The memory and the script that take the signals through the kernel."""
    if code is None:
        code = container.parse(container.fpu_module()).module.children[0].code
    fresh = fpu_context.new_context(equaliser).tobytes()
    image = emulator.Image()
    function = image.function(code)
    samples, sample_items = image.array(bytes(_WORD * max(signal.block for signal in signals)))
    context, context_items = image.array(fresh)
    arguments = image.words(samples, context, 0)
    result = image.words(0)

    def script() -> Iterator[bytes]:
        for signal in signals:
            yield emulator.fill(context_items, fresh)
            start = 0
            for take in signal.all_takes:
                for at in range(start, take, signal.block):
                    block = signal.samples[at : min(at + signal.block, take)]
                    yield emulator.fill(sample_items, i2s_words(block))
                    yield emulator.fill(arguments + 8, (len(block) * 2 + 1).to_bytes(4, "little"))
                    yield emulator.call(function, arguments, 3, result)
                yield emulator.dump(context_items, len(fresh))
                yield emulator.fill(context_items + _TAKEN, fresh[_TAKEN:])
                start = take

    return image, script()
