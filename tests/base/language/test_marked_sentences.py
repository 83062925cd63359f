"""Every sentence that the verbs of two languages may tell has its Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import noisetamer
from noisetamer.base.language import catalogue
from noisetamer.workshop.burn_in.check import Fault
from noisetamer.workshop.burn_in.checks import audio
from tamer.hear.diagnosis import advice

HOST = Path(noisetamer.__file__).parent
ROOMS = (
    "base",
    "cli",
    "hub/backtest",
    "hub/forward",
    "hub/people",
    "hub/privacy",
    "hub/updates",
    "sound/level_tables",
    "sound/measure",
    "sound/recording",
    "unit/policy",
    "workshop",
)
# What is said of calibration's own mathematics or of a meter's driver file, to engineers; and
# verbs of English alone.
ENGLISH = tuple(
    HOST / file
    for file in ("cli/keys.py", "workshop/calibrate/side_by_side/meters/serial_meter.py")
)
FILES = sorted(
    path
    for room in ROOMS
    for path in (HOST / room).rglob("*.py")
    if "on_box" not in path.parts and path not in ENGLISH
)

# What is said to people: raised and said by `cli`, kept and said by whoever shows it, or said.
SAID = (
    "UserError",
    "AccountError",
    "BoardError",
    "PortError",
    "Fault",
    "Malformed",
    "Refused",
    "Unreachable",
    "_fault",
    "KeyboardInterrupt",
    "say",
    "Word",
    "Check",
    "judged",
)


# Of a page's text, or of an error by which a page finds its own words.
KEY = re.compile("[a-z][a-z0-9]*(_[a-z0-9{}]+)+")

PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"


def sentences(path: Path) -> Iterator[str]:
    """With PLACE in every place."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and name_of(node.func) in SAID:
            for argument in node.args:
                yield from texts(argument)


def name_of(called: ast.expr) -> str:
    """Of a function, or a method of one's own."""
    if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "self":
        return called.attr
    return getattr(called, "id", "")


def texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(value.value) if isinstance(value, ast.Constant) else PLACE for value in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOST)))
def test_it_has_its_chinese(path: Path):
    chinese = catalogue.of("zh")
    lacking = [
        text
        for text in sentences(path)
        # Joints, numbers with a unit, and what only its places make a sentence.
        if len(re.findall("[A-Za-z-]+", re.sub("{.*?}", "", text))) > 1
        and not KEY.fullmatch(text.replace(PLACE, "{}"))
        and text not in chinese.entries
        and not any(has_chinese(chinese.say(text.replace(PLACE, fill))) for fill in ("7", ""))
    ]
    assert lacking == []


@pytest.mark.parametrize("code", advice.SENTENCES)
def test_what_the_signal_doctor_finds_has_its_chinese(code: str):
    wrong, fix = (audio._clause(one.format(16_000, 48_000)) for one in advice.SENTENCES[code])
    said = catalogue.of("zh").say(str(Fault(wrong, fix)))
    assert said == "：".join(catalogue.of("zh").say(clause) for clause in (wrong, fix))
    assert all(has_chinese(part) for part in said.split("："))
