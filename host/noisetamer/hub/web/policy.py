"""Policy: what holds in a square, what would with another, who has which; and its messages."""

import asyncio
import datetime
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.around import Around
from noisetamer.hub.live import UnitState
from noisetamer.hub.orders import policies
from noisetamer.hub.orders.policies import MAIN_KEYS, Reading, Told
from noisetamer.hub.orders.voices import Stored
from noisetamer.hub.people.roles import Account
from noisetamer.hub.permits import venues
from noisetamer.hub.squares.squares import Setting
from noisetamer.hub.web import backtest_run
from noisetamer.hub.web.allowed import ip_of, may_here
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.decides_by import decides_by
from noisetamer.hub.web.order_words import row
from noisetamer.hub.web.permit_form import pacts_in_force
from noisetamer.hub.web.step_in import Asked, draft_of, drafted, played, units_of, wav_of
from noisetamer.hub.web.templates import TEMPLATES, page
from noisetamer.hub.web.timeline import clock, decibels, to_the_minute
from noisetamer.hub.web.week_picture import MINUTES, week
from noisetamer.hub.words.i18n import Texts
from noisetamer.unit.voice.espeak import language_of
from tamer.judge.policy import Policy

BACKTEST_DAYS = (1, 7, 14, 28)
LATELY = 10

router = APIRouter()

Sees = Annotated[Account, Depends(may_here("policy.see"))]
Changes = Annotated[Account, Depends(may_here("policy.change"))]
Speaks = Annotated[Account, Depends(may_here("voices"))]
Text = Annotated[str, Body(max_length=policies.LONGEST_TEXT)]
Reason = Annotated[str, Body(max_length=200)]


@dataclass(frozen=True)
class Has:
    """What a unit decides by. name: of the policy, "" where this hub does not know it; since: in
    words."""

    unit: str
    place: str
    hash: str
    name: str
    since: str


@router.post("/policy/{square:path}/look")
async def look(
    square: str,
    hub: Hub,
    language: Language,
    account: Sees,
    text: Text,
    values: Annotated[dict[str, str], Body()],
) -> dict[str, Any]:
    """A text, with what a form has changed of it: its faults by line, or its week as a picture."""
    return await asyncio.to_thread(_looked_at, hub, square, language, text, values)


@router.post("/policy/{square:path}/backtest")
async def backtest(
    square: str,
    hub: Hub,
    language: Language,
    account: Sees,
    text: Text,
    unit: Annotated[str, Body()],
    days: Annotated[int, Body(ge=1, le=max(BACKTEST_DAYS))],
) -> dict[str, Any]:
    """What a unit's last days would have been with this policy, beside today's."""
    if unit not in {state.unit.id for state in units_of(hub, square)}:
        raise HTTPException(404, "No such unit.")
    texts = hub.texts[language]
    now = hub.live.states[unit].last or int(time.time())
    tomorrow = clock(now, hub.utc_offset).date() + datetime.timedelta(days=1)
    since = tomorrow - datetime.timedelta(days=days)
    today, known = await asyncio.to_thread(_todays, hub, square, unit)
    try:
        found = await backtest_run.backtest(
            hub.queries.file, unit, str(since), str(tomorrow), text, today
        )
    except UserError as error:
        raise HTTPException(422, say_in(language, str(error))) from None
    new, before = (each["whole"] for each in found["policies"])
    table = {"today": before, "new": new}
    html = TEMPLATES.get_template("backtest.html").render(
        texts=texts, table=table, found=found, known=known, days=days
    )
    return {"html": html}


@router.post("/policy/{square:path}/send", status_code=202)
async def send(
    square: str,
    request: Request,
    hub: Hub,
    language: Language,
    account: Changes,
    text: Text,
    reason: Reason,
    unit: Annotated[str, Body()] = "",
    replaces: Annotated[bool, Body()] = False,
) -> list[dict[str, Any]]:
    """Send a policy to the units of the square; the text is kept, as every one before.

    replaces: said to be meant to replace a policy whose text this hub does not have.
    """
    asked = Asked(square, unit, reason, account, request, hub, language)
    return await sent(asked, square, text, account.name, hub, language, replaces)


