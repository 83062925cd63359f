"""`/metrics` for Prometheus: to whoever may see the fleet, or knows this hub's token."""

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

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
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if not (kind.lower() == "bearer" and same(given, token)):
        session = session_of(request)
        if session is None:
            raise HTTPException(401, "log in first")
        require(session.account, "fleet")
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)
