"""The web application: headers, files, and one router a concern."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from noisetamer.base.errors import UserError
from noisetamer.hub.cameras.album import Album
from noisetamer.hub.complaints.button import Button
from noisetamer.hub.health import Health
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.live import Live
from noisetamer.hub.orders.drafts import Drafts
from noisetamer.hub.orders.orders import Orders
from noisetamer.hub.orders.voices import Voices
from noisetamer.hub.people.people import People
from noisetamer.hub.squares.squares import Squares, square_of
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.series import Levels
from noisetamer.hub.web import (
    all_pages,
    apply,
    audit_page,
    calls,
    cameras,
    complaints,
    districts_page,
    events,
    evidence,
    fleet,
    forward,
    in_words,
    levels,
    log_files,
    log_page,
    login,
    me,
    metrics,
    month_report,
    open_day_page,
    patrol,
    patrols_page,
    people_page,
    permit_check,
    permits,
    policy,
    presets,
    privacy_page,
    public_settings,
    squares_page,
    step_in,
    toolbox,
    trial,
    trust,
    units,
    updates,
    verify,
    welcome,
    witness,
)
from noisetamer.hub.web import duty as duty_page
from noisetamer.hub.web import health as health_page
from noisetamer.hub.web import incidents as incident_pages
from noisetamer.hub.web import links as links_page
from noisetamer.hub.web import ntfy as ntfy_page
from noisetamer.hub.web import public as public_page
from noisetamer.hub.web import push as push_page
from noisetamer.hub.web.allowed import checked
from noisetamer.hub.web.broadcast import Broadcast
from noisetamer.hub.web.cards import Cards
from noisetamer.hub.web.context import Context
from noisetamer.hub.web.guard import Guard
from noisetamer.hub.web.headers import Headers
from noisetamer.hub.web.incident_news import IncidentNews
from noisetamer.hub.web.last_hours import LastHours
from noisetamer.hub.web.looks import Looks
from noisetamer.hub.web.open_incidents import OpenIncidents
from noisetamer.hub.web.runs import EVIDENCE, MONTH_REPORT, Runs
from noisetamer.hub.words.i18n import read_texts

STATIC = Path(__file__).with_name("static")

_ROUTERS = (
    login.router,
    welcome.router,
    squares_page.router,
    all_pages.router,
    events.router,
    units.router,
    levels.router,
    step_in.router,
    policy.router,
    presets.router,
    fleet.router,
    forward.router,
    trial.router,
    updates.router,
    cameras.router,
    calls.router,
    people_page.router,
    districts_page.router,
    me.router,
    audit_page.router,
    log_page.router,
    log_files.router,
    apply.router,
    apply.of_accounts,
    permits.router,
    permit_check.router,
    trust.router,
    toolbox.router,
    verify.router,
    incident_pages.router,
    evidence.router,
    month_report.router,
    health_page.router,
    ntfy_page.router,
    metrics.router,
    links_page.router,
    duty_page.router,
    push_page.router,
    witness.router,
    public_page.router,
    patrol.router,
    patrols_page.router,
    open_day_page.router,
    privacy_page.router,
    public_settings.router,
    complaints.router,
)


@cache
def routes() -> list[BaseRoute]:
    """Of every application of this process. What FastAPI works out of them as somebody first asks
    for one, for 0.2 s, stays with them."""
    router = APIRouter(dependencies=[Depends(checked)])
    for one in _ROUTERS:
        router.include_router(one)
    return router.routes


def create_app(
    live: Live,
    queries: Queries,
    health: Health,
    utc_offset: float,
    squares: Squares,
    people: People,
    orders: Orders,
    voices: Voices,
    incidents: Incidents,
    album: Album,
) -> FastAPI:
    """The hub for browsers. utc_offset: of the square's clock, h."""
    app = FastAPI(
        title="Noise Tamer hub",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(checked)],
    )
    texts = read_texts()
    cards, last_hours = Cards(live, texts, utc_offset), LastHours(live, queries)
    broadcast = Broadcast[events.Audience](
        live, lambda one: events.view(context, one), lambda one: one.sees
    )
    going_on = OpenIncidents(incidents, live, _called(people), utc_offset)
    context = app.state.context = Context(
        *(live, queries, health, utc_offset, texts, cards, last_hours, squares, people),
        *(orders, voices, Drafts(), broadcast, incidents, album, Looks()),
        *(IncidentNews(incidents, live), going_on, Levels(queries.file)),
        *(Runs(queries.file.parent, kind) for kind in (EVIDENCE, MONTH_REPORT)),
    )
    people.where = _where(live, incidents)
    app.state.applications = apply.RateLimit()
    app.add_middleware(Guard, people=people)
    app.add_middleware(Headers)
    app.add_exception_handler(HTTPException, in_words.answer)
    app.add_exception_handler(RequestValidationError, in_words.not_understood)
    app.add_exception_handler(UserError, in_words.mendable)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)), name="static")
    app.router.routes += routes()
    app.state.public_pages, app.state.button = public_page.Made(), Button()
    app.state.complaint_files = complaints.Uploads()
    return app


def _where(live: Live, incidents: Incidents) -> Callable[[str, str], str]:
    """In which square a row of the audit log was: of a unit, or of an incident by its number."""

    def of(what: str, target: str) -> str:
        if what.startswith("incident_") and target.isdecimal():
            incident = incidents.one(int(target))
            return incident.square if incident else ""
        state = live.states.get(target)
        return square_of(state.unit) if state else ""

    return of


def _called(people: People) -> Callable[[], dict[str, str]]:
    """{name of an account: how people call it}, when asked."""

    def now() -> dict[str, str]:
        accounts = [person.account for person in people.accounts.all()]
        return {account.name: account.display or account.name for account in accounts}

    return now
