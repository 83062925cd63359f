"""Sound through the integer octave bank as mpy-cross compiles it for Xtensa, here.

Its functions are called in the order in which `Bank.run` of firmware/tamer/hear/
bands/octaves_int.py calls them without an equaliser.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tamer.hear.bands
from noisetamer.sound.kernels import emulator
from noisetamer.sound.kernels.emulated_int import firmware_context, viper_code
from noisetamer.sound.kernels.signal import i2s_words

SOURCE = Path(tamer.hear.bands.__path__[0], "octaves_int.py")
FUNCTIONS = 4

_WORD = 4


@dataclass(frozen=True)
class Level:
    """Memory of one level of the tree: of each of its bands, and of what halves it."""

    bands: tuple[bytes, ...]
    halving: bytes


def words(samples: NDArray[np.integer], block: int, tree: Sequence[Level]) -> list[Level]:
    """The bank's memory after `samples` (int[n] of 24 bits); `tree`: its memory before.

    `block`: samples a call, no more than the bank takes at a time.
    """
    blocks = [samples[at : at + block] for at in range(0, len(samples), block)]
    dumped = emulator.run(*_program(blocks, tree))
    at = 0

    def next_words(like: bytes) -> bytes:
        nonlocal at
        at += len(like)
        return dumped[at - len(like) : at]

    return [
        Level(tuple(next_words(band) for band in level.bands), next_words(level.halving))
        for level in tree
    ]


def instructions_per_sample(samples: NDArray[np.integer], tree: Sequence[Level]) -> float:
    """Counted on the emulator, over the samples after the first 64, in one block.

    Best 64 and a multiple of 512, which is what takes each level of the tree its share.
    """
    few, many = (
        emulator.instructions(*_program([part], tree, dumps=False))
        for part in (samples[:64], samples)
    )
    return (many - few) / (len(samples) - 64)


def _program(
    blocks: Sequence[NDArray[np.integer]], tree: Sequence[Level], dumps: bool = True
) -> tuple[emulator.Image, Iterator[bytes]]:
    image = emulator.Image()
    firmware = firmware_context(image)
    enter, widen, filter_, halve = (
        image.function(code, firmware) for code in viper_code(SOURCE, FUNCTIONS)
    )
    longest = max(map(len, blocks))
    sound, sound_items = image.array(bytes(_WORD * longest))
    scratch, _ = image.array(bytes(_WORD * (longest + 2)))
    entering = image.words(sound, 1, 0, scratch)
    widening = image.words(scratch, 0)
    working = image.words(scratch, 0, 0)
    nowhere = image.words(0)
    memory = [
        ([image.array(b) for b in level.bands], image.array(level.halving)) for level in tree
    ]

    def level(n: int, functions: list[tuple[int, int]]) -> Iterator[bytes]:
        yield emulator.fill(working + _WORD, _small_int(n))
        for function, state in functions:
            yield emulator.fill(working + 2 * _WORD, state.to_bytes(_WORD, "little"))
            yield emulator.call(function, working, 3, nowhere)

    def script() -> Iterator[bytes]:
        before = 0
        for block in blocks:
            n = len(block)
            yield emulator.fill(sound_items, i2s_words(block))
            yield emulator.fill(entering + 2 * _WORD, _small_int(n))
            yield emulator.fill(widening + _WORD, _small_int(n))
            yield emulator.call(enter, entering, 4, nowhere)
            yield emulator.call(widen, widening, 2, nowhere)
            for halvings, (bands, (halving, _)) in enumerate(memory):
                here = ((before + n) >> halvings) - (before >> halvings)
                work = [(filter_, band) for band, _ in bands] + [(halve, halving)]
                yield from level(here, work)
            before += n
        if dumps:
            for (bands, (_, halving)), known in zip(memory, tree, strict=True):
                for (_, items), words in zip(bands, known.bands, strict=True):
                    yield emulator.dump(items, len(words))
                yield emulator.dump(halving, len(known.halving))

    return image, script()


def _small_int(n: int) -> bytes:
    return (n * 2 + 1).to_bytes(_WORD, "little")
