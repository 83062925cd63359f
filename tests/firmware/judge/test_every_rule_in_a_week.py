"""The week by which the two Pythons are compared leaves no rule out. Runs in both Pythons."""

import pytest
from a_week import DAY, MONDAY, TABLE, WEEK, decisions
from judged_square import EFFECTS

from tamer.judge import policy, rules
from tamer.judge.ladder import FIRM, LIGHT, POLITE, RED, WarningOutcome

pytestmark = pytest.mark.pure


def rulings():
    by = policy.read(TABLE)
    t = MONDAY
    while t < MONDAY + WEEK:
        found = rules.ruling(by, t)
        yield found
        t = found.until


def test_it_has_every_kind_of_limit():
    whys = {found.why for found in rulings()}
    for part in ("venue rule dance", "venue rule fair", "venue rule late", "quiet day exam"):
        assert any(part in why for why in whys), part
    for part in ("quiet day mourning", "outside the allowed hours", "day, general limit"):
        assert any(part in why for why in whys), part
    assert any("night, class 2 of GB 3096-2008" in why for why in whys)


def test_it_has_both_of_whatever_a_rule_switches():
    for switch in ("night", "speak", "lamp", "learn"):
        assert {getattr(found, switch) for found in rulings()} == {True, False}, switch
    assert len({found.volume for found in rulings()}) == 2
    assert len({found.dim for found in rulings()}) == 2


def test_the_clock_is_set_back_in_it():
    """Night begins half an hour later, as Unix time goes, from Sunday on."""
    nights = {found.since % DAY for found in rulings() if found.night}
    assert len(nights) > 1


def test_a_day_of_it_has_every_effect_and_outcomes_of_every_stage():
    done, stages, messages = set(), set(), set()
    for _, _, effects in decisions(1, DAY):
        for effect in effects:
            done.add(type(effect))
            if isinstance(effect, WarningOutcome):
                stages.add(effect.stage)
                messages.add(effect.message)
    assert done == set(EFFECTS)
    assert stages == {RED, POLITE, FIRM}
    assert messages == {LIGHT, "polite_zh", "warning_zh"}
