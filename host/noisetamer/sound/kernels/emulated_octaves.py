"""Sound through the octave banks' machine codes, on this computer."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.kernels import (
    emulator,
    fpu_octaves,
    high_products,
    octaves_rv32,
    octaves_xtensa,
    xtensa,
)
from noisetamer.sound.kernels.assembly import Assembly
from noisetamer.sound.kernels.machines import RV32, XTENSA, Machine
from noisetamer.sound.kernels.signal import Equaliser, i2s_words
from tamer.hear.bands import octave_bands, octaves_context, octaves_fixed_context

_WORD = 4


@dataclass(frozen=True)
class Bank:
    """A machine code as it is run here. `layout`: of its memory, an array of `typecode`.

    `sums`: words of a band's sum of squares. `longest`: samples a call.
    """

    assemble: Callable[[], Assembly]
    machine: Machine
    layout: Callable[..., Any]
    typecode: str
    sums: int
    longest: int = 1 << 30


FPU = Bank(fpu_octaves.assemble, XTENSA, octaves_context.Layout, "f", 1)
_FIXED = (octaves_fixed_context.Layout, "i", 3, octaves_fixed_context.MOST_SAMPLES)
RV32_INTEGERS = Bank(octaves_rv32.assemble, RV32, *_FIXED)
XTENSA_INTEGERS = Bank(octaves_xtensa.assemble, XTENSA, *_FIXED)


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
    bank: Bank = FPU,
) -> list[NDArray[np.float64]]:
    """Mean squares of each signal, shape (takes, bands), in steps of 24 bits squared."""
    signals = list(signals)
    layout = bank.layout(octave_bands.rows(third_octaves), equaliser)
    contexts = iter(_contexts(signals, layout, bank))
    return [
        np.array(
            [
                layout.take(next(contexts), n - before, before)
                for before, n in pairwise((0, *signal.takes))
            ]
        )
        for signal in signals
    ]


def memory(
    signal: Signal,
    third_octaves: bool = False,
    equaliser: Equaliser = (1.0, ()),
    bank: Bank = FPU,
) -> list["array[Any]"]:
    """The context at each take of a signal, its sums not cleared yet."""
    return _contexts([signal], bank.layout(octave_bands.rows(third_octaves), equaliser), bank)


def instructions_per_sample(
    third_octaves: bool = False, equaliser: Equaliser = (1.0, ()), bank: Bank = FPU
) -> float:
    """Counted on the emulator, over 512 samples of one block."""
    layout = bank.layout(octave_bands.rows(third_octaves), equaliser)
    few, many = (_instructions(n, n, layout, bank) for n in (64, 64 + 512))
    return (many - few) / 512


def instructions_per_block(third_octaves: bool = False, bank: Bank = FPU) -> int:
    """Counted: what a block costs besides its samples, loading and storing the states."""
    layout = bank.layout(octave_bands.rows(third_octaves))
    once, twice = (_instructions(n, 1, layout, bank) for n in (1, 2))
    return twice - once


def _instructions(n: int, block: int, layout: Any, bank: Bank) -> int:
    silence = Signal(np.zeros(n, np.int32), [n], block)
    image, script, within = _program([silence], layout, bank)
    return emulator.instructions(image, script, within)


def _contexts(signals: list[Signal], layout: Any, bank: Bank) -> list["array[Any]"]:
    dumped = emulator.run(*_program(signals, layout, bank)[:2])
    size = _WORD * len(layout.new_context())
    return [array(bank.typecode, dumped[at : at + size]) for at in range(0, len(dumped), size)]


def _program(
    signals: list[Signal], layout: Any, bank: Bank
) -> tuple[emulator.Image, Iterator[bytes], range]:
    """`range`: where the bank's code lies, without what stands in for instructions."""
    longest = min(bank.longest, max(signal.block for signal in signals))
    image = emulator.Image(bank.machine)
    assembler = bank.assemble()
    code = assembler.code()
    place = image.code(
        high_products.replaced(assembler) if isinstance(assembler, xtensa.Assembler) else code
    )
    function = image.words(0, 0, 0, place)
    samples, sample_items = image.array(bytes(_WORD * longest))
    scratch, _ = image.array(bytes(_WORD * (longest + 2)))
    fresh = layout.new_context().tobytes()
    context, context_items = image.array(fresh)
    arguments = image.words(samples, 1, scratch, context, 0)
    result = image.words(0)
    squares = layout.squares
    called = emulator.call(function, arguments, 5, result)

    def script() -> Iterator[bytes]:
        for signal in signals:
            yield emulator.fill(context_items, fresh)
            words = i2s_words(signal.samples)
            step = min(signal.block, longest)
            start = told = 0
            for take in signal.takes:
                for at in range(start, take, step):
                    n = min(step, take - at)
                    yield emulator.fill(sample_items, words[_WORD * at : _WORD * (at + n)])
                    if n != told:
                        told = n
                        yield emulator.fill(
                            arguments + 4 * _WORD, (n * 2 + 1).to_bytes(_WORD, "little")
                        )
                    yield called
                yield emulator.dump(context_items, len(fresh))
                for at in squares:
                    yield emulator.fill(context_items + _WORD * at, bytes(_WORD * bank.sums))
                start = take

    return image, script(), range(place, place + len(code))
