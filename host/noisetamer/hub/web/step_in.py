"""Step in: a hand that reaches into one square. Orders are given, and seen to be carried out."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.live import Listener, UnitState
from noisetamer.hub.orders import speech
from noisetamer.hub.orders.ledger import Order
from noisetamer.hub.orders.speech import Message
from noisetamer.hub.orders.verbs import VERBS
from noisetamer.hub.orders.voices import Stored, in_order_of_use
from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web.allowed import ip_of, may_here, require
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.order_words import row
from noisetamer.hub.web.signs_of_life import RECONNECT_MS, SignsOfLife
from noisetamer.hub.web.templates import page

LATELY = 20
# so much unread, a page is told no more numbers until it has caught up
SLOW = 50
LONGEST_HELD_S = 12

_REASONS = ("reason_too_loud", "reason_complaint", "reason_event", "reason_try")
_PERMISSIONS = ("say", "speak", "spotlight", "mute", "volume", "examine", "calibrate", "restart")

router = APIRouter()

Anybody = Annotated[Account, Depends(may_here("see"))]
Speaker = Annotated[Account, Depends(may_here("speak"))]


def units_of(hub: Context, square: str) -> list[UnitState]:
    """Of a square, by id. Raises HTTPException, 404, where there is none."""
    found = [
        state for _, state in sorted(hub.live.states.items()) if square_of(state.unit) == square
    ]
    if not found:
        raise HTTPException(404, "No such square.")
    return found


async def _listener(square: str, hub: Hub, account: Anybody) -> AsyncIterator[Listener]:
    """Until the stream is over. What is refused is so before the answer has begun."""
    units_of(hub, square)
    listener = hub.live.listen()
    if listener is None:
        raise HTTPException(503, "Too many open pages; close one and try again.")
    try:
        yield listener
    finally:
        hub.live.leave(listener)


@router.get("/step-in/{square:path}/events", response_class=EventSourceResponse)
async def events(
    square: str,
    hub: Hub,
    language: Language,
    listener: Annotated[Listener, Depends(_listener)],
) -> AsyncIterator[ServerSentEvent]:
    """`order`: one as it stands now; `card`: a unit's number and stage; `alive`: nothing new."""
    states = units_of(hub, square)
    names, places = {state.unit.id for state in states}, _places(states)
    news: asyncio.Queue[ServerSentEvent | None] = asyncio.Queue()

    def changed(order: Order) -> None:
        if order.unit in names:
            news.put_nowait(_event("order", _row(hub, order, language, places)))

    end = hub.orders.subscribe(changed)
    cards = asyncio.create_task(_cards(hub, listener, names, language, news))
    try:
        yield ServerSentEvent(retry=RECONNECT_MS)
        # what has changed since the page was made, or while the stream was broken
        for order in await hub.orders.of(names, LATELY):
            changed(order)
        while (event := await news.get()) is not None:
            yield event
    finally:
        end()
        cards.cancel()


@router.post("/step-in/{square:path}/orders", status_code=202)
async def order(
    square: str,
    request: Request,
    hub: Hub,
    language: Language,
    account: Anybody,
    verb: Annotated[str, Body()],
    reason: Annotated[str, Body(max_length=200)],
    fields: Annotated[dict[str, str | int], Body()],
    unit: Annotated[str, Body()] = "",
) -> list[dict[str, Any]]:
    """Give an order of a few words to one unit of the square, or to all; how each stands."""
    if verb not in VERBS or verb in ("play", "policy", "voice", "update"):
        raise HTTPException(422, "no such order")
    note = {}
    if verb == "say":
        name = str(fields.get("message", ""))
        note["text"] = await asyncio.to_thread(lambda: hub.voices_in(square).text_of(name))
    if verb == "mute":
        fields = {**fields, "reason": reason}
    told = Asked(square, unit, reason, account, request, hub, language)
    return await told.give(verb, fields, None, note)


@router.post("/step-in/{square:path}/sentence")
async def sentence(
    square: str,
    hub: Hub,
    language: Language,
    account: Speaker,
    text: Annotated[str, Body(embed=True, max_length=1000)],
) -> dict[str, Any]:
    """Have a sentence spoken, to be listened to; its id orders it."""
    return await drafted(hub, language, account, text)


