"""A box that starts in vain again and again goes on with less, until a start is a good one."""

import json
from pathlib import Path

import pytest
from stand import Stand

from noisetamer.virtual.firmware_process import BoxDiedError, ResetCause

pytestmark = pytest.mark.device

POWER, RESET, WATCHDOG = ResetCause.POWER_ON, ResetCause.HARD_RESET, ResetCause.WATCHDOG


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """A box with a policy of its own, here in its settings, and a hub."""
    hub = {"host": "127.0.0.1", "port": 1, "name": "hub", "ca": "/hub.der"}
    wifi = {"ssid": "square", "key": ""}
    return Stand(tmp_path, policy="/policy.json", hub=hub, wifi=wifi)


def failed(stand: Stand) -> int:
    return json.loads((stand.chip / "nvs").read_text())["tamer"].get("failed", 0)


def starts(stand: Stand, *causes: ResetCause) -> list[str | None]:
    """What each start says of its settings; none of them lives long."""
    told = []
    for cause in causes:
        (boot,) = stand.run(5, cause).events("boot")
        told.append(boot.get("files", {}).get("settings.json"))
    return told


def test_after_two_failed_starts_it_goes_on_with_less_and_says_so(stand: Stand):
    told = starts(stand, POWER, WATCHDOG, WATCHDOG, WATCHDOG)
    assert told[:2] == [None, None]
    assert told[2:] == 2 * ["starts failed again and again: only some of it is used"]


def test_a_start_that_lives_is_a_good_one(stand: Stand):
    starts(stand, POWER, WATCHDOG, WATCHDOG)
    assert failed(stand)
    (boot,) = stand.run(25, WATCHDOG).events("boot")
    assert boot["files"]
    assert failed(stand) == 0
    assert starts(stand, WATCHDOG) == [None]


def test_power_that_comes_and_goes_is_no_failure(stand: Stand):
    assert starts(stand, *8 * [POWER]) == 8 * [None]
    starts(stand, WATCHDOG, WATCHDOG)
    assert starts(stand, POWER) == [None]
    assert failed(stand) == 0


def test_a_crash_counts_half_for_it_may_be_a_reset_that_somebody_asked_for(stand: Stand):
    told = starts(stand, POWER, *4 * [RESET])
    assert told[:4] == 4 * [None]
    assert told[4]


def test_without_hub_it_goes_on_after_four(stand: Stand):
    with_hub = [bool(stand.run(5, cause).events("link")) for cause in [POWER] + 4 * [WATCHDOG]]
    assert with_hub == [True, True, True, True, False]


def test_settings_that_kill_every_start_are_given_up_at_the_third(tmp_path: Path):
    """They are of the right form, and no such equaliser is known."""
    stand = Stand(tmp_path, equaliser=[1e300, [[1e300, 1e300]]])
    for cause in (POWER, WATCHDOG):
        with pytest.raises(BoxDiedError):
            stand.run(5, cause)
    ran = stand.run(10, WATCHDOG)
    assert len(ran.seconds()) >= 8
    assert ran.events("boot")[0]["files"]
