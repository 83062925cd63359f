"""Pages laid out by Typst: a template beside the room it belongs to, data, and pictures.

A template's own words are English and go through its `say`; data come in the reader's language.
"""

import json
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from noisetamer.base import language
from noisetamer.base.paper.font import FOLDER, drawable
from noisetamer.base.paper.style import OF_PAGES

# Templates reach this room's style.typ and their neighbours from here.
_ROOT = Path(__file__).parents[2]


def pdf(
    template: Path, data: Mapping[str, Any], pictures: Mapping[str, str] | None = None
) -> bytes:
    """The document as PDF; the same data and pictures give the same bytes.

    template: a .typ file within this package. data: what JSON carries. pictures: SVG by name, as
    `plots.svg` gives it.
    """
    return _compiled(template, data, pictures or {}, format="pdf")


def png(
    template: Path,
    data: Mapping[str, Any],
    pictures: Mapping[str, str] | None = None,
    dpi: float = 110.0,
) -> bytes:
    """The document's only page as PNG, drawn as `pdf` draws it."""
    return _compiled(template, data, pictures or {}, format="png", ppi=dpi)


def _compiled(
    template: Path, data: Mapping[str, Any], pictures: Mapping[str, str], **how: Any
) -> bytes:
    # a document may be in a language that this process does not speak otherwise
    spoken = data.get("lang", language.chosen())
    found, warned = typst.compile_with_warnings(
        template,
        root=_ROOT,
        font_paths=_fonts(),
        sys_inputs={
            "colours": json.dumps(OF_PAGES),
            "language": language.chosen(),
            "page": language.say_in(spoken, "page {at} of {of}"),
            "words": json.dumps(language.plain(), ensure_ascii=False),
            "data": drawable(json.dumps(data, ensure_ascii=False, allow_nan=False)),
            **{f"picture {name}": picture for name, picture in pictures.items()},
        },
        **how,
    )
    for warning in warned:
        warnings.warn(warning, stacklevel=3)
    return found


@cache
def _fonts() -> typst.Fonts:
    """Ours alone: another computer's fonts would make other pages."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER]
    )
