"""`/metrics` for Prometheus: to whoever may see the fleet, or knows this hub's token.

`/metrics/levels` by the token only: it tells of every square.
"""

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from noisetamer.hub.level_metrics import Levels
from noisetamer.hub.metrics import Metrics
from noisetamer.hub.people.secrets_kept import same
from noisetamer.hub.web.allowed import anyone, require, session_of
from noisetamer.hub.web.context import READ

router = APIRouter()


@router.api_route("/metrics", methods=READ, dependencies=[Depends(anyone)])
def metrics(request: Request) -> Response:
    """In Prometheus' text format. A scraper sends `Authorization: Bearer TOKEN`."""
    found: tuple[Metrics, str] | None = getattr(request.app.state, "metrics", None)
    if found is None:
        raise HTTPException(404)
    counted, token = found
    if not _knows(request, token):
        session = session_of(request)
        if session is None:
            raise HTTPException(401, "log in first")
        require(session.account, "fleet")
        if session.account.district:  # of all districts together
            raise HTTPException(403, "not allowed")
    return _told(counted.registry)


@router.api_route("/metrics/levels", methods=READ, dependencies=[Depends(anyone)])
def levels(request: Request) -> Response:
    """As `/metrics`, of the levels of all units."""
    found: tuple[Levels, str] | None = getattr(request.app.state, "level_metrics", None)
    if found is None:
        raise HTTPException(404)
    told, token = found
    if not _knows(request, token):
        raise HTTPException(401, "log in first")  # by the token in metrics.token only
    return _told(told.registry)


def _knows(request: Request, token: str) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and same(given, token)


def _told(registry: CollectorRegistry) -> Response:
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
