"""A box that is given orders: it obeys within its own limits, measures on, and forgets nothing."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ordered_box import OrderedBox, signed, told
from stand import START, Ran
from unix_port import run

from noisetamer.base.paths import FIRMWARE
from noisetamer.virtual.firmware_process import ResetCause
from tamer.judge import policy
from tamer.record.reading import OWN_VOICE, POWER, VALID, reason

pytestmark = pytest.mark.device

VOICES = FIRMWARE / "voices"
LOUD_DB = 75.0
FADE, END = 160, 1600  # samples that fades change, and that fill up the last block
SENTENCE = (VOICES / "polite_en.wav").read_bytes()


def spoken(ran: Ran) -> bytes:
    """All that left the loudspeaker."""
    return np.concatenate([samples for _, _, samples in ran.played]).tobytes()


def words(name: str) -> bytes:
    """Of a message at full volume, without its ends."""
    return soundfile.read(VOICES / f"{name}.wav", dtype="int16")[0][FADE:-END].tobytes()


def own_voice(ran: Ran, since: int, until: int) -> bool:
    """Whether any of these seconds after power-on is marked."""
    marked = [second.t - START for second in ran.seconds() if reason(second) == OWN_VOICE]
    return any(since <= second < until for second in marked)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A quiet square, and all that somebody at the hub can think of."""
    box = OrderedBox(tmp_path_factory.mktemp("box"))
    once = box.order(14, 1, "say", message="polite_zh")
    box.at(22, once)
    box.at(23, once[:-3] + b'0"}')
    box.at(23.1, signed(9, "examine", until=START + 90, unit="SIM-0002"))
    box.order(24, 2, "examine", lasts=-5)
    box.send(26, 4, "play", SENTENCE)
    box.order(26.2, 5, "play", size=9, sha256="0" * 64)
    box.order(33, 3, "restart")
    box.look(36)
    box.order(40, 6, "mute", for_=20, reason="婚礼")
    box.order(41, 7, "say", message="polite_zh")
    box.order(42, 8, "spotlight", state="on", for_=10)
    box.order(43, 9, "examine")
    box.order(44, 10, "say", message="nothing")
    box.order(62, 11, "say", message="nothing")
    box.order(63, 12, "volume", offset=-20, for_=60)
    box.order(64, 13, "say", message="polite_zh")
    return box.run(80)


def test_a_stored_message_is_said_word_for_word_and_marked_as_its_own_voice(evening: Ran):
    assert told(evening)[:2] == [(1, "say", "begun", None), (1, "say", "done", None)]
    assert words("polite_zh") in spoken(evening)
    assert own_voice(evening, 14, 17)
    assert {said["stage"] for said in evening.records() if "stage" in said} == {"green"}
    assert not evening.events("warning")


def test_replayed_forged_foreign_late_and_reordered_orders_are_refused_and_told(evening: Ran):
    refused = [said for said in told(evening) if said[2] == "refused"]
    assert refused[:4] == [
        (1, "say", "refused", "number"),
        # The other unit's comes in the same ten minutes, and is counted only.
        (None, None, "refused", "forged"),
        (2, "examine", "refused", "late"),
        (5, "play", "refused", "busy"),
    ]
    # Of the restart out of turn nothing was done.
    assert len(evening.events("boot")) == 1
    assert len(spoken(evening).split(words("polite_zh"))) == 2


def test_a_sentence_sent_along_is_said_once_within_seconds_and_nothing_of_it_stays(evening: Ran):
    said = [event for event in evening.events("order") if event.get("n") == 4]
    assert [event["result"] for event in said] == ["taken", "begun", "done"]
    assert said[1]["t"] - said[0]["t"] <= 2
    assert words("polite_en") in spoken(evening)
    assert "order.part" not in evening.events("look")[0]["files"]


def test_it_measures_on_through_it_all(evening: Ran):
    assert evening.samples_lost() == 0
    heard = [second.t for second in evening.seconds()]
    assert all(after == before + 1 for before, after in pairwise(heard))
    assert {reason(second) for second in evening.seconds()} == {POWER, VALID, OWN_VOICE}


def test_what_was_ordered_for_a_while_says_until_when(evening: Ran):
    until = {said["n"]: said["until"] for said in evening.events("order") if "until" in said}
    assert until == {6: START + 60, 8: START + 52, 12: START + 123}
    (mute,) = [said for said in evening.events("order") if said.get("n") == 6]
    assert mute["reason"] == "婚礼"
    lit = [(said["on"], said["t"] - START) for said in evening.events("spotlight")]
    assert lit == [(True, 43), (False, 53)]


