"""Policies side by side over what was stored."""

from pathlib import Path

from PIL import Image
from stored_square import EVENING, seconds

from noisetamer.hub.backtest import backtest, plot
from tamer.judge import policy
from tamer.record.reading import GAP, missing

QUIET, SONG = 500, 645
STRICT = policy.read({"name": "62 dB", "limit": {"day": 62, "night": 52}})
TODAY = policy.read({"name": "today"})
# Three songs, each for longer than the box needs to speak; 64.5 dB is over 62 + 1 only.
EVENING_HEARD = seconds(*[(300, QUIET), (40, SONG)] * 3, (300, QUIET))


def tried(*heard):
    stored = [(unit, second) for unit, record in heard for second in record]
    units = backtest.run(stored, [STRICT, TODAY], lambda _: 8)
    return units, backtest.report(units, ["62 dB", "today"], [STRICT, TODAY])


def test_each_policy_is_counted_for_itself():
    _, found = tried(("A", EVENING_HEARD))
    strict, today = (each["whole"] for each in found["policies"])
    assert (strict["incidents"], today["incidents"]) == (3, 0)
    assert strict["spoken"] >= 3
    assert today["spoken"] == 0
    assert today["stages"]["green"] + today["stages"]["amber"] == len(EVENING_HEARD)
    assert [each["hash"] for each in found["policies"]] == [STRICT.hash, TODAY.hash]


def test_units_are_counted_apart_and_together():
    _, found = tried(("A", EVENING_HEARD), ("B", EVENING_HEARD))
    strict = found["policies"][0]
    assert [strict["units"][unit]["incidents"] for unit in ("A", "B")] == [3, 3]
    assert strict["whole"]["incidents"] == 6
    assert (found["seconds"], found["valid"]) == (2 * len(EVENING_HEARD),) * 2


def whole(spoken: int, police: int):
    return {"spoken": spoken, "called": {"police": police}}


def test_the_sentence_a_manager_wants():
    found = {
        "days": 7.0,
        "policies": [
            {"policy": "62 dB", "whole": whole(14, 2), "units": {"A": None}},
            {"policy": "today", "whole": whole(9, 1), "units": {"A": None}},
        ],
    }
    assert backtest.sentence(found) == (
        "With 62 dB you would have spoken 14 times and called the police twice in 7 days; "
        "with today: spoken 9 times and called the police once."
    )
    found["policies"][0]["units"]["B"] = None
    found["days"] = 0.5
    del found["policies"][1]
    assert backtest.sentence(found) == (
        "With 62 dB you would have spoken 14 times and called the police twice in 12 hours "
        "with 2 units."
    )


def test_the_picture_is_drawn_with_holes_and_with_nothing_valid(tmp_path: Path):
    hole = seconds((600, SONG), t=EVENING + 7200)
    silent = [missing(EVENING + i, GAP) for i in range(100)]
    units, _ = tried(("A", EVENING_HEARD + hole), ("B", silent))
    path = tmp_path / "backtest.png"
    plot.draw(units, ["62 dB", "治噪"], [STRICT, TODAY], path)
    with Image.open(path) as picture:
        assert picture.width == 1540
        assert len(set(picture.convert("RGB").resize((200, 100)).get_flattened_data())) > 20
