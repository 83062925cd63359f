"""Policies side by side over what was stored."""

from pathlib import Path

from PIL import Image
from stored_square import EVENING, seconds

from noisetamer.base.paper.style import STAGE_COLOURS
from noisetamer.hub.backtest import backtest, doings, lanes, plot, report, screen
from noisetamer.hub.backtest.told import told
from tamer.judge import policy
from tamer.record.reading import GAP, MISSING, OWN_VOICE, missing

QUIET, SONG = 500, 645
STRICT = policy.read({"name": "62 dB", "limit": {"day": 62, "night": 52}})
TODAY = policy.read({"name": "today"})
# Three songs, each for longer than the box needs to speak; 64.5 dB is over 62 + 1 only.
EVENING_HEARD = seconds(*[(300, QUIET), (40, SONG)] * 3, (300, QUIET))


def tried(*heard):
    stored = [(unit, second) for unit, record in heard for second in record]
    units = backtest.run(stored, [STRICT, TODAY], lambda _: 8)
    return units, report.report(units, ["62 dB", "today"], [STRICT, TODAY])


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
        "heard_hours": 168.0,
        "policies": [
            {"policy": "62 dB", "whole": whole(14, 2), "units": {"A": None}},
            {"policy": "today", "whole": whole(9, 1), "units": {"A": None}},
        ],
    }
    assert report.sentence(found) == (
        "With 62 dB you would have spoken 14 times and called the police twice in 7 days; "
        "with today: spoken 9 times and called the police once."
    )
    found["policies"][0]["units"]["B"] = None
    found["days"], found["heard_hours"] = 0.5, 24.0
    del found["policies"][1]
    assert report.sentence(found) == (
        "With 62 dB you would have spoken 14 times and called the police twice in 12 hours "
        "with 2 units."
    )


def test_the_sentence_says_how_much_of_the_time_was_heard():
    found = {
        "days": 11.0,
        "heard_hours": 2.0,
        "policies": [{"policy": "x", "whole": whole(4, 0), "units": {"A": None}}],
    }
    said = report.sentence(found)
    assert said.endswith("never called the police in 2.0 hours heard of 11 days.")
    found["heard_hours"] = 0.13
    assert "in 7.8 minutes heard of 11 days." in report.sentence(found)
    found["policies"][0]["units"]["B"] = None
    assert "minutes heard of 22 days with 2 units." in report.sentence(found)


def test_holes_are_not_heard():
    ten_days_later = seconds((300, QUIET), t=EVENING + 10 * 86400)
    voice = [s._replace(flags=OWN_VOICE) for s in seconds((60, 950), t=EVENING + 300)]
    gap = [missing(EVENING + 360 + i, GAP) for i in range(240)]
    _, found = tried(("A", seconds((300, QUIET)) + voice + gap + ten_days_later))
    assert found["heard_hours"] == round(600 / 3600, 3)
    assert found["days"] == round(10 + 300 / 86400, 6)
    today = found["policies"][1]["whole"]
    assert today["stages"] == {"green": 600, "amber": 0, "red": 0, "polite": 0, "firm": 0}
    hours = {row["hour"]: row["heard"] for row in found["policies"][1]["hours"]}
    assert hours == {"2026-11-24T19:00:00+08:00": 300, "2026-12-04T19:00:00+08:00": 300}


def test_what_is_not_in_the_data_cannot_be_judged():
    rules = policy.read({"trigger": {"quantity": "LAFmax"}, "limit": {"day": 40, "night": 40}})
    night = EVENING + 4 * 3600
    heard = [s._replace(LAFmax=MISSING) for s in seconds((60, SONG), t=night)]
    units = backtest.run([("A", s) for s in heard], [rules, STRICT], lambda _: 8)
    found = report.report(units, ["peaks", "62 dB"], [rules, STRICT])
    peaks, strict = (each["whole"] for each in found["policies"])
    assert (peaks["incidents"], peaks["spoken"], peaks["sudden"]) == (None, None, None)
    assert peaks["cannot"]["stages"] == "the data hold no LAFmax"
    assert (strict["incidents"], strict["sudden"]) == (1, None)
    assert strict["cannot"] == {"stages": "", "sudden": "the data hold no LAFmax"}
    assert report.sentence(found).startswith("peaks cannot be judged: the data hold no LAFmax; ")
    printed = "\n".join(screen.lines(found))
    assert "62 dB: sudden noises cannot be judged: the data hold no LAFmax." in printed
    # By day none is looked for: that is no fault of the data.
    _, found = tried(("A", EVENING_HEARD))
    assert found["policies"][0]["whole"]["cannot"]["sudden"] == "no night was heard"


