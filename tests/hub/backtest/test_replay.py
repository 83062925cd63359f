"""A replay decides what the box would have decided."""

from stored_square import EVENING, seconds

from noisetamer.hub.backtest.replay import Did, Replay
from tamer.judge import ladder, policy
from tamer.judge.rules import ruling
from tamer.record.reading import GAP, OWN_VOICE, Second, missing

SHIPPED = policy.read({})
LOUD, QUIET = 700, 500
MESSAGE = 8


def replayed(heard: list[Second], rules=SHIPPED, message: int = MESSAGE) -> Did:
    replay = Replay(rules, lambda _: message)
    for second in heard:
        replay.hear(second)
    return replay.did


def on_the_box(heard: list[Second], rules, message: int) -> tuple[list[Second], list[int]]:
    """What a box with a voice records in a square that does not listen, and when it spoke."""
    state, recorded, spoken, speaking = ladder.START, [], [], 0
    for second in heard:
        if speaking:
            speaking -= 1
            second = second._replace(LAeq=950, flags=OWN_VOICE)
        recorded.append(second)
        state, effects = ladder.step(state, second, ruling(rules, second.t), rules)
        if any(isinstance(effect, ladder.Say) for effect in effects):
            spoken.append(second.t + 1)
            speaking = message
    return recorded, spoken


def test_a_quiet_hour_does_nothing():
    did = replayed(seconds((3600, QUIET)))
    assert (did.incidents, did.spoken, did.escalations) == ([], [], [])
    assert did.stages == {"green": 3600}


def test_a_loud_minute_is_one_incident_and_spoken_to():
    did = replayed(seconds((60, QUIET), (60, LOUD), (60, QUIET)))
    assert len(did.incidents) == 1
    assert EVENING + 60 + 8 <= did.incidents[0] <= did.spoken[0] <= EVENING + 120
    assert did.stage[-1] == ladder.STAGES.index("green")


def test_the_box_hears_nothing_while_it_would_speak():
    short, long = (replayed(seconds((300, LOUD)), message=length) for length in (5, 20))
    assert all(b - a >= 5 for a, b in zip(short.spoken, short.spoken[1:], strict=False))
    assert all(b - a >= 20 for a, b in zip(long.spoken, long.spoken[1:], strict=False))
    assert len(long.spoken) < len(short.spoken)


def test_the_limit_is_the_one_that_held_then():
    rules = policy.read({"venue": [{"name": "x", "from": "19:01", "to": "19:02", "limit": 70}]})
    did = replayed(seconds((180, QUIET)), rules)
    assert list(did.limit) == [650] * 60 + [700] * 60 + [650] * 60


def test_the_policy_of_the_box_does_in_a_replay_what_it_did():
    heard = seconds((60, QUIET), (200, LOUD), (90, QUIET), (100, LOUD), (30, QUIET))
    for length in (5, MESSAGE, 12):
        recorded, spoken = on_the_box(heard, SHIPPED, length)
        assert spoken
        assert replayed(recorded).spoken == spoken


def test_a_stricter_policy_speaks_sooner():
    heard = seconds((60, QUIET), (120, 645), (60, QUIET))
    assert replayed(heard).spoken == []
    assert replayed(heard, policy.read({"limit": {"day": 62}})).spoken


def test_a_short_hole_in_the_record_is_a_gap_and_a_long_one_a_box_that_was_off():
    whole = seconds((4, QUIET), (9, LOUD), (60, QUIET))
    told = [missing(s.t, GAP) if 6 <= i < 12 else s for i, s in enumerate(whole)]
    untold = [s for i, s in enumerate(whole) if not 6 <= i < 12]
    assert replayed(untold).spoken == replayed(told).spoken
    day_later = seconds((60, QUIET), t=EVENING + 86400)
    did = replayed(seconds((60, LOUD)) + day_later)
    assert did.stage[-60] == ladder.STAGES.index("green")


def test_five_warnings_in_vain_are_handed_over():
    rules = policy.read({"hand_over": [{"to": "leader", "ineffective": 5}]})
    did = replayed(seconds((300, LOUD)), rules)
    (at, to), *_ = did.escalations
    assert to == "leader"
    assert did.spoken[4] < at <= did.spoken[4] + MESSAGE + 10
