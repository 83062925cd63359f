"""Presets: policy and calls for many squares at once, which squares have drifted, and back.

The city makes them; districts hold their squares to them.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.around import Around
from noisetamer.hub.incidents.plan import SHIPPED
from noisetamer.hub.orders import policies
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.roles import Account
from noisetamer.hub.permits import venues
from noisetamer.hub.presets import drift
from noisetamer.hub.presets.drift import Drift
from noisetamer.hub.presets.presets import Preset
from noisetamer.hub.web.allowed import by, may, require
from noisetamer.hub.web.calls import SETTING as CALLS
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.permit_form import pacts_in_force
from noisetamer.hub.web.policy import sent
from noisetamer.hub.web.step_in import Asked, units_of
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import to_the_minute

router = APIRouter()

Sees = Annotated[Account, Depends(may("policy.see"))]
Changes = Annotated[Account, Depends(may("policy.change"))]
Name = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True)
class Held:
    """A square that is held to a preset. policy, calls: in what it has drifted; others: boxes that
    decide by another policy than the square was sent last; fault: why nothing can be said.
    """

    square: str
    policy: list[Drift]
    calls: list[Drift]
    others: list[str]
    fault: str
    may_change: bool

    @property
    def drifted(self) -> bool:
        return bool(self.policy or self.calls or self.others or self.fault)


@router.api_route("/presets", methods=READ, response_class=HTMLResponse)
async def presets(
    request: Request, hub: Hub, around: Beside, language: Language, account: Sees
) -> HTMLResponse:
    """Each preset, and its squares."""
    return await _page(request, hub, around, language, account)


@router.post("/presets")
async def take(
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Changes,
    name: Name,
    square: Name,
) -> Response:
    """Make a preset, or its next version, of what a square has."""
    hub.must_be(square)
    require(account, "policy.change", square)
    if account.district:  # a name would be taken, or not, by another district's
        raise HTTPException(403, "not allowed")
    who, now = by(request), time.time()

    def put() -> None:
        _is_ones_own(around, account, name)
        text = venues.with_pacts(around.policies.text(square), [])
        text = policies.changed(text, dict.fromkeys(drift.OWN, ""))
        if policies.read_once(text).policy is None:
            raise UserError("the policy of that square has faults")
        _audit(hub, who, "preset", square, {"preset": name}, now)
        around.presets.put(name, text, _calls(hub, square), who.name, now)

    return await _done(put, request, hub, around, language, account)


@router.post("/presets/hold")
async def hold(
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Changes,
    square: Name,
    name: Name = "",
) -> Response:
    """Hold a square to a preset, or to none; nothing is sent."""
    hub.must_be(square)
    require(account, "policy.change", square)
    who, now = by(request), time.time()

    def put() -> None:
        _audit(hub, who, "preset hold", square, {"preset": name}, now)
        around.presets.hold(square, name, who.name, now)

    return await _done(put, request, hub, around, language, account)


@router.post("/presets/back")
async def back(
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Changes,
    square: Name,
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Bring a square back to its preset: its policy by an order to each of its boxes, with its own
    name and its pacts; its calls at once."""
    hub.must_be(square)
    require(account, "policy.change", square)
    require(account, "squares.change", square)
    preset = await asyncio.to_thread(_preset_of, around, square)
    if preset is None:
        raise HTTPException(409, "This square is held to no preset.")
    held = await asyncio.to_thread(_held, hub, around, account, preset, square)
    who, now = by(request), time.time()
    if held.calls:

        def put() -> None:
            _audit(hub, who, CALLS, square, preset.calls, now)
            hub.squares.put(square, CALLS, preset.calls, who.name, now)

        await asyncio.to_thread(put)
    if held.policy or held.others or held.fault:
        why = reason.strip() or hub.texts[language]["preset_reason"].format(name=preset.name)
        asked = Asked(square, "", why, account, request, hub, language)
        its_own = await asyncio.to_thread(around.policies.text, square)
        text = drift.of_square(preset.policy, its_own)
        pacts = await asyncio.to_thread(pacts_in_force, around, square, hub.people.clock())
        try:
            text = venues.with_pacts(text, pacts)
            await sent(asked, square, text, who.name, hub, language, replaces=True)
        except HTTPException as refused:
            said = str(refused.detail)
            return await _page(request, hub, around, language, account, said)
    return RedirectResponse("/presets", 303)


async def _done(
    put: Callable[[], None],
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account,
) -> Response:
    try:
        await asyncio.to_thread(put)
    except UserError as error:
        return await _page(request, hub, around, language, account, say_in(language, str(error)))
    return RedirectResponse("/presets", 303)


async def _page(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account,
    fault: str = "",
) -> HTMLResponse:
    def look() -> tuple[list[tuple[Preset, str, list[Held]]], list[str]]:
        squares = [name for name in hub.square_names() if account.may("policy.see", name)]
        of = around.presets.held()
        found = []
        for preset in around.presets.all():
            its = [square for square in squares if of.get(square) == preset.name]
            held = [_held(hub, around, account, preset, square) for square in its]
            since = to_the_minute(preset.at, hub.utc_offset)
            found.append((preset, since, held))
        return found, [square for square in squares if square not in of]

    found, free = await asyncio.to_thread(look)
    return page(
        "presets.html",
        request,
        hub,
        language,
        account,
        status=422 if fault else 200,
        presets=found,
        free=[one for one in free if account.may("policy.change", one)],
        mine=[
            one
            for one in hub.square_names()
            if account.may("policy.change", one) and account.district is None
        ],
        names=[preset.name for preset, *_ in found],
        fault=fault,
    )


def _held(hub: Context, around: Around, account: Account, preset: Preset, square: str) -> Held:
    fault, in_policy = "", []
    text = around.policies.text(square)
    try:
        in_policy = drift.in_policy(preset.policy, venues.with_pacts(text, []))
    except UserError as error:
        fault = str(error)
    hash = policies.read_once(text).hash
    others = []
    for state in units_of(hub, square):
        told = hub.queries.policy(state.unit.id)
        if told is None or told[0] != hash:
            others.append(state.unit.name or state.unit.id)
    calls = drift.in_calls(preset.calls, _calls(hub, square))
    return Held(square, in_policy, calls, others, fault, account.may("policy.change", square))


def _preset_of(around: Around, square: str) -> Preset | None:
    name = around.presets.held().get(square)
    return next((one for one in around.presets.all() if one.name == name), None)


def _is_ones_own(around: Around, account: Account, name: str) -> None:
    """Raises UserError: other squares go by the next version of one that is there already."""
    name = " ".join(name.split())
    made = next((one for one in around.presets.all() if one.name == name), None)
    if account.squares is None or made is None:
        return
    held = [square for square, preset in around.presets.held().items() if preset == name]
    if made.by != account.name or not all(account.may("policy.change", one) for one in held):
        raise UserError("a preset of that name is for other squares too: give yours another name")


def _calls(hub: Context, square: str) -> dict:
    return hub.squares.setting(square, CALLS) or dict(SHIPPED)


def _audit(hub: Context, who: By, what: str, square: str, detail: dict, now: float) -> None:
    hub.people.audit(now, who.name, what, square, detail=detail, ip=who.ip)