def test_seconds_that_lack_a_quantity_are_not_quiet():
    rules = policy.read({"trigger": {"quantity": "LAFmax"}, "limit": {"day": 60}})
    loud = seconds((200, 700))
    with_holes = [s._replace(LAFmax=MISSING) if i % 3 == 2 else s for i, s in enumerate(loud)]
    units = backtest.run([("A", s) for s in with_holes], [rules], lambda _: 8)
    assert units[0].did[0].judged == 134
    assert units[0].did[0].stages["green"] < 60


def test_the_list_of_what_it_would_have_done():
    units, found = tried(("A", EVENING_HEARD))
    strict = found["policies"][0]
    assert [row["what"] for row in strict["done"][:2]] == ["red", "spoken"]
    assert strict["done"][0]["time"].startswith("2026-11-24T19:05:")
    assert strict["done"][1]["word"] == "polite_zh"
    first = strict["incidents"][0]
    assert (first["begin"], first["day"]) == (strict["done"][0]["time"], "2026-11-24")
    assert first["end"] > first["begin"]
    assert sum(one["spoken"] for one in strict["incidents"]) == strict["whole"]["spoken"]
    (hour,) = strict["hours"]
    assert (hour["incidents"], hour["heard"]) == (3, len(EVENING_HEARD))
    assert hour["red"] + hour["amber"] + strict["whole"]["stages"]["green"] == hour["heard"]
    assert units[0].did[0].ends[0] > units[0].did[0].incidents[0]
    printed = screen.lines(found)
    at = printed.index("  Tue 2026-11-24, 0.4 h heard")
    assert printed[at + 1].startswith("    19:05:")
    assert " red until 19:05:" in printed[at + 1]


def test_a_long_list_is_cut_on_the_screen_only():
    heard = seconds(*[(60, QUIET), (30, SONG)] * 60, (60, QUIET))
    _, found = tried(("A", heard))
    incidents = found["policies"][0]["incidents"]
    printed = screen.lines(found)
    left = len(incidents) - screen.MOST_INCIDENTS
    assert left > 0
    assert f"    ... and {left} more: --out DIR writes all of them (done.csv)" in printed
    assert sum(" red until " in line for line in printed) == screen.MOST_INCIDENTS


def test_what_the_box_did_stands_beside_it():
    units, _ = tried(("A", EVENING_HEARD))
    units[0].told = told(
        [
            (EVENING + 310, "stage", {"from": "amber", "to": "red"}),
            (EVENING + 312, "warning", {"message": "polite_zh"}),
            (EVENING + 330, "hand-over", {"to": "leader"}),
            (EVENING + 345, "stage", {"from": "firm", "to": "green"}),
        ]
    )
    found = report.report(units, ["62 dB", "today"], [STRICT, TODAY])
    assert found["box"]["whole"]["incidents"] == found["box"]["whole"]["spoken"] == 1
    (one,) = found["box"]["incidents"]
    assert one["begin"] == "2026-11-24T19:05:10+08:00"
    assert one["end"] == "2026-11-24T19:05:45+08:00"
    assert one["called"] == {"leader": "2026-11-24T19:05:30+08:00"}
    assert report.box_sentence(found) == (
        "In that time the box itself has spoken once and never called the police."
    )
    assert "the box itself did:" in screen.lines(found)
    lane = plot.lanes_of(units[0], ["62 dB", "today"])[-1]
    assert (lane.name, max(lane.stage)) == ("the box itself", 2)


