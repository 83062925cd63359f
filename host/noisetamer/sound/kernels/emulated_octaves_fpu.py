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
class Passage:
    """A sound heard by a bank at rest.

    `samples`: whole numbers of 24 bits at 48 kHz. `takes`: after how many samples, counted
    from the beginning and rising, what was found is taken.
    """

    samples: NDArray[np.integer]
    takes: Sequence[int]
    block: int = 1200


def hear(
    passages: Iterable[Passage],
    third_octaves: bool = False,
    equaliser: Equaliser = (1.0, ()),
) -> list[NDArray[np.float64]]:
    """Mean squares of each passage, shape (takes, bands), in steps of 24 bits squared."""
    passages = list(passages)
    layout = Layout(octave_bands.rows(third_octaves), equaliser)
    told = emulator.run(*_programme(passages, layout))
    size = _WORD * len(layout.new_context())
    contexts = iter([array("f", told[at : at + size]) for at in range(0, len(told), size)])
    return [
        np.array(
            [
                layout.take(next(contexts), n - before, before)
                for before, n in pairwise((0, *passage.takes))
            ]
        )
        for passage in passages
    ]


def instructions_per_sample(third_octaves: bool = False) -> float:
    """Counted on the emulator: what 1024 more samples in a block cost, equaliser unused."""
    layout = Layout(octave_bands.rows(third_octaves))
    few, many = (
        emulator.instructions(*_programme([Passage(np.zeros(n, np.int32), [n], n)], layout))
        for n in (1024, 2048)
    )
    return (many - few) / 1024


def instructions_per_block(third_octaves: bool = False) -> int:
    """What an empty block costs: states loaded and stored again."""
    layout = Layout(octave_bands.rows(third_octaves))
    once, twice = (
        emulator.instructions(*_programme([Passage(np.zeros(n, np.int32), [n], 1)], layout))
        for n in (1, 2)
    )
    return twice - once


def _programme(passages: list[Passage], layout: Layout) -> tuple[emulator.Image, Iterator[bytes]]:
    code = container.parse(fpu_octaves.module()).module.children[0].code
    longest = max(passage.block for passage in passages)
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
        for passage in passages:
            yield emulator.fill(context_items, fresh)
            start = 0
            for take in passage.takes:
                for at in range(start, take, passage.block):
                    block = passage.samples[at : min(at + passage.block, take)]
                    n = (len(block) * 2 + 1).to_bytes(_WORD, "little")
                    yield emulator.fill(sample_items, emulator.i2s_words(block))
                    yield emulator.fill(arguments + 4 * _WORD, n)
                    yield emulator.call(function, arguments, 5, result)
                yield emulator.tell(context_items, len(fresh))
                for at in squares:
                    yield emulator.fill(context_items + _WORD * at, bytes(_WORD))
                start = take

    return image, script()
