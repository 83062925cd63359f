"""What was ordered for a while, and only for that. Runs in both Pythons."""

import pytest
from chip_memory import ChipMemory
from judged_square import EVENING, SHIPPED

from tamer.judge import rules
from tamer.restraint import Restraint

pytestmark = pytest.mark.pure


def ruled(restraint, t=EVENING):
    return restraint.applied(rules.ruling(SHIPPED, t), t)


def test_without_an_order_the_policy_holds():
    assert ruled(Restraint(ChipMemory())) == rules.ruling(SHIPPED, EVENING)


def test_a_muted_box_may_not_speak_until_then_and_everything_else_stays():
    memory = ChipMemory()
    Restraint(memory).mute(EVENING + 600)
    ruling = ruled(Restraint(memory))
    assert (ruling.speak, ruling.until) == (False, EVENING + 600)
    free = rules.ruling(SHIPPED, EVENING)
    assert (ruling.limit, ruling.lamp, ruling.dim) == (free.limit, free.lamp, free.dim)
    assert ruled(Restraint(memory), EVENING + 600).speak
    restraint = Restraint(memory)
    restraint.mute(0)
    assert ruled(restraint) == free


def test_a_lower_voice_is_so_much_below_the_policys_and_never_above():
    restraint = Restraint(ChipMemory())
    restraint.lower(-10, EVENING + 60)
    assert ruled(restraint).volume == -10
    assert ruled(restraint, EVENING + 60).volume == 0
    night = EVENING + 4 * 3600
    restraint.lower(-40, night + 60)
    assert ruled(restraint, night).volume == -52
    restraint.mute(night + 30)
    assert (ruled(restraint, night).until, ruled(restraint, night).volume) == (night + 30, -52)


def test_what_the_flash_does_not_take_does_not_hold():
    memory = ChipMemory()
    memory.full = True
    restraint = Restraint(memory)
    try:
        restraint.mute(EVENING + 600)
    except OSError:
        assert ruled(restraint).speak
    else:
        raise AssertionError("nothing was raised")


def test_a_spoilt_memory_restrains_nothing():
    for spoilt in (b"", b"[1,2]", b'["x",0,0]', b"7", bytes(60)):
        memory = ChipMemory()
        memory.blobs["restraint"] = spoilt
        assert ruled(Restraint(memory)).speak