def test_an_incident_that_had_begun_before():
    did = told([(EVENING, "resumed", {"stage": "firm"}), (EVENING + 9, "boot", {})])
    assert (did.incidents, did.ends) == ([EVENING], [EVENING + 9])
    did = told([(EVENING, "warning", {"message": "polite_zh"})])
    unit = backtest.ReplayedUnit("A", backtest.Heard(), [], did)
    (one,) = doings.incidents([unit], None, TODAY.clock)
    assert (one["begin"], one["end"], one["spoken"]) == (None, None, 1)


def test_a_limit_next_to_the_background_gets_a_remark():
    quiet_night = seconds((1200, 500), t=EVENING + 4 * 3600)
    _, found = tried(("A", quiet_night))
    strict, today = (each["remarks"] for each in found["policies"])
    assert today == []
    assert len(strict) == 1
    assert (
        "while the limit is 52 dB (night, general limit), the background (L90) is 50.0 dB"
        in (strict[0])
    )
    assert "2 dB below it" in strict[0]
    assert "99% of 0.3 hours" in strict[0]
    assert "with 54 dB it would rest" in strict[0]


def test_the_limit_that_a_remark_names_is_above_the_one_there_is():
    restless = seconds(*[(40, 500), (60, 510)] * 12, t=EVENING + 4 * 3600)
    rules = policy.read({"name": "53 dB", "limit": {"day": 62, "night": 53.5}})
    units = backtest.run([("A", second) for second in restless], [rules], lambda _: 8)
    (said,) = report.report(units, ["53.5 dB"], [rules])["policies"][0]["remarks"]
    assert "3.5 dB below it" in said
    assert "with 55 dB it would rest" in said


def test_nothing_to_judge_is_said_with_the_reasons():
    silent = [missing(EVENING + i, GAP) for i in range(90)]
    units, _ = tried(("A", silent))
    assert report.nothing_to_judge(units) == (
        "there is nothing to judge: not one of 90 seconds is valid (gap 90)"
    )
    assert report.nothing_to_judge(tried(("A", EVENING_HEARD))[0]) == ""


def test_a_clock_that_was_set_back(tmp_path: Path):
    heard = seconds((60, QUIET), t=EVENING + 100) + seconds((60, SONG))
    units, found = tried(("A", heard))
    assert found["since"] == "2026-11-24T19:00:00+08:00"
    assert found["until"] == "2026-11-24T19:02:40+08:00"
    plot.draw(units, ["62 dB", "today"], [STRICT, TODAY], tmp_path / "backtest.png")
    lane, _ = plot.lanes_of(units[0], ["62 dB", "today"])
    assert list(lane.t) == sorted(lane.t)


def test_three_days_have_a_strip_each(tmp_path: Path):
    heard = [s for day in range(3) for s in seconds((300, SONG), t=EVENING + day * 86400)]
    units, _ = tried(("A", heard))
    assert lanes.days_of(TODAY.clock, units[0].heard.t) == 3
    plot.draw(units, ["62 dB", "today"], [STRICT, TODAY], tmp_path / "backtest.png")
    with Image.open(tmp_path / "backtest.png") as picture:
        # An incident of some seconds is wide enough to be seen, whatever the width of a day.
        (firm,) = Image.new("RGB", (1, 1), STAGE_COLOURS["firm"]).get_flattened_data()
        points = list(picture.convert("RGB").get_flattened_data())
        assert points.count(firm) > 3 * 20


def test_the_picture_is_drawn_with_holes_and_with_nothing_valid(tmp_path: Path):
    hole = seconds((600, SONG), t=EVENING + 7200)
    silent = [missing(EVENING + i, GAP) for i in range(100)]
    units, _ = tried(("A", EVENING_HEARD + hole), ("B", silent))
    path = tmp_path / "backtest.png"
    plot.draw(units, ["62 dB", "治噪"], [STRICT, TODAY], path)
    with Image.open(path) as picture:
        assert picture.width == 1540
        assert len(set(picture.convert("RGB").resize((200, 100)).get_flattened_data())) > 20
