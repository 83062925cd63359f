"""What a phone says: a title and at most three lines that a lock screen shows whole. Pure."""

import datetime
import unicodedata
from dataclasses import dataclass

from noisetamer.hub.incidents.incident import HEARD
from noisetamer.hub.words.i18n import Texts

TITLE_CELLS = 40
"""A Chinese sign takes two: 20 of them, or 40 letters, are one line of a phone."""
LINE_CELLS = 60
MOST_LINES = 3
# longer ago than this, the hour alone would be misread
TODAY_SECONDS = 20 * 3600

# How loudly a phone rings, 1 to 5 as in ntfy.
RING, NOTICE, QUIET = 5, 4, 3

_TAGS = {
    "noise": "loud_sound",
    "sudden": "rotating_light",
    "silent": "electric_plug",
    "microphone": "microphone",
    "undelivered": "warning",
    "drill": "bell",
}
_ALL_CLEAR_TAG = "white_check_mark"


@dataclass(frozen=True)
class Situation:
    """What there is to say of an incident now.

    kind: as of an incident; place: the square's name; unit: the box, where one is meant;
    opened, resolved: Unix s; level, limit: LAeq, dB; stage: the highest the box came to;
    warnings: how often it spoke; groups: those that may play there by a permit.
    """

    kind: str
    place: str
    opened: float
    unit: str = ""
    resolved: float | None = None
    level: float | None = None
    limit: float | None = None
    stage: str = ""
    warnings: int = 0
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """priority: 1 to 5; tags: ntfy's names of emoji; rings: until somebody has it in hand."""

    title: str
    lines: tuple[str, ...]
    priority: int
    tags: tuple[str, ...]

    @property
    def rings(self) -> bool:
        return self.priority >= NOTICE

    @property
    def body(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Turn:
    """Which call this is. number: to this person, 1 for the first; place: of the step in the
    plan, 0 for the first; no_better: who acknowledged before, without effect, "" for nobody;
    leader: it goes to who leads a group.
    """

    number: int = 1
    place: int = 0
    no_better: str = ""
    leader: bool = False


def call(
    about: Situation, texts: Texts, utc_offset: float, now: float, turn: Turn | None = None
) -> Message:
    """Something needs a person. utc_offset: of the square, h; now: Unix s."""
    turn = turn or Turn()
    said = _values(about, texts, utc_offset, now)
    lines = [texts[_since(about)].format(**said)]
    if about.kind in HEARD:
        lines.append(_doings(about, texts))
        if about.groups:
            several = len(about.groups) > 1
            key = "phone_playing_several" if several else "phone_playing"
            lines.append(texts[key].format(groups=texts["groups_and"].join(about.groups)))
    else:
        lines.append(texts[f"phone_do_{about.kind}"])
    if turn.number > 1:
        lines.append(texts["phone_again"].format(number=turn.number))
    elif turn.no_better:
        lines.append(texts["phone_no_better"].format(person=turn.no_better))
    elif turn.place:
        lines.append(texts["phone_passed_on"])
    priority = RING if about.kind in (*HEARD, "drill") else NOTICE
    if turn.leader and about.groups and about.level is not None:
        title = _title_of_groups(about, texts, said)
    else:
        title = _title(about, texts, said)
    fitted = _fitted(lines[:MOST_LINES])
    return Message(title, fitted, priority, (_TAGS.get(about.kind, "warning"),))


def all_clear(about: Situation, texts: Texts, utc_offset: float, now: float) -> Message:
    """It is over: to everyone who was called."""
    said = _values(about, texts, utc_offset, now)
    key = {"noise": "phone_clear", "sudden": "phone_clear", "drill": "phone_drilled"}.get(
        about.kind, "phone_well"
    )
    template = texts[f"{key}_title"]
    room = TITLE_CELLS - cells(template.format(place="", unit=about.unit))
    title = template.format(place=cut(about.place, room), unit=about.unit)
    lines = [texts[key].format(**said)]
    if about.warnings:
        lines.append(texts["phone_clear_after"].format(warnings=about.warnings))
    return Message(title, _fitted(lines), QUIET, (_ALL_CLEAR_TAG,))


def duration(seconds: float, texts: Texts) -> str:
    """In words: under a minute, minutes, hours and minutes. In Chinese a blank stands before a
    number, as it follows other words.
    """
    minutes = int(max(0.0, seconds) // 60)
    if minutes == 0:
        return texts["phone_moments"]
    if minutes < 60:
        return texts["phone_minutes"].format(minutes=minutes)
    if minutes < 48 * 60:
        return texts["phone_hours"].format(hours=minutes // 60, minutes=minutes % 60)
    return texts["phone_days"].format(days=minutes // (24 * 60))


def local_time(t: float, texts: Texts, utc_offset: float, now: float) -> str:
    """Hour and minute where the square is; the day too where it is not lately."""
    zone = datetime.timezone(datetime.timedelta(hours=utc_offset))
    at = datetime.datetime.fromtimestamp(t, zone)
    if abs(now - t) < TODAY_SECONDS:
        return f"{at:%H:%M}"
    return texts["phone_day"].format(month=at.month, day=at.day, time=f"{at:%H:%M}")


def cells(text: str) -> int:
    """Its width on a screen, in letters (UAX #11: wide and full-width signs take two)."""
    return sum(
        0
        if unicodedata.combining(sign)
        else 2
        if unicodedata.east_asian_width(sign) in "WF"
        else 1
        for sign in text
    )


def cut(text: str, room: int) -> str:
    """Not wider than `room` cells; what was cut off shows."""
    text = " ".join(text.split())
    if cells(text) <= room:
        return text
    while text and cells(text) > room - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _title(about: Situation, texts: Texts, said: dict[str, str]) -> str:
    """Whatever the place is called, what follows it is not cut off."""
    known = about.level is not None and about.limit is not None
    key = f"phone_title_{about.kind}" if about.kind != "noise" or known else "phone_title_unknown"
    template = texts.get(key, texts["phone_title_unknown"])
    rest = cells(template.format(**{**said, "place": ""}))
    return template.format(**{**said, "place": cut(about.place, max(8, TITLE_CELLS - rest))})


def _title_of_groups(about: Situation, texts: Texts, said: dict[str, str]) -> str:
    """All of them: of several, nobody knows which it is."""
    template = texts["phone_title_playing"]
    said = {**said, "duration": said["duration"].strip()}
    rest = cells(template.format(**{**said, "groups": ""}))
    groups = cut(texts["groups_and"].join(about.groups), max(8, TITLE_CELLS - rest))
    return template.format(**{**said, "groups": groups})


def _since(about: Situation) -> str:
    if about.kind == "drill":
        return "phone_drill"
    return "phone_over" if about.kind in HEARD else "phone_since"


def _doings(about: Situation, texts: Texts) -> str:
    key = f"phone_did_{about.stage}"
    return texts.get(key, texts["phone_did_nothing"]).format(warnings=about.warnings)


def _values(about: Situation, texts: Texts, utc_offset: float, now: float) -> dict[str, str]:
    until = now if about.resolved is None else about.resolved
    return {
        "unit": cut(about.unit, 16),
        "level": "—" if about.level is None else f"{about.level:.0f}",
        "limit": "—" if about.limit is None else f"{about.limit:.0f}",
        "since": local_time(about.opened, texts, utc_offset, now),
        "until": local_time(until, texts, utc_offset, now),
        "duration": duration(until - about.opened, texts),
    }


def _fitted(lines: list[str]) -> tuple[str, ...]:
    return tuple(cut(line, LINE_CELLS) for line in lines)
