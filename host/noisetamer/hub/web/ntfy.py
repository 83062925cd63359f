"""ntfy's subscribe protocol: its phone app is given the hub's address and a topic, and rings."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.convertors import StringConvertor, register_url_convertor

from noisetamer.hub.phones import ntfy, reached
from noisetamer.hub.phones.listeners import Listener
from noisetamer.hub.phones.phones import Phones
from noisetamer.hub.web.allowed import anyone
from noisetamer.hub.web.context import READ
from noisetamer.hub.web.phones import PhonesOf

router = APIRouter(dependencies=[Depends(anyone)])

_FORBIDDEN = ntfy.error(40301, 403, "forbidden: no phone of this hub has that topic")
_NOT_PUBLISHED = ntfy.error(40301, 403, "forbidden: only the hub itself publishes here")
_BAD_SINCE = ntfy.error(40008, 400, "invalid since parameter: use all, none, 10m, a time or an id")
_TOO_MANY = ntfy.error(42901, 429, "too many connections: close one and try again")


class _Topics(StringConvertor):
    regex = ntfy.TOPICS


register_url_convertor("ntfy", _Topics())


@router.api_route("/v1/health", methods=READ)
async def healthy() -> dict[str, bool]:
    """What the app asks a server first."""
    return {"healthy": True}


@router.api_route("/{topics:ntfy}/auth", methods=READ)
async def auth(topics: str, phones: PhonesOf) -> Response:
    """Whether these topics may be read: whoever knows a topic that a phone has, may."""
    if not await _all_known(phones, topics):
        return _answer(_FORBIDDEN)
    return JSONResponse({"success": True})


@router.api_route("/{topics:ntfy}/{form}", methods=READ)
async def subscribe(topics: str, form: str, request: Request, phones: PhonesOf) -> Response:
    """`json`, `sse` or `raw`: a stream of messages. Query: `since`, `poll`."""
    if form not in ntfy.FORMS:
        refused = form in ("publish", "send", "trigger")
        return _answer(_NOT_PUBLISHED if refused else ntfy.error(40401, 404, "page not found"))
    if not await _all_known(phones, topics):
        return _answer(_FORBIDDEN)
    names = tuple(dict.fromkeys(topics.split(",")))
    poll = ntfy.is_true(_asked(request, "poll", "po"))
    try:
        since = ntfy.since(_asked(request, "since", "si"), poll, phones.clock())
    except ValueError:
        return _answer(_BAD_SINCE)
    write, media_type = ntfy.FORMS[form]
    if request.method == "HEAD":
        return Response(media_type=media_type)
    n = await phones.streams.start(names, since)
    if poll:
        # the whole answer at once: whoever polls waits for it
        told = [each async for each in phones.streams.poll(names, n, reached.by(None))]
        return Response("".join(map(write, told)), media_type=media_type)
    listener = phones.listeners.enter(names)
    if listener is None:
        return _answer(_TOO_MANY)
    arrived = reached.by(getattr(request.state, "transport", None))

    async def lines() -> AsyncIterator[str]:
        try:
            async for told in phones.streams.follow(listener, n, arrived):
                yield write(told)
        finally:
            phones.listeners.leave(listener)

    return StreamingResponse(lines(), media_type=media_type, headers={"X-Accel-Buffering": "no"})


async def subscribe_by_websocket(socket: WebSocket) -> None:
    """The same as `json`, a text frame a line."""
    phones: Phones = socket.app.state.phones
    topics: str = socket.path_params["topics"]
    names = tuple(dict.fromkeys(topics.split(",")))
    try:
        since = ntfy.since(socket.query_params.get("since", ""), False, phones.clock())
    except ValueError:
        await socket.close(1008, "invalid since")
        return
    if not await _all_known(phones, topics):
        await socket.close(1008, "forbidden")
        return
    n = await phones.streams.start(names, since)
    listener = phones.listeners.enter(names)
    if listener is None:
        await socket.close(1013, "too many connections")
        return
    try:
        await socket.accept()
        arrived = reached.by(getattr(socket.state, "transport", None))
        await _until_either(_tell(phones, listener, n, arrived, socket.send_text), _gone(socket))
    finally:
        phones.listeners.leave(listener)


# Starlette's own: FastAPI's would ask the dependencies of requests
router.add_websocket_route("/{topics:ntfy}/ws", subscribe_by_websocket)


@router.api_route("/{topics:ntfy}", methods=["PUT", "POST"])
@router.api_route("/{topics:ntfy}/{rest:path}", methods=["PUT", "POST"])
async def publish(topics: str) -> Response:
    """Nobody from outside makes phones ring."""
    return _answer(_NOT_PUBLISHED)


async def _all_known(phones: Phones, topics: str) -> bool:
    return await asyncio.to_thread(phones.are_topics, topics.split(","))


async def _tell(
    phones: Phones,
    listener: Listener,
    n: int,
    arrived: reached.Reached,
    send: Callable[[str], Awaitable[None]],
) -> None:
    async for told in phones.streams.follow(listener, n, arrived):
        await send(ntfy.as_ws(told))


async def _gone(socket: WebSocket) -> None:
    """Ends when the other side does; what it says is not listened to."""
    try:
        while True:
            await socket.receive_bytes()
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return


async def _until_either(one: Awaitable[None], other: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(one), asyncio.ensure_future(other)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _asked(request: Request, *names: str) -> str:
    """A parameter, by any of its names, in the query or as a header (X-Since)."""
    for name in names:
        if name in request.query_params:
            return request.query_params[name]
    return request.headers.get(f"x-{names[0]}", request.headers.get(names[0], ""))


def _answer(error: dict[str, Any]) -> Response:
    return JSONResponse(error, error["http"])
