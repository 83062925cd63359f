"""One unit: its levels as data, and what it can be asked to do."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from noisetamer.hub.live import UnitState
from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web.allowed import Asks, may, require
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.last_hours import with_limits
from noisetamer.hub.web.packed import answer
from noisetamer.hub.web.step_in import Asked
from noisetamer.hub.web.timeline import clock, midnight
from noisetamer.hub.web.view_model import hour_row

HOURS = 24

router = APIRouter()


async def _state(hub: Hub, id: str, account: Asks) -> UnitState:
    """Of a square that the account does not see there is no unit."""
    state = hub.live.states.get(id)
    if state is None or not account.may("see", square_of(state.unit)):
        raise HTTPException(404, "No such unit.")
    return state


State = Annotated[UnitState, Depends(_state)]
Time = Annotated[int, Query(ge=0, lt=2**32)]
Mark = Annotated[str, Query(max_length=40)]


@router.api_route("/units/{id}/last-hour", methods=READ)
def last_hour(
    id: str, request: Request, state: State, hub: Hub, language: Language, after: Mark = ""
) -> Response:
    """The curve: levels of the hour up to the newest second, 0.1 dB, null where not valid; span:
    how long that is, in words; mark: of what it is. after: a mark, of which only what is new
    since then is told (`LastHours.told`), where it is known.
    """
    told = hub.last_hours.last_hour(state, after)
    return answer(request, with_limits(state, hub.texts[language], hub.utc_offset, told))


@router.api_route("/units/{id}/hour", methods=READ)
def hour(
    id: str, since: Time, request: Request, state: State, hub: Hub, language: Language
) -> Response:
    """The curve of an hour that has gone by, from a Unix time on, as `last_hour`; of its limit
    what events told."""
    curve = hub.queries.hour_from(id, since, state.unit.replaced)
    at = clock(since, hub.utc_offset)
    found = {
        **vars(curve),
        "limit": hub.levels.limits([id, *state.unit.replaced], since, since + 3600),
        "utc_offset": hub.utc_offset,
        "span": hub.texts[language]["past_hour"].format(day=f"{at:%m-%d}", time=f"{at:%H:%M}"),
    }
    return answer(request, found)


@router.api_route("/units/{id}/hours", methods=READ)
def hours(id: str, state: State, hub: Hub, day: date | None = None) -> list[dict[str, str]]:
    """A row of text for each of the last 24 hours, or of those of a day, of which something is
    known, newest first."""
    until = midnight(day, hub.utc_offset) + HOURS * 3600 if day else None
    found = hub.queries.hours(id, HOURS, hub.utc_offset, state.unit.replaced, until)
    return [hour_row(hour, hub.utc_offset) for hour in found]


@router.post("/units/{id}/examine")
async def examine(
    id: str,
    request: Request,
    state: State,
    hub: Hub,
    language: Language,
    account: Annotated[Account, Depends(may("examine"))],
) -> dict[str, str]:
    """Order the unit to examine its microphone; the answer says what happens next."""
    texts = hub.texts[language]
    square = square_of(state.unit)
    require(account, "examine", square)
    if state.online is not True:
        raise HTTPException(409, texts["examine_offline"])
    asked = Asked(square, id, texts["examine_reason"], account, request, hub, language)
    await asked.give("examine", {}, None, {})
    return {"detail": texts["examine_asked"]}
