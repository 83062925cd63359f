"""The `.mpy` around the FPU kernel."""

from dataclasses import replace

import pytest

from noisetamer.base.errors import UserError
from noisetamer.sound.kernels import container, fpu_kernel, rv32
from noisetamer.sound.kernels.container import RawCode

pytestmark = pytest.mark.tools

MODULE = container.fpu_module()


def test_stock_firmware_finds_one_viper_function_for_xtensawin():
    parsed = container.parse(MODULE)
    assert (parsed.sub_version, parsed.architecture, parsed.small_int_bits) == (3, 10, 31)
    assert parsed.module.kind == "BYTECODE"
    assert [child.kind for child in parsed.module.children] == ["VIPER"]


def test_the_function_is_the_kernel_in_whole_words():
    (function,) = container.parse(MODULE).module.children
    code = fpu_kernel.assemble().code()
    assert function.code.startswith(code)
    assert len(function.code) % 4 == 0
    assert function.code[len(code) :].strip(b"\0") == b""


def test_risc_v_gets_a_module_of_its_own_architecture():
    """MicroPython 1.29 numbers rv32imc 11 (py/persistentcode.h)."""
    asm = rv32.Assembler()
    asm.ret()
    stub = "import micropython\n@micropython.viper\ndef f(x):\n    pass\n"
    parsed = container.parse(container.carry("f.mpy", stub, asm.code(), container.RV32IMC))
    assert (parsed.sub_version, parsed.architecture, parsed.small_int_bits) == (3, 11, 31)
    (function,) = parsed.module.children
    assert (function.kind, function.code.hex()) == ("VIPER", "67800000")


def test_parsing_and_emitting_are_inverse():
    assert container.emit(container.parse(MODULE)) == MODULE


def test_the_module_is_the_same_each_time_it_is_built():
    assert container.fpu_module() == MODULE


def test_it_stays_small():
    assert len(MODULE) < 600


def changed(**changes) -> bytes:
    return container.emit(replace(container.parse(MODULE), **changes))


def with_function(**changes) -> bytes:
    module = container.parse(MODULE).module
    (function,) = module.children
    return changed(module=replace(module, children=(replace(function, **changes),)))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (with_function(kind="ASM", tail=b"\0\3\0"), "kinds ('ASM',)"),
        (changed(architecture=9), "architecture 9"),
        (changed(sub_version=2), "sub-version 2"),
        (changed(small_int_bits=63), "small int bits 63"),
        (with_function(code=b"\0\0\0\0"), "code 00000000"),
        (changed(module=RawCode("BYTECODE", b"\0")), "kinds ()"),
    ],
)
def test_a_module_the_chip_would_misread_is_refused(data, what):
    (function,) = container.parse(MODULE).module.children
    with pytest.raises(UserError) as refusal:
        container.check(data, function.code)
    assert what in str(refusal.value)


def test_code_that_outgrows_instruction_ram_is_refused():
    code = bytes(container.LARGEST_CODE + 4)
    with pytest.raises(UserError, match="2052 bytes of code, 2048 are allowed"):
        container.check(with_function(code=code), code)


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "not a .mpy"), (b"M\x05+\x1f", "not a .mpy"), (MODULE[:-9], "ends too early"),
     (MODULE + b"\0", "1 bytes too many")],
)  # fmt: skip
def test_what_is_no_container_is_refused_in_words(data, what):
    with pytest.raises(UserError, match=what):
        container.parse(data)


def test_source_that_does_not_compile_is_refused_with_the_compilers_reason():
    with pytest.raises(UserError, match=r"mpy-cross does not compile x.py: SyntaxError"):
        container.compiled("def\n", "x.py")