@router.api_route("/step-in/{square:path}/sentence/{id}.wav", methods=READ)
async def listen(square: str, id: str, hub: Hub, account: Speaker) -> Response:
    """A sentence as the box will say it."""
    return await played(draft_of(hub, account, id).wav)


@router.post("/step-in/{square:path}/sentence/{id}", status_code=202)
async def say_sentence(
    square: str,
    id: str,
    request: Request,
    hub: Hub,
    language: Language,
    account: Speaker,
    reason: Annotated[str, Body(max_length=200)],
    unit: Annotated[str, Body()] = "",
) -> list[dict[str, Any]]:
    """Have the box say what was made of a text, byte by byte what could be listened to."""
    message = draft_of(hub, account, id)
    told = Asked(square, unit, reason, account, request, hub, language)
    return await told.play(message)


@router.post("/step-in/{square:path}/talk", status_code=202)
async def talk(
    square: str,
    request: Request,
    hub: Hub,
    language: Language,
    account: Speaker,
    reason: str,
    unit: str = "",
) -> list[dict[str, Any]]:
    """Have the box say what was recorded while the button was held: a WAV as body."""
    recording = bytearray()
    async for piece in request.stream():
        recording += piece
        if len(recording) > speech.LARGEST_RECORDING:
            raise HTTPException(413, "the recording is too large")
    message = await _made(language, speech.of_recording, bytes(recording))
    told = Asked(square, unit, reason, account, request, hub, language)
    return await told.play(message)


@router.api_route("/step-in/{square:path}/messages/{name}", methods=READ)
async def listen_to_message(square: str, name: str, hub: Hub, account: Anybody) -> Response:
    """A stored message as the box says it."""
    return await played(await wav_of(hub, square, name))


@router.api_route("/step-in/{square:path}", methods=READ, response_class=HTMLResponse)
async def step_in(
    square: str, request: Request, hub: Hub, language: Language, account: Anybody
) -> HTMLResponse:
    """The page. Who may do nothing here is refused."""
    allowed = {one: account.may(one, square) for one in _PERMISSIONS}
    if not any(allowed.values()):
        raise HTTPException(403, "not allowed")
    states = units_of(hub, square)
    if allowed["speak"]:
        asyncio.get_running_loop().run_in_executor(None, speech.get_ready)
    cards = [told.card for state in states if (told := hub.cards.one(state.unit.id, language))]
    texts = hub.texts[language]
    return page(
        "step-in.html",
        request,
        hub,
        language,
        account,
        square=square,
        cards=cards,
        may=allowed,
        reasons=_REASONS,
        messages=await _messages(hub, square),
        most_text=speech.LONGEST_TEXT,
        longest=LONGEST_HELD_S,
        sees_policy=account.may("policy.see", square),
        rows=await _rows(hub, states, language),
        words=json.dumps({key: texts[key] for key in texts if key.startswith("now_")}),
    )


async def drafted(hub: Context, language: str, account: Account, text: str) -> dict[str, Any]:
    """A sentence, kept for this account. Raises HTTPException with what is wrong with it."""
    message = await _made(language, speech.of_text, text, language)
    id = hub.drafts.keep(account.id, message)
    return {"id": id, "length": message.length, "text": message.text}


def draft_of(hub: Context, account: Account, id: str) -> Message:
    """What was drafted. Raises HTTPException, 404."""
    message = hub.drafts.get(account.id, id)
    if message is None:
        raise HTTPException(404, "No such sentence.")
    return message


async def wav_of(hub: Context, square: str, name: str) -> bytes:
    """A stored message. Raises HTTPException, 404."""
    wav = await asyncio.to_thread(lambda: hub.voices_in(square).wav_of(name))
    if wav is None:
        raise HTTPException(404, "No such message.")
    return wav


async def played(wav: bytes) -> Response:
    """A sound as a box plays it."""
    return Response(await asyncio.to_thread(speech.played, wav), media_type="audio/wav")