def test_a_muted_box_says_nothing_and_says_why(evening: Ran):
    whys = {said[0]: said[3] for said in told(evening) if said[2] == "refused"}
    assert (whys[7], whys[10], whys[11]) == ("muted", "muted", "missing")
    assert (13, "say", "done", None) in told(evening)


def test_a_lowered_voice_is_lower(evening: Ran):
    first, last = [
        max(
            int(np.abs(played.samples.astype(int)).max(initial=0))
            for played in evening.played
            if since < played.us / 1e6 < since + 10
        )
        for since in (14, 64)
    ]
    assert last == pytest.approx(first / 10, rel=0.02)


def test_the_microphone_is_examined(evening: Ran):
    assert [said["t"] - START for said in evening.events("doctor")] == [4, 47]


def test_a_warning_and_an_order_wait_for_each_other_and_mute_leaves_light_and_number(
    tmp_path: Path,
):
    box = OrderedBox(tmp_path)
    box.order(16, 1, "say", message="polite_en")
    box.order(50, 2, "mute", for_=80, reason="x")
    ran = box.run(150, tone_dB=LOUD_DB)
    said = [
        (event["kind"], event.get("message") or event["result"], event["t"] - START)
        for event in ran.records()
        if event.get("kind") in ("warning", "spoken")
        or (event.get("kind") == "order" and event["n"] == 1)
    ]
    kinds = [(kind, what) for kind, what, _ in said[:5]]
    assert kinds == [
        ("warning", "polite_zh"),
        ("order", "taken"),
        ("spoken", "polite_zh"),
        ("order", "begun"),
        ("order", "done"),
    ]
    warned = [at for kind, _, at in said if kind == "warning"]
    assert not [at for at in warned if 50 < at < 130]
    assert [at for at in warned if at >= 130]
    light = [event for event in ran.events("outcome") if event["message"] == "light"]
    assert light
    assert [event["on"] for event in ran.events("spotlight")] == [True]
    seconds = [record for record in ran.records() if "flags" in record]
    assert {second["stage"] for second in seconds[52:88]} == {"firm"}
    assert ran.samples_lost() == 0


def test_while_one_sentence_sounds_another_waits_and_a_third_is_too_many(tmp_path: Path):
    box = OrderedBox(tmp_path)
    for n, second in ((1, 12), (2, 13), (3, 14)):
        box.order(second, n, "say", message="polite_zh")
    box.order(30, 4, "say", message="polite_zh")
    box.order(30.5, 5, "say", lasts=3, message="polite_zh")
    ran = box.run(45)
    assert told(ran)[:6] == [
        (1, "say", "begun", None),
        (2, "say", "taken", None),
        (3, "say", "refused", "busy"),
        (1, "say", "done", None),
        (2, "say", "begun", None),
        (2, "say", "done", None),
    ]
    # One that has to wait for longer than it holds is not said into a square that is quiet again.
    assert told(ran)[-2:] == [(4, "say", "done", None), (5, "say", "refused", "late")]


def test_sixty_kilobytes_over_a_bad_network_on_a_slow_flash_cost_no_second(tmp_path: Path):
    box = OrderedBox(tmp_path, lost=4, slow=True)
    whole = SENTENCE + bytes(60_000 - len(SENTENCE))
    box.look(11)
    box.send(12, 1, "voice", whole, message="polite_en", lasts=100)
    box.look(118)
    ran = box.run(120)
    assert told(ran) == [(1, "voice", "taken", None), (1, "voice", "done", None)]
    asked = [want["part"] for want in ran.events("want")]
    assert max(asked.count(part) for part in asked) > 1
    assert ran.samples_lost() == 0
    assert len(ran.seconds()) == 119
    # What orders need of its memory it gives back.
    before, after = [look["free"] for look in ran.events("look")]
    assert after > before - 2000