async def sent(
    asked: Asked,
    square: str,
    text: str,
    by: str,
    hub: Context,
    language: str,
    replaces: bool = False,
) -> list[dict[str, Any]]:
    """How each order stands. by, replaces: as of `send`. Raises HTTPException."""
    found = await asyncio.to_thread(_read, hub, square, text)
    if found.policy is None:
        raise HTTPException(422, _sentence(found.faults[0], language))
    known = _known(await asyncio.to_thread(hub.squares.history, square, policies.SETTING))
    has = await asyncio.to_thread(_have, hub, asked.chosen, known, language)
    if not replaces and _strange(has):
        raise HTTPException(422, hub.texts[language]["policy_replaces_why"])
    note = {"name": found.policy.name or found.hash, "hash": found.hash}
    body = {"text": text, **note}
    try:
        return await asked.give("policy", {}, found.body, note)
    finally:
        # whatever became of the others: a box that was given it is known by it
        if asked.given:
            put = hub.squares.put
            await asyncio.to_thread(put, square, policies.SETTING, body, by, time.time())


@router.post("/policy/{square:path}/sentence")
async def sentence(
    square: str,
    hub: Hub,
    language: Language,
    account: Speaks,
    text: Annotated[str, Body(embed=True, max_length=1000)],
) -> dict[str, Any]:
    """Have a message spoken, to be listened to before it is kept."""
    return await drafted(hub, language, account, text)


@router.api_route("/policy/{square:path}/sentence/{id}.wav", methods=READ)
async def listen(square: str, id: str, hub: Hub, account: Speaks) -> Response:
    """A message as a box will say it."""
    return await played(draft_of(hub, account, id).wav)


@router.post("/policy/{square:path}/voices")
async def add_voice(
    square: str,
    request: Request,
    hub: Hub,
    language: Language,
    account: Speaks,
    name: Annotated[str, Body(max_length=40)],
    draft: Annotated[str, Body()],
) -> dict[str, Any]:
    """Keep a sentence that was made as a message, under a name; units have it once it is sent."""
    message = draft_of(hub, account, draft)
    by, ip = account.name, ip_of(request)
    detail = {"name": name, "text": message.text}

    def keep() -> Stored:
        voices = hub.voices_in(square)
        voices.must_take(name)
        hub.people.audit(time.time(), by, "voice", square, "", detail, ip)
        return voices.add(name, message, language_of(message.text))

    try:
        stored = await asyncio.to_thread(keep)
    except UserError as error:
        raise HTTPException(422, say_in(language, str(error))) from None
    return stored._asdict()


@router.post("/policy/{square:path}/voices/{name}", status_code=202)
async def send_voice(
    square: str,
    name: str,
    request: Request,
    hub: Hub,
    language: Language,
    account: Speaks,
    reason: Reason,
    unit: Annotated[str, Body()] = "",
) -> list[dict[str, Any]]:
    """Send a message to the units of the square."""
    wav = await wav_of(hub, square, name)
    note = {"text": await asyncio.to_thread(lambda: hub.voices_in(square).text_of(name))}
    asked = Asked(square, unit, reason, account, request, hub, language)
    return await asked.give("voice", {"message": name}, wav, note)


@router.api_route("/policy/{square:path}", methods=READ, response_class=HTMLResponse)
async def policy(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Sees,
    permits: bool = False,
) -> HTMLResponse:
    """The page. permits: with the text that the square's permits ask for, to be looked at."""
    states = units_of(hub, square)
    told = await asyncio.to_thread(
        _told, hub, around if permits else None, square, states, language
    )
    names = [state.unit.id for state in states]
    orders = [
        asdict(row(order, hub.texts[language], hub.utc_offset, order.unit if names[1:] else ""))
        for order in await hub.orders.of(names, 60)
        if order.verb in ("policy", "voice")
    ][:LATELY]
    return page(
        "policy.html",
        request,
        hub,
        language,
        account,
        square=square,
        units=states,
        may_change=account.may("policy.change", square),
        may_speak=account.may("voices", square),
        keys=MAIN_KEYS,
        days=BACKTEST_DAYS,
        rows=orders,
        most_minutes=MINUTES,
        **told,
    )


def _told(
    hub: Context, around: Around | None, square: str, states: list[UnitState], language: str
) -> dict[str, Any]:
    """around: where the permits are to be put into the text."""
    sent = hub.squares.history(square, policies.SETTING)
    known = _known(sent)
    voices = hub.voices_in(square)
    own: list[Stored] = voices.own()
    has = _have(hub, states, known, language)
    text = before = sent[0].body["text"] if sent else ""
    if around:
        with suppress(UserError):  # told with all that is wrong with it
            text = venues.with_pacts(text, pacts_in_force(around, square, hub.people.clock()))
    return {
        "prepared": around is not None and text != before,
        "has": has,
        "replaces": _strange(has),
        "sent": [
            {
                "at": to_the_minute(each.at, hub.utc_offset),
                "by": each.by,
                "name": each.body["name"],
                "text": each.body["text"],
            }
            for each in sent
        ],
        "shipped": policies.shipped(),
        "text": text,
        "looked": _looked_at(hub, square, language, text, {}),
        "messages": voices.messages(),
        "own": {one.name for one in own},
    }


