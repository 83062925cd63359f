"""In plain words, and no word beyond what was measured."""

import pytest
from told_records import TIMES, T, event, of, seconds

from noisetamer.hub.evidence.account import Words
from noisetamer.hub.evidence.facts import Spell, facts
from noisetamer.hub.evidence.records import Raw
from noisetamer.hub.words.i18n import read_texts
from tamer.record.reading import MISSING

pytestmark = pytest.mark.host
WORDS = Words(read_texts()["en"], TIMES, {"polite_zh": "您好"}, {"SIM-0001": "东门广场"})


def stage(sequence: int, t: int, before: str, after: str, level: int = 702) -> Raw:
    change = {"from": before, "to": after, "limit": 650, "level": level}
    return event(sequence, t, "stage", **change)


def of_records(*records: Raw, length: int = 60):
    return facts(of(records, length))


def test_what_goes_on_at_the_end_of_the_record_is_said_to():
    found = of_records(seconds(1, T, *[700] * 10), stage(2, T + 5, "amber", "red"))
    assert found.spells == (Spell(T + 5, None),)
    assert found.over == 10
    assert WORDS.headline([found]) == (
        "Over the limit · no spoken warning · still going on when the record ends"
    )


def test_what_was_too_loud_before_is_not_called_quiet():
    found = of_records(seconds(1, T, 700), stage(2, T + 20, "firm", "green", level=550))
    assert found.spells == (Spell(T, T + 20),)
    (simulated, told, *_) = WORDS.claims([found])[1:]
    assert simulated.startswith("SIMULATION: ")
    assert "From 2026-11-23 19:00:00 (begun before) to 19:00:20" in told
    # not a word within the span: the last one before it holds
    (spell,) = facts(of([seconds(1, T, 700)]), before="polite").spells
    assert spell == Spell(T, None)


def test_who_went_quiet_by_himself_was_not_dissuaded():
    found = of_records(
        seconds(1, T, *[700] * 10),
        stage(2, T, "green", "red"),
        stage(3, T + 20, "red", "green", level=550),
    )
    assert WORDS.headline([found]).endswith("became quiet by itself")


def test_what_could_not_be_heard_is_not_called_quiet():
    found = of_records(
        stage(1, T, "green", "red"), stage(2, T + 20, "red", "green", level=MISSING)
    )
    assert found.spells == (Spell(T, T + 20, heard=False),)
    assert "which is not quiet" in WORDS.headline([found])


def test_a_message_that_was_not_played_is_no_warning():
    words = {"message": "polite_zh", "number": 1}
    found = of_records(
        stage(1, T, "green", "polite"),
        event(2, T, "warning", stage="polite", **words),
        event(3, T, "spoken", failed="no speaker", **words),
    )
    assert found.spoken == ()
    (warning,) = found.warnings
    assert WORDS.warning(warning) == ("19:00:00", "“您好”", "could not be played: no speaker")


def test_red_and_spotlight_alone_are_told_as_what_they_are():
    outcome = {"message": "light", "stage": "red", "number": 0, "effective": True, "after": 12}
    found = of_records(stage(1, T, "green", "red"), event(2, T + 30, "outcome", **outcome))
    (warning,) = found.warnings
    assert WORDS.warning(warning) == (
        "19:00:18",
        "red light and spotlight, no words",
        "quiet 12 s later",
    )
    assert found.spoken == ()


def test_each_outcome_is_of_its_own_warning():
    told = [
        event(n, T + 10 * n, kind, message="polite_zh", number=number, **more)
        for n, (kind, number, more) in enumerate(
            [
                ("warning", 1, {}),
                ("outcome", 1, {"stage": "polite", "effective": False, "after": 3}),
                ("warning", 2, {}),
                # of the next incident, which counts anew
                ("warning", 1, {}),
                ("outcome", 1, {"stage": "polite", "effective": True, "after": 4}),
            ],
            1,
        )
    ]
    found = of_records(*told)
    assert [one.effective for one in found.warnings] == [False, None, True]


def test_without_a_valid_second_nothing_is_said_of_how_loud_it_was():
    found = of_records()
    assert (found.valid, found.loudest, found.over) == (0, None, None)
    assert WORDS.headline([found]) == "No valid second in this time"
    assert WORDS.claims([found])[-1].endswith(
        "0.0% of the time is valid; the rest: not received 1 min 0 s."
    )
