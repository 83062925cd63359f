"""The log for whoever wants to see that nothing was unsaid: plain files (c2sp.org/tlog-tiles).

They tell nothing private: an entry has a kind, a time and a hash.
"""

import asyncio

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from noisetamer.hub.log.feeder import Feeder
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.tree import CHECKPOINT
from noisetamer.hub.web.allowed import anyone
from noisetamer.hub.web.context import READ
from noisetamer.proof.tiles import WIDTH, tile_at

router = APIRouter(dependencies=[Depends(anyone)])

_NOT_THERE = "There is no such page."


@router.api_route("/log/checkpoint", methods=READ)
async def checkpoint(request: Request) -> Response:
    """The newest one, as it was signed and cosigned."""
    log = _log(request)
    found = await asyncio.to_thread(_read, log, CHECKPOINT)
    return Response(found, media_type="text/plain; charset=utf-8")


@router.api_route("/log/key", methods=READ)
async def key(request: Request) -> Response:
    """The verifier key (c2sp.org/signed-note), to be compared with what is known of this hub."""
    log = _log(request)
    found = await asyncio.to_thread(lambda: log.key)
    return Response(f"{found}\n", media_type="text/plain; charset=utf-8")


@router.api_route("/log/tile/{path:path}", methods=READ)
async def tile(request: Request, path: str) -> Response:
    """A tile or an entry bundle; full ones below the minimum index are not given out."""
    log = _log(request)
    try:
        wanted = tile_at(f"tile/{path}")
    except ValueError:
        raise HTTPException(404, _NOT_THERE) from None
    if wanted.width == WIDTH and wanted.end <= await asyncio.to_thread(lambda: log.minimum):
        raise HTTPException(404, _NOT_THERE)
    found = await asyncio.to_thread(_read, log, wanted.path)
    return Response(found, media_type="application/octet-stream")


def _log(request: Request) -> Log:
    feeder: Feeder | None = getattr(request.app.state, "feeder", None)
    if feeder is None:
        raise HTTPException(404, _NOT_THERE)
    return feeder.log


def _read(log: Log, name: str) -> bytes:
    try:
        return (log.folder / name).read_bytes()
    except OSError:
        raise HTTPException(404, _NOT_THERE) from None
