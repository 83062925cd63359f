"""Other hubs show us their logs' checkpoints (c2sp.org/tlog-witness)."""

import asyncio
import logging

from fastapi import APIRouter, Depends, Request, Response

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.log.outside import Outside
from noisetamer.hub.log.witness import Answer
from noisetamer.hub.web.allowed import anyone

router = APIRouter(dependencies=[Depends(anyone)])

_log = logging.getLogger("noisetamer.hub")


@router.post("/add-checkpoint")
async def add_checkpoint(request: Request) -> Response:
    """Whoever asks is known by what the log signed."""
    outside: Outside | None = getattr(request.app.state, "outside", None)
    body = await request.body()
    answer = Answer(404, "This hub witnesses no logs.\n")
    if outside is not None:
        try:
            answer = await asyncio.to_thread(outside.witness.add_checkpoint, body)
        except (UserError, OSError, database.Error) as error:
            _log.error("No checkpoint of another hub can be cosigned: %s", error)
            answer = Answer(503, "This witness cannot keep what it sees.\n")
    return Response(answer.body, answer.status, media_type=answer.kind)
