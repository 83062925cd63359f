"""Sound through the fixed-point kernel's machine code for either architecture."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.kernels import container, emulator, fixed_kernel, high_products, xtensa
from noisetamer.sound.kernels.machines import RV32, XTENSA
from noisetamer.sound.kernels.signal import Equaliser, Signal, i2s_words
from tamer.hear.kernel import fixed_context
from tamer.hear.kernel.block_sums import BlockSums

MACHINES = {container.XTENSAWIN: XTENSA, container.RV32IMC: RV32}
"""What runs the code of an architecture."""

_WORD = fixed_context.WORD
_FLAT: Equaliser = (1.0, ())


def hear(
    signals: Iterable[Signal], architecture: str, equaliser: Equaliser = _FLAT
) -> list[list[BlockSums]]:
    """What the kernel finds in each signal, one `BlockSums` for each take."""
    signals = list(signals)
    room = max(len(part) for signal in signals for part in _takes(signal))
    gain = fixed_context.level_gain(equaliser)
    contexts = iter(_contexts(signals, architecture, equaliser, room))
    return [
        [
            fixed_context.take(next(contexts), [len(block) for block in part], len(part), gain)
            for part in _takes(signal)
        ]
        for signal in signals
    ]


def contexts(
    blocks: Sequence[NDArray[np.integer]], architecture: str, equaliser: Equaliser = _FLAT
) -> list["array[int]"]:
    """The kernel's memory after each of the blocks, which are one signal."""
    ends = np.cumsum([len(block) for block in blocks]).tolist()
    signal = Signal(np.concatenate(blocks), ends, block=max(map(len, blocks)))
    return _contexts([signal], architecture, equaliser, 1)


def instructions_per_sample(architecture: str, equaliser: Equaliser = _FLAT) -> float:
    """Counted on the emulator, over a thousand samples of noise in one block."""
    short, long = (_counted([_noise(n)], architecture, equaliser) for n in (1000, 2000))
    return (long - short) / 1000


def instructions_per_block(architecture: str) -> int:
    """Counted: what a block costs besides its samples, loading and storing the state."""
    once, twice = (_counted([_noise(1000)] * n, architecture, _FLAT) for n in (1, 2))
    return twice - once - round(1000 * instructions_per_sample(architecture))


def _noise(n: int) -> Signal:
    noise = np.random.default_rng(1).integers(-(2**20), 2**20, n)
    return Signal(noise, [n], n)


def _counted(signals: list[Signal], architecture: str, equaliser: Equaliser) -> int:
    """Of the shipped code alone: what stands in for a product counts as the jump to it."""
    image, script, code = _program(signals, architecture, equaliser, 1)
    return emulator.instructions(image, script, code)


def _takes(signal: Signal) -> Iterator[list[NDArray[np.integer]]]:
    """The blocks of each take."""
    start = 0
    for take in signal.all_takes:
        yield [
            signal.samples[at : min(at + signal.block, take)]
            for at in range(start, take, signal.block)
        ]
        start = take


def _contexts(
    signals: list[Signal], architecture: str, equaliser: Equaliser, room: int
) -> list["array[int]"]:
    image, script, _ = _program(signals, architecture, equaliser, room)
    dumped = emulator.run(image, script)
    size = len(fixed_context.new_context(equaliser, room)) * _WORD
    return [array("i", dumped[at : at + size]) for at in range(0, len(dumped), size)]


def _program(
    signals: list[Signal], architecture: str, equaliser: Equaliser, room: int
) -> tuple[emulator.Image, Iterator[bytes], range]:
    """The memory, the script that takes the signals through the kernel, and its code's addresses.

    room: of the context, in blocks; a take has no more.
    """
    asm = fixed_kernel.ASSEMBLED[architecture]()
    code = high_products.replaced(asm) if isinstance(asm, xtensa.Assembler) else asm.code()
    fresh = fixed_context.new_context(equaliser, room)
    image = emulator.Image(MACHINES[architecture])
    address = image.code(code)
    function = image.words(0, 0, 0, address)
    longest = max(len(block) for signal in signals for part in _takes(signal) for block in part)
    samples, sample_items = image.array(bytes(_WORD * longest))
    context, context_items = image.array(fresh.tobytes())
    arguments = image.words(samples, context, 0)
    result = image.words(0)

    def script() -> Iterator[bytes]:
        for signal in signals:
            yield emulator.fill(context_items, fresh.tobytes())
            for part in _takes(signal):
                for i, block in enumerate(part):
                    pointed = array("i", fresh)
                    fixed_context.point_to(pointed, i)
                    yield emulator.fill(context_items, pointed[:1].tobytes())
                    yield emulator.fill(sample_items, i2s_words(block))
                    yield emulator.fill(arguments + 8, (len(block) * 2 + 1).to_bytes(4, "little"))
                    yield emulator.call(function, arguments, 3, result)
                yield emulator.dump(context_items, len(fresh) * _WORD)

    return image, script(), range(address, address + asm.here)
