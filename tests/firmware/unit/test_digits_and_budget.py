"""What a policy may add to the panel: the digits of the minute, and what is left of a limit."""

import json
from pathlib import Path

import pytest
from panel_states import SIZES
from stand import START, Ran, Stand

from noisetamer.simulate import panel_picture

pytestmark = pytest.mark.device

KEY = "k" * 43
HUB = {"host": "hub", "port": 8883, "name": "hub", "ca": "/hub.der", "command": KEY}
SIZE = SIZES["8x32"]
POLICY = {
    "limit": {"day": 64},
    "panel": {"digits": True},
    "budget": {"limit": 58, "minutes": 1},
}


def whites(ran: Ran) -> list[str]:
    """Which LEDs are white in each second, "" for none; without the row of bar and heartbeat."""
    found = []
    for frame in ran.frames:
        seen = panel_picture.colours(frame, SIZE.width, SIZE.height, SIZE.order)[:-1].reshape(
            -1, 3
        )
        is_white = (seen.min(1) == seen.max(1)) & (seen.max(1) > 60)
        found.append("".join(".#"[int(on)] for on in is_white) if is_white.any() else "")
    return found


def bars(ran: Ran) -> list[int]:
    """How many LEDs of the lowest row are lit in each second, the heartbeat's left out."""
    row = SIZE.order[-SIZE.width : -1]
    return [sum(any(frame[3 * place : 3 * place + 3]) for place in row) for frame in ran.frames]


def test_digits_twice_a_minute_and_a_bar_while_a_limit_will_be_reached(tmp_path: Path):
    assert START % 60 == 0
    told = json.dumps(POLICY).encode()
    stand = Stand(tmp_path, files={"policy.json": told}, policy="/policy.json", hub=HUB)
    ran = stand.run(46, tone_dB=61.0)
    shown = whites(ran)
    begins = [second for second in range(1, 44) if shown[second] and not shown[second - 1]]
    assert [second // 2 * 2 for second in begins] == [10, 40]
    first, again = [shown[second] for second in begins]
    assert first == again
    assert shown[:30].count(first) == 4
    # Twice the energy that is allowed: half of its minute uses all of it.
    found = bars(ran)
    grown = [lit for lit, white in zip(found, shown, strict=True) if lit and not white]
    assert grown == sorted(grown)
    assert (found[5], found[38]) == (0, 31)
    # Neither where it is too loud, nor while nobody knows the time.
    ran = stand.run(32, tone_dB=90.0)
    assert not any(whites(ran)[15:] + bars(ran)[15:])
    ran = stand.run(16, tone_dB=50.0, clock=0)
    assert not any(whites(ran) + bars(ran))
