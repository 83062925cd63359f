"""Checks of what connects: Wi-Fi, the hub, and the microphone while TLS keeps the chip busy.

What is not there where the unit is burned in (the square's Wi-Fi, a hub that knows the unit) is
no fault of the unit: the check is not run, and says what it waits for.
"""

import json
from collections.abc import Sequence
from typing import Any

from noisetamer.workshop.burn_in.check import (
    FAILED,
    NOT_APPLICABLE,
    NOT_CONFIRMED,
    NOT_RUN,
    PASSED,
    Check,
    Fault,
    judged,
)
from noisetamer.workshop.burn_in.context import REACHES, Context
from noisetamer.workshop.burn_in.limits import limit
from noisetamer.workshop.port.errors import ONCE_MORE

_NO_WIFI, _NO_HUB = "no Wi-Fi set", "no hub set"
_ANEW = "then flash and burn in again"

# Why a unit does not get into its Wi-Fi, or to its hub, in the firmware's words
# (tamer/tell/failures.py), as what is left to do.
_ABSENT = {
    "no access point": "its Wi-Fi is not here: not run until it is within reach of it; burn in "
    "again there (if it is there already: look at name and antenna)",
    "no address": "its Wi-Fi gives it no address: look at the access point's DHCP, then burn in "
    "again",
    "secret refused": "the hub does not know the unit: not run until it is admitted; 'noisetamer "
    "ledger hand-over', at the hub 'noisetamer admit', then burn in again",
    "name not found": "the hub's name has no address here: not run until it has; burn in again "
    "where the hub can be reached (if it can be: look at hub.host in the square's file)",
    "no route": "no way leads to the hub from here: not run until one does; burn in again where "
    "the hub can be reached",
    "refused": "no hub listens at that address: not run until it does; start it, then burn in "
    "again (if it runs: look at hub.host and hub.port in the square's file)",
    "timed out": "the hub does not answer: not run until it does; start it, then burn in again "
    "(if it runs: look at hub.host in the square's file, and at its firewall)",
    "broker silent": "the hub does not answer: not run until it does; start it anew, then burn in "
    "again",
    "ack forged": "the hub has another command key of it: not run until it has this one; "
    "'noisetamer ledger hand-over', at the hub 'noisetamer admit', then burn in again",
    "hub full": "the hub has no room left: not run until it has; free some on its disk, then burn "
    "in again",
}

# The same of what the unit, or its setup, is to blame for.
_WRONG = {
    "wrong key": Fault(
        "its Wi-Fi refuses the key", f"put the right one into the square's file, {_ANEW}"
    ),
    "not joined": Fault("it does not join its Wi-Fi", "look at name, key and antenna"),
    "not trusted": Fault(
        "it does not trust the hub's certificate", f"put the hub's own ca.der there, {_ANEW}"
    ),
    "wrong name": Fault(
        "the hub's certificate is for another name",
        f"put that name into hub.name of the square's file, {_ANEW}",
    ),
    "certificate expired": Fault("the hub's certificate has expired", "renew it at the hub"),
    "no authority": Fault("it has no authority for the hub", "flash it again"),
    "no memory": Fault(
        "it has no memory left for TLS", "flash it again, and with a smaller policy"
    ),
}


def wifi(context: Context) -> list[Check]:
    """Whether it joins, and how strong the signal is."""
    if not context.about["wifi"]:
        return [Check("Wi-Fi", NOT_APPLICABLE, str(limit("wifi_signal")), _NO_WIFI)]
    return [judge_wifi(*context.unit.call(REACHES, "join"))]


def judge_wifi(joined: bool, value: int | str) -> Check:
    """value: the signal in dBm, or why it did not join."""
    least = limit("wifi_signal")
    if not joined:
        return _unreached("Wi-Fi", str(least), str(value))
    assert isinstance(value, int)
    weak = Fault(f"{value} dBm", "look at the antenna and its plug, burn in near the access point")
    faults = [] if least.keeps(value) else [weak]
    return judged("Wi-Fi", str(least), faults, f"joined, at {value} dBm", {"signal_dBm": value})


