"""Every sentence that the verbs of two languages may tell has its Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from in_chinese import english_in

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
    "hub/complaints",
    "hub/evidence",
    "hub/forward",
    "hub/month_report",
    "hub/people",
    "hub/permits",
    "hub/privacy",
    "hub/registry.py",
    "hub/updates",
    "proof/key_list.py",
    "proof/permit_document.py",
    "proof/public_key.py",
    "proof/root.py",
    "proof/rsa.py",
    "proof/signer.py",
    "proof/token_key.py",
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
    for path in ([HOST / room] if room.endswith(".py") else (HOST / room).rglob("*.py"))
    if "on_box" not in path.parts and path not in ENGLISH
)

# What is said to people: raised and said by `cli`, kept and said by whoever shows it, or said.
SAID = (
    "UserError",
    "AccountError",
    "DocumentError",
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


# Words of English sentences that are no option's, file's or key's name.
LITTLE = {
    *("an", "and", "are", "at", "by", "cannot", "for", "from", "give", "has", "have", "in", "is"),
    *("it", "its", "no", "not", "of", "on", "or", "than", "that", "the", "them", "then", "there"),
    *("they", "this", "to", "was", "which", "with"),
}


def shown(text: str) -> str:
    """As who reads Chinese is told it, its places filled."""
    return min(
        (catalogue.of("zh").say(text.replace(PLACE, fill)) for fill in ("7", "")),
        key=lambda said: (not has_chinese(said), len(left(said))),
    )


def left(said: str) -> set[str]:
    """What is English of it all the same."""
    return LITTLE & set(english_in(said))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOST)))
def test_it_has_its_chinese(path: Path):
    lacking = [
        text
        for text in sentences(path)
        # Joints, numbers with a unit, and what only its places make a sentence.
        if len(re.findall("[A-Za-z-]+", re.sub("{.*?}", "", text))) > 1
        and not KEY.fullmatch(text.replace(PLACE, "{}"))
        and text not in catalogue.of("zh").entries
        and (not has_chinese(shown(text)) or left(shown(text)))
    ]
    assert lacking == []


@pytest.mark.parametrize("code", advice.SENTENCES)
def test_what_the_signal_doctor_finds_has_its_chinese(code: str):
    wrong, fix = (audio._clause(one.format(16_000, 48_000)) for one in advice.SENTENCES[code])
    said = catalogue.of("zh").say(str(Fault(wrong, fix)))
    assert said == "：".join(catalogue.of("zh").say(clause) for clause in (wrong, fix))
    assert all(has_chinese(part) for part in said.split("："))