def _has(hub: Context, state: UnitState, known: dict[str, str], language: str) -> Has:
    texts = hub.texts[language]
    told = hub.queries.policy(state.unit.id)
    if told is None:
        return Has(state.unit.id, state.unit.name, "", "", texts["policy_never_told"])
    hash, t = told
    since = to_the_minute(t, hub.utc_offset)
    return Has(state.unit.id, state.unit.name, hash, known.get(hash, ""), since)


def _have(
    hub: Context, states: list[UnitState], known: dict[str, str], language: str
) -> list[Has]:
    return [_has(hub, state, known, language) for state in states]


def _strange(has: list[Has]) -> bool:
    """Whether one of them decides by a policy whose text this hub does not have."""
    return any(one.hash and not one.name for one in has)


def _known(sent: list[Setting]) -> dict[str, str]:
    """{hash: name} of the policies whose text this hub has."""
    names = {each.body["hash"]: each.body["name"] for each in reversed(sent)}
    for text in ("", *policies.shipped().values()):
        found = policies.read_once(text)
        if found.policy:
            names.setdefault(found.hash, found.policy.name)
    return names


def _todays(hub: Context, square: str, unit: str) -> tuple[str, bool]:
    """(the text of what a unit decides by, whether this hub knows it)."""
    found = decides_by(hub, square, unit)
    return (found.text, True) if found else ("", False)


def _read(hub: Context, square: str, text: str) -> Reading:
    own = {one.name for one in hub.voices_in(square).own()}
    today = clock(int(time.time()), hub.utc_offset).date()
    return policies.read(text, today, own)


def _looked_at(
    hub: Context, square: str, language: str, text: str, values: dict[str, str]
) -> dict[str, Any]:
    with suppress(UserError):  # told with all that is wrong with it
        text = policies.changed(text, values)
    found = _read(hub, square, text)
    days = week(found.policy, int(time.time()), hub.texts[language]) if found.policy else []
    picture = TEMPLATES.get_template("week.html").render(
        texts=hub.texts[language],
        week=days,
        most=MINUTES,
        besides=_besides(found.policy, hub.texts[language]),
        trial=_trial(found.policy, hub.texts[language]),
    )
    return {
        "text": text,
        "values": policies.main_values(text),
        "hash": found.hash,
        "faults": [_line(one, language) for one in found.faults],
        "remarks": [_line(one, language) for one in found.remarks],
        "week": picture,
        "size": len(found.body),
    }


def _besides(policy: Policy | None, texts: Texts) -> list[str]:
    """What it has the panel show besides, in words."""
    found = []
    if policy and policy.budget:
        limit, minutes = policy.budget
        found.append(texts["policy_budget"].format(limit=decibels(limit), minutes=minutes))
    if policy and policy.panel.digits:
        found.append(texts["policy_digits"])
    return found


def _trial(policy: Policy | None, texts: Texts) -> dict[str, Any] | None:
    """What incidents are dealt by lot, in words; None where nothing is."""
    if policy is None or policy.trial is None:
        return None
    total = sum(arm.weight for arm in policy.trial.arms)
    arms = []
    for arm in policy.trial.arms:
        said = texts["policy_trial_arm" if arm.polite.times else "policy_trial_firm"].format(
            name=arm.name,
            share=round(100 * arm.weight / total),
            after=arm.polite.after,
            polite=arm.polite.message,
            times=arm.polite.times,
            firm=arm.firm.message,
            gap=arm.firm.gap,
        )
        arms.append(said)
    return {"title": texts["policy_trial"].format(name=policy.trial.name), "arms": arms}


def _line(told: Told, language: str) -> dict[str, Any]:
    return {"line": told.line, "key": told.key, "sentence": say_in(language, told.sentence)}


def _sentence(told: Told, language: str) -> str:
    said = say_in(language, told.sentence)
    return f"{told.line}: {told.key}: {said}" if told.key else f"{told.line}: {said}"