class Asked:
    """Who asks what of whom, and why."""

    def __init__(
        self,
        square: str,
        unit: str,
        reason: str,
        account: Account,
        request: Request,
        hub: Context,
        language: str,
    ) -> None:
        """unit: "" for all of the square. Raises HTTPException where there is none."""
        self._states = units_of(hub, square)
        self.chosen = [one for one in self._states if unit in ("", one.unit.id)]
        if not self.chosen:
            raise HTTPException(404, "No such unit.")
        self._square, self._reason, self._account = square, reason.strip(), account
        self._ip = ip_of(request)
        self._hub, self._language = hub, language
        self.given: list[Order] = []

    async def play(self, message: Message) -> list[dict[str, Any]]:
        note: dict[str, Any] = {"text": message.text, "length": message.length}
        return await self.give("play", {}, message.wav, note)

    async def give(
        self, verb: str, fields: dict[str, Any], body: bytes | None, note: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """How each order stands; last, as refused, those of units that take none.

        Raises HTTPException: not allowed, or not to be had by any of them.
        """
        require(self._account, VERBS[verb].permission, self._square)
        hub, who = self._hub, self._account
        if who.display not in ("", who.name):
            note = {**note, "display": who.display}
        if not self._reason:
            raise HTTPException(422, hub.texts[self._language]["order_needs_reason"])
        # looked at first: what one has been given is not taken back for the next one's sake
        takers = await hub.orders.takers(state.unit.id for state in self.chosen)
        units = [state.unit.id for state in self.chosen if state.unit.id in takers]
        given = self.given
        for unit in units or [self.chosen[0].unit.id]:
            try:
                order = await hub.orders.give(
                    unit,
                    verb,
                    fields,
                    by=who.name,
                    role=who.role,
                    reason=self._reason,
                    body=body,
                    note=note,
                    ip=self._ip,
                )
            except UserError as error:
                raise HTTPException(422, say_in(self._language, str(error))) from None
            given.append(order)
        places = _places(self._states)
        rows = [_row(hub, order, self._language, places) for order in given]
        for state in self.chosen:
            if (unit := state.unit.id) not in takers:
                refused = replace(given[-1], unit=unit, state="refused", why="no key")
                row = _row(hub, refused, self._language, places)
                rows.append(row | {"id": f"{unit}-none-{given[-1].n}"})
        return rows


async def _made(language: str, make: Callable[..., Message], *source: Any) -> Message:
    """Beside the loop: it takes up to a second. Raises HTTPException with what is wrong."""
    try:
        return await asyncio.to_thread(make, *source)
    except UserError as error:
        raise HTTPException(422, say_in(language, str(error))) from None


async def _messages(hub: Context, square: str) -> list[Stored]:
    return in_order_of_use(await asyncio.to_thread(lambda: hub.voices_in(square).messages()))


async def _rows(hub: Context, states: list[UnitState], language: str) -> list[dict[str, Any]]:
    orders = await hub.orders.of([state.unit.id for state in states], LATELY)
    places = _places(states)
    return [_row(hub, order, language, places) for order in orders]


def _row(hub: Context, order: Order, language: str, places: dict[str, str]) -> dict[str, Any]:
    texts = hub.texts[language]
    state = hub.live.states.get(order.unit)
    online = state is not None and state.online is True
    return asdict(row(order, texts, hub.utc_offset, places.get(order.unit, ""), online))


def _places(states: list[UnitState]) -> dict[str, str]:
    """What tells the units of a square apart; {} where there is one."""
    if len(states) == 1:
        return {}
    return {state.unit.id: state.unit.name or state.unit.id for state in states}


async def _cards(
    hub: Context,
    listener: Listener,
    names: set[str],
    language: str,
    into: "asyncio.Queue[ServerSentEvent | None]",
) -> None:
    def tell(ids: Iterable[str]) -> None:
        for told in filter(None, [hub.cards.one(id, language) for id in ids]):
            into.put_nowait(ServerSentEvent(event="card", raw_data=told.data))

    signs_of_life = SignsOfLife()
    tell(sorted(names))
    async for news in listener.news():
        while into.qsize() > SLOW:
            await asyncio.sleep(0.5)
        here = [id for kind, id in news if kind == "card" and id in names]
        tell(here)
        if not here and signs_of_life.due(news):
            into.put_nowait(_event("alive", {}))
    into.put_nowait(None)


def _event(name: str, data: object) -> ServerSentEvent:
    return ServerSentEvent(event=name, raw_data=json.dumps(data, ensure_ascii=False))
