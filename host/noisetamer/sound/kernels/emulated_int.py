"""Sound through the integer kernel as mpy-cross compiles it for Xtensa, on this computer.

Its functions are called in the order in which `Kernel.run` of firmware/tamer/hear/
kernel/kernel_int.py calls them, shelf.py's among them, with a table of the few firmware functions
that viper code needs.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tamer.hear.kernel
from noisetamer.base.errors import UserError
from noisetamer.sound.kernels import container, emulator, machines
from noisetamer.sound.kernels.signal import i2s_words
from noisetamer.sound.kernels.xtensa import A, Assembler

SOURCE = Path(tamer.hear.kernel.__path__[0], "kernel_int.py")
SHELF_SOURCE = SOURCE.with_name("shelf.py")
FUNCTIONS = 4

Words = NDArray[np.int32]

# Places in MicroPython 1.29's mp_fun_table (py/nativeglue.h) and its type of a plain int.
_FROM_OBJECT, _TO_OBJECT, _CHECK_ARGUMENTS = 3, 4, 44
_TABLE_LENGTH = 100
_MOST_CONSTANTS = 100
_INT = 2
_ARRAY_ITEMS = 12
_UNKNOWN_FUNCTION = 70  # exit code


def words(
    samples: NDArray[np.integer],
    block: int,
    state: bytes,
    size: int,
    shelves: Sequence[bytes] = (),
) -> tuple[Words, Words]:
    """What the kernel leaves of each block, and its state at the end.

    `samples`: int[n] of 24 bits at 48 kHz. `state`: its array at start. `size`: words of what
    it leaves of one block. `shelves`: the arrays of shelf.py at start, one for each shelf of
    the equaliser. Returns shapes (blocks, size) and (state words,).
    """
    blocks = [samples[at : at + block] for at in range(0, len(samples), block)]
    dumped = np.frombuffer(emulator.run(*_program(blocks, state, size, shelves)), "<i4")
    found, end = dumped[: len(blocks) * size], dumped[len(blocks) * size :]
    return found.reshape(len(blocks), size), end


def instructions_per_sample(
    samples: NDArray[np.integer], state: bytes, size: int, shelves: Sequence[bytes] = ()
) -> float:
    """Counted on the emulator over the second half of `samples`, which go in one block."""
    half = samples[: len(samples) // 2]
    few, many = (
        emulator.instructions(*_program([part], state, size, shelves)) for part in (half, samples)
    )
    return (many - few) / (len(samples) - len(half))


def _program(
    blocks: Sequence[NDArray[np.integer]], state: bytes, size: int, shelves: Sequence[bytes]
) -> tuple[emulator.Image, Iterator[bytes]]:
    image = emulator.Image()
    context = firmware_context(image)
    functions = [image.function(code, context) for code in viper_code(SOURCE, FUNCTIONS)]
    (shelf_function,) = (image.function(code, context) for code in viper_code(SHELF_SOURCE, 1))
    sound, sound_items = image.array(bytes(4 * max(map(len, blocks))))
    states, state_items = image.array(state)
    found, found_items = image.array(bytes(4 * size))
    arguments = image.words(sound, 0, states, found, 0)
    shelf_arguments = [image.words(sound, 0, image.array(shelf)[0], found) for shelf in shelves]
    shift = arguments + 16  # what the third function returns, the fourth is given
    nowhere = image.words(0)
    calls = [
        emulator.call(function, arguments, count, result)
        for function, count, result in zip(
            functions, (4, 4, 4, 5), (nowhere, nowhere, shift, nowhere), strict=True
        )
    ]
    calls[1:1] = [emulator.call(shelf_function, at, 4, nowhere) for at in shelf_arguments]

    def script() -> Iterator[bytes]:
        for block in blocks:
            yield emulator.fill(sound_items, i2s_words(block))
            length = (len(block) * 2 + 1).to_bytes(4, "little")
            for at in (arguments, *shelf_arguments):
                yield emulator.fill(at + 4, length)
            yield from calls
            yield emulator.dump(found_items, 4 * size)
        yield emulator.dump(state_items, len(state))

    return image, script()


def viper_code(source: Path, functions: int) -> list[bytes]:
    """Machine code of the viper functions of a source file, in its order."""
    module = container.parse(
        container.compiled(source.read_text(encoding="utf-8"), source.name)
    ).module
    code = [child.code for child in module.children if child.kind == "VIPER"]
    if len(code) != functions:
        raise UserError(
            f"{source.name} has {len(code)} viper functions, the emulator calls {functions}:"
            " bring emulated_int.py in line with it"
        )
    return code


def firmware_context(image: emulator.Image) -> int:
    """Address of a module context whose function table has what viper code calls."""
    asm = Assembler()

    def function(name: str) -> None:
        asm.align()
        asm.label(name)
        asm.entry(32)

    function("unknown")
    asm.movi(A(6), _UNKNOWN_FUNCTION)
    asm.movi(A(2), machines.XTENSA_EXIT)
    asm.syscall()

    function("from_object")
    asm.beqi(A(3), _INT, "whole")
    asm.l32i(A(2), A(2), _ARRAY_ITEMS)
    asm.retw()
    asm.label("whole")
    asm.srai(A(2), A(2), 1)
    asm.retw()

    function("to_object")
    asm.slli(A(2), A(2), 1)
    asm.addi(A(2), A(2), 1)
    asm.retw()

    function("check_arguments")
    asm.retw()

    base = image.code(asm.code())
    table = [base + asm.labels["unknown"]] * _TABLE_LENGTH
    table[_FROM_OBJECT] = base + asm.labels["from_object"]
    table[_TO_OBJECT] = base + asm.labels["to_object"]
    table[_CHECK_ARGUMENTS] = base + asm.labels["check_arguments"]
    # It is one of the module's constants, at a place that differs from module to module.
    objects = image.words(*[image.words(*table)] * _MOST_CONSTANTS)
    return image.words(0, 0, 0, objects)
