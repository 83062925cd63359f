"""One style: who draws takes colours and fonts from base/paper."""

import re
from pathlib import Path

import pytest
from folders import ROOT

PACKAGE = ROOT / "host" / "noisetamer"
DRAWING = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "base/paper" not in path.as_posix()
    and re.search(r"matplotlib|base\.paper", path.read_text(encoding="utf-8"))
]
TEMPLATES = [path for path in sorted(PACKAGE.rglob("*.typ")) if path.name != "style.typ"]


def test_there_are_some():
    assert len(DRAWING) > 10 and len(TEMPLATES) >= 4


@pytest.mark.parametrize("path", [*DRAWING, *TEMPLATES], ids=lambda path: path.stem)
def test_it_spells_no_colour_and_no_font(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(
        r"""["'(]#[0-9a-fA-F]{3,8}["')]|rgb\("|font\.family|font_manager""", text
    )
