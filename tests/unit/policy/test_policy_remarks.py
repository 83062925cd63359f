"""What a policy may say but hardly means."""

import datetime
from pathlib import Path

import pytest

from noisetamer.unit.policy import file
from noisetamer.unit.policy.remarks import remarks

TODAY = datetime.date(2027, 6, 20)

QUIET = '[[quiet]]\nname = "gaokao"\nfrom = "2027-06-07"\nto = "2027-06-09"\n'
VENUE = '[[venue]]\nname = "dance"\nfrom = "19:00"\nto = "21:00"\n'
FULL = '[[volume]]\nfrom = "06:00"\nto = "22:00"\nvolume = 0\n'

SAID = [
    (QUIET, 4, "quiet[1].to: gaokao is over; give this year's days"),
    (QUIET.replace("06-", "07-") + "limit = 65", 5, "quiet[1].limit: 65 dB is no less than on"),
    (VENUE + 'limit = 60\ndays = ["holiday"]', 1, "holidays: a rule of [[venue]] asks for them"),
    ('clock_changes = [["2026-10-25T01:00Z", "+01:00"]]', 1, "clock_changes: the last one is"),
    (
        '[area]\nclass = "2"\n[limit]\nday = 65',
        4,
        "limit.day: 65 dB is above class 2 of GB 3096-2",
    ),
    ('[area]\nclass = "1"\n[limit]\nnight = 50', 4, "limit.night: 50 dB is above class 1 of GB 3"),
    ("[limit]\nday = 50\nnight = 51", 3, "limit.night: 51 dB is more than by day (50 dB)"),
    ('[area]\nclass = "1"\n' + VENUE + "limit = 68", 7, "venue[1].limit: 68 dB is above class 1"),
    ('[hours]\nnight_from = "23:00"', 1, "hours: the night is 7 h long"),
    (FULL, 1, "volume: not every hour has a row; the box speaks at full volume in the rest"),
    ("guard_band = 0.5", 1, "guard_band: 0.5 dB is less than such an instrument may be wrong by"),
    ("near = 4\nhysteresis = 0", 2, "hysteresis: 0 dB"),
    ('[trigger]\nquantity = "LCeq"', 2, "trigger.quantity: LCeq is compared with limits"),
    ("[background]\ndifference = 2", 2, "background.difference: less than the 3 dB"),
    ("[speaking]\nlongest_per_hour = 10", 2, "speaking.longest_per_hour: there is no room"),
    (
        '[[hand_over]]\nto = "leader"\nwait = 60\n[[hand_over]]\nto = "police"',
        1,
        "hand_over: who is written later is called earlier",
    ),
    ('[panel]\ntext = "饕餮"', 2, "panel.text: the panel would show '饕餮' as boxes"),
]


def said(folder: Path, text: str) -> list[tuple[int, str]]:
    (folder / "mine.toml").write_text(text)
    return remarks(file.load(str(folder / "mine.toml")), TODAY)


@pytest.mark.parametrize(("text", "line", "beginning"), SAID)
def test_what_is_unwise_is_remarked_on_with_its_line(tmp_path: Path, text, line, beginning):
    (remark,) = said(tmp_path, text)
    assert remark[0] == line
    assert remark[1].startswith(beginning)


def test_a_wise_policy_has_no_remarks(tmp_path: Path):
    wise = '[area]\nclass = "2"\n' + VENUE + "limit = 58\n" + QUIET.replace("06-", "07-")
    assert said(tmp_path, wise) == []


def test_a_general_limit_above_the_class_is_remarked_on_once(tmp_path: Path):
    text = '[area]\nclass = "1"\n[limit]\nday = 60\n' + VENUE + "limit = 68"
    assert [line for line, _ in said(tmp_path, text)] == [4]


def test_volumes_may_cover_the_day_in_any_order(tmp_path: Path):
    night = FULL.replace("06:00", "X").replace("22:00", "06:00").replace("X", "22:00")
    assert said(tmp_path, night + FULL) == []
