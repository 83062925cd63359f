"""What the demo says on the terminal: of an event, and where nothing happened the reason."""

import pytest

from noisetamer.demo.command import never_loud, sentence


def end(loudest: float | None, red: bool = False) -> dict:
    return {"unit": "SIM-0001", "ended": loudest, "limit": 65.0, "red": red}


def test_it_says_how_loud_it_was_and_what_the_limit_was():
    said = never_loud([end(54.0), end(58.24), end(None)])
    assert said
    assert "the loudest second had 58.2 dB, the limit was 65." in said


def test_where_it_was_red_or_nothing_was_heard_there_is_nothing_to_say():
    assert never_loud([end(54.0), end(72.0, red=True)]) is None
    assert never_loud([end(None)]) is None


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (63.72, "amber: 63.7 dB, near the limit of 65"),
        (80.7, "amber: 80.7 dB, above the limit of 65, not yet for long"),
    ],
)
def test_amber_is_near_the_limit_or_briefly_above_it(level: float, said: str):
    event = {"at": "2026-11-24T19:00:26", "unit": "SIM-0001", "event": "stage", "to": "amber"}
    line = sentence(event | {"level": level, "limit": 65.0})
    assert line == f"19:00:26 SIM-0001 {said}"


def test_what_somebody_ordered_is_said_and_so_is_why_it_is_refused():
    event = {"at": "2026-11-24T19:00:26", "unit": "SIM-0001", "event": "order", "verb": "say"}
    refused = sentence(event | {"result": "refused", "why": "muted"})
    assert refused == "19:00:26 SIM-0001 refuses what somebody ordered (say): muted"
    assert sentence(event | {"result": "begun"}) == (
        "19:00:26 SIM-0001 speaks as somebody has ordered"
    )
    assert sentence(event | {"result": "taken"}) is None
