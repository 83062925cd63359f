"""From when to when, as people say it."""

from datetime import datetime, time

import pytest

from noisetamer.base.errors import UserError
from noisetamer.sound.recording.span import Span, point

BEGINS = datetime(2026, 11, 23, 23, 59)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("90", 90),
        ("90s", 90),
        ("1m30s", 90),
        ("1h", 3600),
        ("0.5s", 0.5),
        ("19:00", time(19)),
        ("9:00:05", time(9, 0, 5)),
        ("19:00:05.25", time(19, 0, 5, 250_000)),
        ("2026-11-23T19:00:05", datetime(2026, 11, 23, 19, 0, 5)),
    ],
)
def test_a_point_is_a_time_of_day_a_moment_or_a_time_after_the_begin(text, means):
    assert point(text) == means


@pytest.mark.parametrize("text", ["", "soon", "25:00", "-5", "1d", "19:00:05+08:00:99"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        point(text)


@pytest.mark.parametrize(
    ("first", "end", "frames"),
    [
        (None, None, (0, None)),
        ("10s", "1m", (80, 480)),
        ("23:59:10", "23:59:20", (80, 160)),
        ("23:59:10", "00:00:10", (80, 560)),
        ("0:01", None, (960, None)),
        ("2026-11-24T00:00:00+08:00", None, (480, None)),
    ],
)
def test_a_day_has_an_end_and_a_time_of_day_goes_on_after_it(first, end, frames):
    span = Span(*(text and point(text) for text in (first, end)))
    assert span.frames(BEGINS, 8) == frames


@pytest.mark.parametrize(
    ("first", "end", "begins", "says"),
    [
        ("19:00", None, None, "--from 19:00:00: the file does not say when it began; say so with"),
        ("20s", "10s", None, "--to 10s: is not after --from; choose a later one"),
        ("2026-11-22T00:00", None, BEGINS, "is before the recording's begin at 2026-11-23 23:59"),
    ],
)
def test_what_cannot_be_is_one_sentence(first, end, begins, says):
    span = Span(*(text and point(text) for text in (first, end)))
    with pytest.raises(UserError, match=says):
        span.frames(begins, 8)