def test_what_is_cut_or_spoilt_leaves_nothing_behind(tmp_path: Path):
    box = OrderedBox(tmp_path)
    box.send(12, 1, "voice", SENTENCE, message="polite_en")
    (box.stand.chip / "parts.1").write_bytes(SENTENCE[:-1] + b"!")
    box.send(20, 2, "play", SENTENCE[:2000], lasts=8)
    (box.stand.chip / "parts.2").write_bytes(SENTENCE[:1000])
    box.send(40, 3, "play", b"no sound at all" * 90)
    box.send(50, 4, "play", SENTENCE)
    (box.stand.chip / "parts.4").write_bytes(SENTENCE[:5000])
    box.look(39)
    before = box.run(55)
    assert told(before) == [
        (1, "voice", "taken", None),
        (1, "voice", "refused", "spoilt"),
        (2, "play", "taken", None),
        (2, "play", "refused", "cut"),
        (3, "play", "taken", None),
        (3, "play", "refused", "spoilt"),
        (4, "play", "taken", None),
    ]
    assert "order.part" not in before.events("look")[0]["files"]
    box.look(12)
    # The power was cut in the middle of the last.
    after = box.run(14)
    assert told(after) == [(4, "play", "refused", "cut")]
    assert "order.part" not in after.events("look")[0]["files"]


def a_policy(**keys: object) -> tuple[bytes, str]:
    """Its JSON, and the digits of its hash that a box tells."""
    return json.dumps(keys).encode(), policy.hash_of(keys)[:12]


def test_a_new_policy_holds_after_a_restart_and_one_that_cannot_be_read_never_does(tmp_path: Path):
    box = OrderedBox(tmp_path)
    whole, digits = a_policy(limit={"day": 70, "night": 60}, name="节日")
    box.send(12, 1, "policy", whole)
    assert told(box.run(60)) == [(1, "policy", "taken", None)]
    box.look(20)
    trial = box.run(22, cause=ResetCause.HARD_RESET)
    assert trial.events("boot")[0]["policy"] == digits
    (done,) = trial.events("order")
    assert (done["n"], done["result"], done["detail"]) == (1, "done", digits)
    assert {"policy.json"} <= set(trial.events("look")[0]["files"])
    bad = json.dumps({"limit": {"day": 700}}).encode()
    box.send(12, 2, "policy", bad)
    box.run(60)
    after = box.run(10, cause=ResetCause.HARD_RESET)
    assert after.events("boot")[0]["policy"] == digits
    (refused,) = after.events("order")
    assert (refused["n"], refused["why"]) == (2, "spoilt")
    assert refused["detail"].startswith("limit.day: ")


def test_a_policy_by_which_the_box_does_not_live_is_given_up(tmp_path: Path):
    box = OrderedBox(tmp_path)
    was = box.run(8).events("boot")[0]["policy"]
    whole, digits = a_policy(limit={"day": 70, "night": 60})
    box.send(12, 1, "policy", whole)
    box.run(60)
    hung = box.run(10, cause=ResetCause.HARD_RESET)
    assert hung.events("boot")[0]["policy"] == digits
    after = box.run(10, cause=ResetCause.WATCHDOG)
    assert after.events("boot")[0]["policy"] == was
    assert told(after) == [(1, "policy", "refused", "failed")]


@pytest.mark.parametrize("verb", ["policy", "voice"])
def test_power_that_is_cut_at_any_write_leaves_the_old_one_or_the_new_one(verb: str):
    assert int(run("orders_cut_short.py", FIRMWARE, verb)) > 15


def test_a_restart_is_told_when_the_box_is_back_and_mute_outlasts_it(tmp_path: Path):
    box = OrderedBox(tmp_path)
    box.order(8, 1, "mute", for_=600, reason="x")
    box.order(9, 2, "restart")
    ran = box.run(60)
    assert told(ran) == [(1, "mute", "done", None)]
    assert ran.reset == ResetCause.HARD_RESET
    # A start that is cut short may be a failure: this one was none.
    assert len(ran.seconds()) >= 19
    box.order(12, 3, "say", message="polite_zh")
    after = box.run(14, cause=ResetCause.HARD_RESET)
    assert told(after) == [(2, "restart", "done", None), (3, "say", "refused", "muted")]


def test_the_tones_of_the_self_check_sound_when_somebody_wants_to_hear_them(tmp_path: Path):
    box = OrderedBox(tmp_path)
    box.order(14, 1, "calibrate-check")
    ran = box.run(170)
    assert told(ran) == [(1, "calibrate-check", "done", None)]
    (check,) = ran.events("self-check")
    # The stand's tone is too loud for them.
    assert check["verdict"] == "too loud"
