"""The report as PDF: gathered, drawn, laid out; by a hub that measures meanwhile, in a process of
its own.

    python -m noisetamer.hub.month_report.making < asked.json

Standard output has a JSON object a line: {"step", "done", "of"}, last {"made": ...} or
{"refused": sentence}.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from noisetamer.base import language
from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.base.whole_file import write_whole
from noisetamer.hub.month_report.facts import MonthFacts
from noisetamer.hub.month_report.gather import Asked, Progress, gather
from noisetamer.hub.month_report.wording import Words
from noisetamer.hub.words.i18n import read_texts

_TEMPLATE = Path(__file__).with_name("report.typ")
# Measuring comes first.
_NICE = 10


@dataclass(frozen=True)
class Made:
    """What came of it."""

    facts: MonthFacts
    bytes: int
    sha256: str


def make(data: Path, asked: Asked, out: Path, now: float, progress: Progress) -> Made:
    """Write the report in the language chosen. data: the hub's folder; now: Unix s. Raises
    UserError."""
    facts, messages, policies = gather(data, asked, now, progress)
    progress("drawing", 0, 1)
    pdf = drawn(facts, messages, policies)
    with writing(out):
        write_whole(out, pdf)
    return Made(facts, len(pdf), hashlib.sha256(pdf).hexdigest())


def drawn(
    facts: MonthFacts, messages: Mapping[str, str], policies: Mapping[str, str | None]
) -> bytes:
    """The PDF, in the language chosen. messages: {name: what is said}; policies: as of
    `office.pages`."""
    # here: whoever only asks need not wait for what draws it
    from noisetamer.base.paper import pages, plots
    from noisetamer.hub.month_report import office, pictures, residents

    words = Words(read_texts()[language.chosen()], facts.month, messages)
    main = facts.boxes[0]
    figures = {
        residents.CALENDAR: lambda: pictures.month_calendar(facts.month, main.days, words.say),
        residents.EVENING: lambda: pictures.evening(main.evening, words.say),
        residents.WEEK: lambda: pictures.hours_of_the_week(main.week, words.say),
    }
    if (quiet := residents.of_a_hundred(facts)) is not None:
        figures[residents.HUNDRED] = lambda: pictures.of_a_hundred(quiet)
    for number, box in enumerate(facts.boxes):
        figures[office.COVERAGE.format(number=number)] = partial(
            pictures.coverage, facts.month, box.days, words.say
        )
    with plots.style(9.0):
        drawn = {name: plots.svg(figure()) for name, figure in figures.items()}
    blocks = [*residents.pages(facts, words), *office.pages(facts, words, policies)]
    title = f"{words.say('title', square=facts.square)} · {words.title_of_month()}"
    return pages.pdf(
        _TEMPLATE, {"title": title, "foot": words.say("foot"), "blocks": blocks}, drawn
    )


def main() -> None:
    os.nice(_NICE)
    told = json.load(sys.stdin)
    try:
        language.speak(told["language"])
        asked = Asked(**{**told["asked"], "split": _day(told["asked"]["split"])})
        made = make(Path(told["data"]), asked, Path(told["out"]), time.time(), _step)
        _tell({"made": {"bytes": made.bytes, "sha256": made.sha256}})
    except UserError as error:
        _tell({"refused": str(error)})


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _step(step: str, done: int, of: int) -> None:
    _tell({"step": step, "done": done, "of": of})


def _tell(what: dict[str, Any]) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
