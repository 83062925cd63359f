"""The fleet as rows: what each unit has told of itself, and what of it wants care. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from noisetamer.hub.live import UnitState
from noisetamer.hub.squares.order import natural
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.condition import Condition, Told
from noisetamer.hub.web import chain_words
from noisetamer.hub.web.timeline import clock
from noisetamer.hub.web.view_model import address_of
from noisetamer.hub.words.i18n import Texts
from tamer.hear.self_check.verdict import GOOD, LIMIT, REFERENCE, TOO_LOUD
from tamer.record.reading import MISSING, is_dated

DAY = 86_400
# below this share of the day, somebody should look
LEAST_COVERAGE = 0.9
# a box asks for the time every hour: what is left is more than the way takes
MOST_CLOCK_ERROR = 2.0
CHECK_DAYS = 3
CALIBRATION_DAYS = 365
# dBm: below this a link breaks now and then
LEAST_RSSI = -80
# of its journal: fuller than that while it is online, something keeps it from being emptied
MOST_HELD = 0.5
# how long a loss is told
LOST_DAYS = 7
# of a chain, at most
CHAINS_TOLD = 3


@dataclass(frozen=True)
class Row:
    """One unit. address: of its card in the page of its square; ills: what wants care, the worst
    first; grave: whether it says nothing that can be relied on; deviations: of its nights, dB,
    None where a night has none; of each other cell, the words.
    """

    id: str
    title: str
    serial: str
    address: str
    grave: bool
    ills: tuple[str, ...]
    link: str
    seen: str
    firmware: str
    clock: str
    coverage: str
    check: str
    deviations: tuple[float | None, ...]
    calibration: str
    journal: str
    policy: str
    aside: str


@dataclass(frozen=True)
class Usual:
    """What most of a fleet have: firmware; policy, by square."""

    firmware: str | None
    policies: Mapping[str, str]


def now_at(state: UnitState, now: float) -> float:
    """Unix s. A simulated unit lives at another time: what it said last is now, there."""
    if state.unit.simulated and state.last is not None and is_dated(state.last):
        return state.last
    return now


def policy_of(state: UnitState) -> str | None:
    """The one it decided by last, as far as its last events say."""
    events = reversed(state.events)
    named = (event.fields["policy"] for event in events if "policy" in event.fields)
    return next(named, None)


def usual(
    states: Iterable[UnitState], told: Mapping[str, Condition], decided: Mapping[str, str | None]
) -> Usual:
    firmware: Counter[str] = Counter()
    policies: dict[str, Counter[str]] = {}
    for state in states:
        condition = told[state.unit.id]
        firmware.update(filter(None, [_firmware(condition)]))
        square = policies.setdefault(square_of(state.unit), Counter())
        square.update(filter(None, [decided.get(state.unit.id) or _policy(condition)]))
    most = firmware.most_common(1)
    return Usual(
        most[0][0] if most else None,
        {square: found.most_common(1)[0][0] for square, found in policies.items() if found},
    )


def rows(
    states: Sequence[UnitState],
    told: Mapping[str, Condition],
    decided: Mapping[str, str | None],
    texts: Texts,
    utc_offset: float,
    now: float,
    rootless: Collection[str] = (),
) -> list[Row]:
    """What is ill first, the gravest of all before; then by place. decided: {unit: its policy, of
    `policy_of`}; now: Unix s by the hub's clock; utc_offset: of the units' local time, h;
    rootless: units that have said that they have no key to verify a release by.
    """
    most = usual(states, told, decided)
    found = [
        _Teller(state, told[id], decided.get(id), most, texts, utc_offset, now).row(id in rootless)
        for state in states
        for id in [state.unit.id]
    ]
    return sorted(found, key=lambda row: (not row.grave, not row.ills, natural(row.title), row.id))


class _Teller:
    def __init__(
        self,
        state: UnitState,
        told: Condition,
        decided: str | None,
        most: Usual,
        texts: Texts,
        utc_offset: float,
        now: float,
    ) -> None:
        self.state, self.told, self.most = state, told, most
        self._decided = decided
        self.texts, self.utc_offset, self.now = texts, utc_offset, now_at(state, now)
        self.ills: list[str] = []
        self.grave = False
        self._unknown = texts["fleet_unknown"]

    def row(self, rootless: bool) -> Row:
        unit = self.state.unit
        cells = {
            "link": self._link(),
            "clock": self._clock(),
            "coverage": self._coverage(),
            "check": self._check(),
            "calibration": self._calibration(),
            "journal": self._journal(),
            "firmware": self._firmware(),
            "policy": self._policy(),
            "aside": self._aside(),
        }
        self._doctor()
        self._chain()
        if rootless:
            self._ill("no_root")
        return Row(
            id=unit.id,
            title=unit.place or unit.id,
            serial=unit.id if unit.place else "",
            address=f"{address_of(square_of(unit))}#unit-{unit.id}",
            grave=self.grave,
            ills=tuple(self.ills),
            seen=self._seen(),
            deviations=tuple(map(_deviation, self.told.checks)),
            **cells,
        )

    def _ill(self, key: str, *, grave: bool = False, **values: object) -> None:
        words = self.texts[f"fleet_ill_{key}"].format(**values)
        self.grave |= grave
        self.ills.insert(0, words) if grave else self.ills.append(words)

    def _at(self, t: float) -> str:
        local, today = (clock(int(one), self.utc_offset) for one in (t, self.now))
        if local.date() == today.date():
            return f"{local:%H:%M}"
        return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"

    def _seen(self) -> str:
        last = self.state.last
        if last is None:
            return ""
        return self._at(last) if is_dated(last) else self.texts["clock_not_set"]

    def _link(self) -> str:
        online = self.state.online
        if online is None:
            self._ill("never", grave=True)
            return self.texts["fleet_never"]
        if online:
            return self.texts["fleet_online"] + self._wifi()
        received = self.told.received
        self._ill(
            "offline", grave=True, time=self._unknown if received is None else self._at(received)
        )
        return self.texts["fleet_offline"]

    def _wifi(self) -> str:
        rssi = self.told.status.get("rssi")
        if rssi is None:
            return self.texts["fleet_wifi_unknown"]
        if rssi < LEAST_RSSI:
            self._ill("wifi", rssi=rssi)
        return self.texts["fleet_wifi"].format(rssi=rssi)

    def _firmware(self) -> str:
        found = _firmware(self.told)
        if found and self.most.firmware and found != self.most.firmware:
            self._ill("firmware", firmware=found, usual=self.most.firmware)
        boot = self.told.boot.fields if self.told.boot else {}
        for name in ("files", "unspoken"):
            if name in boot:
                self._ill(name, what="; ".join(f"{one}: {boot[name][one]}" for one in boot[name]))
        return found or self._unknown

    def _clock(self) -> str:
        if self.state.undated_for_ever or (
            self.state.last is not None and not is_dated(self.state.last)
        ):
            self._ill("undated")
        said = self.told.status.get("t")
        if said is None or self.told.received is None or not self.told.status.get("online"):
            return self._unknown
        if not is_dated(said):
            return self.texts["clock_not_set"]
        error = said - self.told.received
        drift = self.told.clock.fields.get("drift") if self.told.clock else None
        # it tells whole seconds, cut off
        error = max(0.0, error) if error > 0 else min(0.0, error + 1)
        if abs(error) > MOST_CLOCK_ERROR and not self.state.unit.simulated:
            self._ill("clock", error=f"{error:+.0f}")
        if self.state.unit.simulated:
            return self.texts["fleet_clock_simulated"]
        words = self.texts["fleet_clock"].format(error=f"{error:+.0f}")
        if drift is None:
            return words
        return words + self.texts["fleet_clock_drift"].format(drift=f"{drift / 10:+.1f}")

    def _coverage(self) -> str:
        if not self.told.seconds:
            return self._unknown
        share = min(1.0, self.told.valid / self.told.seconds)
        if share < LEAST_COVERAGE:
            self._ill("coverage", share=f"{100 * share:.0f}")
        return f"{100 * share:.0f} %"

    def _check(self) -> str:
        checks = self.told.checks
        done = [one for one in checks if one.fields["verdict"] != TOO_LOUD]
        if not checks:
            return self._unknown
        last = checks[-1]
        verdict = last.fields["verdict"]
        words = self.texts.get(f"verdict_{verdict}", verdict)
        if verdict not in (GOOD, REFERENCE, TOO_LOUD):
            self._ill("check", verdict=words)
        elif is_dated(last.t) and self.now - last.t > CHECK_DAYS * DAY:
            self._ill("check_old", time=self._at(last.t))
        elif verdict == TOO_LOUD and (not done or self.now - done[-1].t > CHECK_DAYS * DAY):
            self._ill("check_too_loud", days=CHECK_DAYS)
        deviation = _deviation(last)
        at = self._at(last.t) if is_dated(last.t) else self.texts["clock_not_set"]
        told = self.texts["fleet_check"].format(verdict=words, time=at)
        if deviation is not None:
            told += self.texts["fleet_deviation"].format(deviation=f"{deviation:+.1f}")
        return told

    def _calibration(self) -> str:
        """The hub is not told of calibrations; each begins a new reference of the self-check."""
        since = self.told.reference
        if since is None:
            return self._unknown
        due = since + CALIBRATION_DAYS * DAY
        if self.now >= due:
            self._ill("due", due=f"{clock(due, self.utc_offset):%Y-%m-%d}")
        return self.texts["fleet_reference"].format(
            since=f"{clock(since, self.utc_offset):%Y-%m-%d}",
            due=f"{clock(due, self.utc_offset):%Y-%m-%d}",
        )

    def _journal(self) -> str:
        status = self.told.status
        lost, refused = status.get("lost", 0), status.get("refused", 0)
        told = self.told.lost
        if told and is_dated(told.t) and self.now - told.t < LOST_DAYS * DAY:
            self._ill("lost", records=told.fields["records"], time=self._at(told.t))
        if not status.get("online"):
            return self._unknown
        words = self.texts["fleet_journal" if lost or refused else "fleet_journal_whole"]
        return words.format(lost=lost, refused=refused) + self._held()

    def _held(self) -> str:
        """How full it is."""
        held, room = self.told.status.get("held"), self.told.status.get("room")
        if held is None or not room:
            return self.texts["fleet_held_unknown"]
        share = min(1.0, held / room)
        percent = f"{100 * share:.0f}"
        if share > MOST_HELD:
            self._ill("held", share=percent)
        return self.texts["fleet_held"].format(share=percent)

    def _policy(self) -> str:
        boot = self.told.boot
        if boot and "policy_fault" in boot.fields:
            self._ill("policy_fault", what=boot.fields["policy_fault"])
        found = self._decided or _policy(self.told)
        others = self.most.policies.get(square_of(self.state.unit))
        if found and others and found != others:
            self._ill("policy", policy=found, usual=others)
        return found or self._unknown

    def _aside(self) -> str:
        counts = {
            "conflicts": self.state.conflicts,
            "refused": self.state.set_aside,
            "turned_away": self.state.turned_away,
        }
        for key, what in counts.items():
            if what:
                self._ill(key, count=what.count, time=self._at(what.received))
        told = [(key, what.count) for key, what in counts.items() if what]
        said = [self.texts[f"fleet_{key}"].format(count=count) for key, count in told]
        return self.texts["fleet_and"].join(said) or self.texts["fleet_none"]

    def _chain(self) -> None:
        """What was found lately of how its records follow each other."""
        for finding in self.state.chain[:CHAINS_TOLD]:
            words = chain_words.sentence(finding, self.texts, self.utc_offset)
            self.grave = True
            self.ills.insert(0, words)

    def _doctor(self) -> None:
        findings = self.told.doctor.fields["findings"] if self.told.doctor else []
        if findings:
            words = [self.texts.get(f"finding_{one}", str(one)) for one in findings]
            self._ill("doctor", grave=True, findings=self.texts["fleet_and"].join(words))


def _firmware(told: Condition) -> str | None:
    return told.status.get("firmware") or (told.boot.fields.get("firmware") if told.boot else None)


def _policy(told: Condition) -> str | None:
    """That of its last start."""
    return told.boot.fields.get("policy") if told.boot else None


def _deviation(check: Told) -> float | None:
    """The tone that is farthest off, dB."""
    found = [one for one in check.fields.get("deviations") or [] if one != MISSING]
    return max(found, key=abs) / 10 if found else None


def spark(deviations: Sequence[float | None], width: int = 90, height: int = 22) -> list[str]:
    """Points of the polylines that show the nights, in a picture of width x height whose middle
    is 0 dB; a night without a deviation breaks the line.
    """
    most = max([2 * LIMIT / 10, *(abs(one) for one in deviations if one is not None)])
    step = width / max(1, len(deviations) - 1)
    lines: list[list[str]] = [[]]
    for number, one in enumerate(deviations):
        if one is None:
            lines.append([])
            continue
        y = height / 2 - one / most * (height / 2 - 2)
        lines[-1].append(f"{number * step:.1f},{y:.1f}")
    return [" ".join(line) for line in lines if line]
