"""Checks of what connects: Wi-Fi, the hub, and the microphone while TLS keeps the chip busy."""

import json
from collections.abc import Sequence
from typing import Any

from noisetamer.workshop.burn_in.check import FAILED, NOT_CONFIRMED, NOT_RUN, PASSED, Check, judged
from noisetamer.workshop.burn_in.context import REACHES, Context
from noisetamer.workshop.burn_in.limits import limit

# So the unit's answer begins where the broker does not know its name or secret.
_REFUSED = "Refused"
_NOT_ADMITTED = (
    ": it knows those that were handed over. Flash without burn-in, then 'noisetamer ledger"
    " hand-over' and, at the hub, 'noisetamer admit', then burn in"
)

_NO_WIFI, _NO_HUB = "no Wi-Fi set", "no hub set"


def wifi(context: Context) -> list[Check]:
    """Whether it joins, and how strong the signal is."""
    if not context.about["wifi"]:
        return [Check("Wi-Fi", NOT_RUN, str(limit("wifi_signal")), _NO_WIFI)]
    joined, value = context.unit.call(REACHES, "join")
    return [judge_wifi(joined, value)]


def judge_wifi(joined: bool, value: int) -> Check:
    """value: the signal in dBm, or the chip's status where it did not join."""
    least = limit("wifi_signal")
    if not joined:
        reason = f"it does not join the Wi-Fi (status {value}): look at name, key and antenna"
        return Check("Wi-Fi", FAILED, str(least), reason, {"status": value})
    weak = [] if least.keeps(value) else [f"{value} dBm: look at the antenna and its plug"]
    return judged("Wi-Fi", str(least), weak, f"joined, at {value} dBm", {"signal_dBm": value})


def hub(context: Context) -> list[Check]:
    """A TLS session with the hub's broker, the unit's own name and secret, and a round trip."""
    most = limit("hub_answer")
    if not context.about["hub"]:
        return [Check("hub", NOT_RUN, str(most), _NO_HUB)]
    joined, value = context.unit.call(REACHES, "join")
    if not joined:
        return [Check("hub", FAILED, str(most), f"no Wi-Fi to reach it by (status {value})")]
    return [judge_hub(context.unit.call(REACHES, "reach"))]


def judge_hub(answer: str | Sequence[int]) -> Check:
    """answer: ms until it let the unit in and of a round trip, or why it did not."""
    most = limit("hub_answer")
    if isinstance(answer, str):
        reason = f"it does not let the unit in ({answer})"
        if answer.startswith(_REFUSED):
            reason += _NOT_ADMITTED
        return Check("hub", FAILED, str(most), reason)
    welcome, trip = answer
    measured = {"let_in_ms": welcome, "round_trip_ms": trip}
    slow = [] if most.keeps(trip) else [f"a round trip takes {trip} ms"]
    well = f"let in after {welcome} ms of TLS, a round trip takes {trip} ms"
    return judged("hub", str(most), slow, well, measured)


def samples(context: Context) -> list[Check]:
    """Whether the microphone's samples all arrive, by hearing's own rule."""
    busy = context.about["hub"] and context.unit.call(REACHES, "join")[0]
    seconds = max(1, round(60 * context.minutes))
    lines = [json.loads(line) for line in context.unit.lines(REACHES, "watch", seconds, busy)]
    return [judge_samples(lines, busy, context.about["slack_ms"])]


def judge_samples(lines: Sequence[Sequence[Any]], busy: bool, slack_ms: int) -> Check:
    """lines: a second each: whether samples were lost, ms it came late, (sessions done and
    failed) by then. slack_ms: how late the driver bears. busy: TLS was asked for."""
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
        reason = f"{gaps} of {len(lines)} s lost samples, {load}"
        return Check("samples", FAILED, str(most), reason, measured)
    well = f"none lost in {len(lines)} s {load}; {worst} ms late at worst of {slack_ms} ms"
    if done:
        return Check("samples", PASSED, str(most), well, measured)
    why = "the hub let nobody in" if busy else _NO_HUB
    return Check("samples", NOT_CONFIRMED, str(most), f"{well}: {why}", measured)
