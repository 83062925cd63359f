"""What stands around the squares of one hub: put together here, opened and closed together."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from noisetamer.hub import registry
from noisetamer.hub.complaints.complaints import FILE as COMPLAINTS
from noisetamer.hub.complaints.complaints import Complaints
from noisetamer.hub.facts.facts import Facts
from noisetamer.hub.facts.sources import Sources
from noisetamer.hub.facts.weather import FILE as WEATHER
from noisetamer.hub.facts.weather import Weather
from noisetamer.hub.open_day.open_day import FILE as OPEN_DAY
from noisetamer.hub.open_day.open_day import OpenDay
from noisetamer.hub.patrols.patrols import Patrols
from noisetamer.hub.patrols.schema import FILE as PATROLS
from noisetamer.hub.people.districts import district_at
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import FILE as PERMITS
from noisetamer.hub.permits.permits import Permits
from noisetamer.hub.permits.signing import PermitSigner
from noisetamer.hub.permits.square_policy import SquarePolicies
from noisetamer.hub.presets.presets import FILE as PRESETS
from noisetamer.hub.presets.presets import Presets
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.toolbox.saved import FILE as SAVED
from noisetamer.hub.toolbox.saved import Saved
from tamer.record.seal import digits_of

_EVER = 1 << 40


@dataclass(frozen=True)
class Around:
    """data: the hub's folder."""

    data: Path
    policies: SquarePolicies
    permits: Permits
    permit_signer: PermitSigner
    complaints: Complaints
    patrols: Patrols
    open_day: OpenDay
    presets: Presets
    weather: Weather
    facts: Facts
    saved: Saved

    def close(self) -> None:
        """Let go of all files."""
        self.facts.close()
        self.permits.close()
        self.complaints.close()
        self.patrols.close()
        self.open_day.close()
        self.presets.close()
        self.weather.close()
        self.saved.close()
        self.policies.close()


def around_of(
    data: Path, utc_offset: float = 8.0, hub: str = "hub", clock: Callable[[], float] = time.time
) -> Around:
    """Of the hub in `data`. utc_offset: of the squares' clock, h; hub: how it is called; clock:
    Unix s. Raises UserError for a file that cannot be used."""
    policies = SquarePolicies(Squares(data / "squares.sqlite"), utc_offset)
    signer = PermitSigner(data, hub, partial(district_at, data / "people.sqlite"))

    def sign(group: Group, permit: Permit, number: str, at: int) -> str:
        return signer.document(group, permit, number, at, policies.calendar(permit.square))

    permits = Permits(data / PERMITS, policies.calendar, sign, clock)
    complaints = Complaints(data / COMPLAINTS)
    patrols = Patrols(data / PATROLS, registry.Units(data / "units.sqlite").command_key, digits_of)
    open_day = OpenDay(data / OPEN_DAY)
    sources = Sources(
        complaints=lambda: complaints.between(0, _EVER),
        groups=permits.groups,
        permits=permits.permits,
        points=patrols.points,
        held=patrols.held,
        check_ins=lambda: patrols.check_ins(0, _EVER),
        questions=open_day.questions,
        calendar=policies.calendar,
    )
    return Around(
        data,
        policies,
        permits=permits,
        permit_signer=signer,
        complaints=complaints,
        patrols=patrols,
        open_day=open_day,
        presets=Presets(data / PRESETS),
        weather=Weather(data / WEATHER),
        facts=Facts(data, sources, utc_offset),
        saved=Saved(data / SAVED),
    )