def hub(context: Context) -> list[Check]:
    """A TLS session with the hub's broker, the unit's own name and secret, and a round trip."""
    most = limit("hub_answer")
    if not context.about["hub"]:
        return [Check("hub", NOT_APPLICABLE, str(most), _NO_HUB)]
    joined, _ = context.unit.call(REACHES, "join")
    if not joined:
        verdict = "not run without its Wi-Fi: burn in again where that is"
        return [Check("hub", NOT_RUN, str(most), verdict)]
    return [judge_hub(context.unit.call(REACHES, "reach"))]


def judge_hub(answer: Sequence[Any]) -> Check:
    """answer: ms until it let the unit in and of a round trip, or why it did not and details."""
    most = limit("hub_answer")
    if isinstance(answer[0], str):
        return _unreached("hub", str(most), *answer)
    welcome, trip = answer
    measured = {"let_in_ms": welcome, "round_trip_ms": trip}
    slow = Fault(f"a round trip takes {trip} ms", "burn in near the access point, with less load")
    faults = [] if most.keeps(trip) else [slow]
    well = f"let in after {welcome} ms of TLS, a round trip takes {trip} ms"
    return judged("hub", str(most), faults, well, measured)


def _unreached(name: str, bounds: str, reason: str, details: str | None = None) -> Check:
    measured = {"reason": reason, **({"details": details} if details else {})}
    if reason in _ABSENT:
        return Check(name, NOT_RUN, bounds, _ABSENT[reason], measured)
    said = f"{reason} ({details})" if details else reason
    fault = _WRONG.get(reason) or Fault(f"it does not get through: {said}", ONCE_MORE)
    return Check(name, FAILED, bounds, str(fault), measured)


def samples(context: Context) -> list[Check]:
    """Whether the microphone's samples all arrive, by hearing's own rule."""
    wanted = context.about["hub"]
    busy = wanted and context.unit.call(REACHES, "join")[0]
    seconds = max(1, round(60 * context.minutes))
    lines = [json.loads(line) for line in context.unit.lines(REACHES, "watch", seconds, busy)]
    return [judge_samples(lines, wanted, context.about["slack_ms"])]


def judge_samples(lines: Sequence[Sequence[Any]], wanted: bool, slack_ms: int) -> Check:
    """lines: a second each: whether samples were lost, ms it came late, (sessions done and
    failed) by then. slack_ms: how late the driver bears. wanted: the unit has a hub, so it is to
    be tried under TLS."""
    most = limit("samples_lost")
    gaps = sum(bool(gap) for gap, _, _ in lines)
    done, failed = lines[-1][2]
    kept = [late for gap, late, _ in lines if not gap]
    worst = max(kept, default=0)
    measured = {
        "seconds": len(lines),
        "seconds_with_loss": gaps,
        "worst_late_ms": worst,
        "slack_ms": slack_ms,
        "sessions": done,
        "sessions_failed": failed,
        "late_ms": [late for _, late, _ in lines],
        "lost": [int(gap) for gap, _, _ in lines],
    }
    load = f"under {done} TLS sessions with the hub" if done else "without TLS"
    if not most.keeps(gaps):
        lost = Fault(f"{gaps} of {len(lines)} s lost samples, {load}", ONCE_MORE)
        return judged("samples", str(most), [lost], "", measured)
    well = f"none lost in {len(lines)} s {load}; {worst} ms late at worst of {slack_ms} ms"
    if done:
        return Check("samples", PASSED, str(most), well, measured)
    if not wanted:
        return Check("samples", PASSED, str(most), f"{well}: {_NO_HUB}", measured)
    why = "the hub let nobody in; burn in again once it does"
    return Check("samples", NOT_CONFIRMED, str(most), f"{well}: {why}", measured)
