"""Sound through the FPU octave bank's machine code, on this computer."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.kernels import container, emulator, fpu_octaves
from noisetamer.sound.kernels.emulated_fpu import Equaliser
from tamer.hear.bands import octave_bands
from tamer.hear.bands.octaves_context import Layout

_WORD = 4


@dataclass(frozen=True)
class Signal:
    """A sound for a bank at rest.

    `samples`: int[n] of 24 bits at 48 kHz. `takes`: sample counts from the beginning, rising,
    at which the bank is read out.
    """

    samples: NDArray[np.integer]
    takes: Sequence[int]
    block: int = 1200


def hear(
    signals: Iterable[Signal],
    third_octaves: bool = False,
    equaliser: Equaliser = (1.0, ()),
) -> list[NDArray[np.float64]]:
    """Mean squares of each signal, shape (takes, bands), in steps of 24 bits squared."""
    signals = list(signals)
    layout = Layout(octave_bands.rows(third_octaves), equaliser)
    dumped = emulator.run(*_program(signals, layout))
    size = _WORD * len(layout.new_context())
    contexts = iter([array("f", dumped[at : at + size]) for at in range(0, len(dumped), size)])
    return [
        np.array(
            [
                layout.take(next(contexts), n - before, before)
                for before, n in pairwise((0, *signal.takes))
            ]
        )
        for signal in signals
    ]


def instructions_per_sample(third_octaves: bool = False) -> float:
    """Counted on the emulator, over 1024 samples of one block, without an equaliser."""
    layout = Layout(octave_bands.rows(third_octaves))
    few, many = (
        emulator.instructions(*_program([Signal(np.zeros(n, np.int32), [n], n)], layout))
        for n in (1024, 2048)
    )
    return (many - few) / 1024


def instructions_per_block(third_octaves: bool = False) -> int:
    """Counted: what a block costs besides its samples, loading and storing the states."""
    layout = Layout(octave_bands.rows(third_octaves))
    once, twice = (
        emulator.instructions(*_program([Signal(np.zeros(n, np.int32), [n], 1)], layout))
        for n in (1, 2)
    )
    return twice - once


def _program(signals: list[Signal], layout: Layout) -> tuple[emulator.Image, Iterator[bytes]]:
    code = container.parse(fpu_octaves.module()).module.children[0].code
    longest = max(signal.block for signal in signals)
    image = emulator.Image()
    function = image.function(code)
    samples, sample_items = image.array(bytes(_WORD * longest))
    scratch, _ = image.array(bytes(_WORD * (longest + 2)))
    fresh = layout.new_context().tobytes()
    context, context_items = image.array(fresh)
    arguments = image.words(samples, 1, scratch, context, 0)
    result = image.words(0)
    squares = layout.squares

    def script() -> Iterator[bytes]:
        for signal in signals:
            yield emulator.fill(context_items, fresh)
            start = 0
            for take in signal.takes:
                for at in range(start, take, signal.block):
                    block = signal.samples[at : min(at + signal.block, take)]
                    n = (len(block) * 2 + 1).to_bytes(_WORD, "little")
                    yield emulator.fill(sample_items, emulator.i2s_words(block))
                    yield emulator.fill(arguments + 4 * _WORD, n)
                    yield emulator.call(function, arguments, 5, result)
                yield emulator.dump(context_items, len(fresh))
                for at in squares:
                    yield emulator.fill(context_items + _WORD * at, bytes(_WORD))
                start = take

    return image, script()
