"""The console without a broker: every part it is given is the real one, in a folder."""

from pathlib import Path

from fastapi import FastAPI
from logged_in import log_in

from noisetamer.hub.around import around_of
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.cameras.album import Album
from noisetamer.hub.health import Health, Trouble
from noisetamer.hub.incidents.cases import Sources
from noisetamer.hub.incidents.directory import directory
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.live import Live
from noisetamer.hub.log.feeder import Feeder
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.outside import Outside
from noisetamer.hub.log.signing import log_signer
from noisetamer.hub.orders.ledger import Ledger
from noisetamer.hub.orders.orders import Orders
from noisetamer.hub.orders.voices import Voices
from noisetamer.hub.people.passwords import Passwords
from noisetamer.hub.people.people import People
from noisetamer.hub.phones.permit_news import PermitNews
from noisetamer.hub.phones.phones import Phones
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.updates.around import updates_of
from noisetamer.hub.web.app import create_app
from noisetamer.hub.words.i18n import read_texts


class HealthByHand(Health):
    """Of a hub without parts."""

    def __init__(self) -> None:
        self.found: list[Trouble] = []

    def troubles(self) -> list[Trouble]:
        return self.found

    def facts(self) -> dict[str, object]:
        return {}


class Console:
    """The application and its parts. What units are sent is lost, and orders wait: every unit is
    away. secret: of a session of somebody who may do everything.
    """

    def __init__(self, folder: Path) -> None:
        async def lost(subject: str, body: bytes) -> None:
            pass

        Store(folder / "hub.sqlite").close()
        self.live = Live(Commands(lost))
        self.health = HealthByHand()
        self.queries = Queries(folder / "hub.sqlite")
        self.squares = Squares(folder / "squares.sqlite")
        self.now = 1_800_000_000.0
        self.people = People(
            folder / "people.sqlite", lambda: self.now, Passwords(passes=1, lanes=1, memory_kib=8)
        )
        self.secret = log_in(self.people)
        self.incidents = Incidents(
            folder / "incidents.sqlite",
            self.queries,
            Sources(directory=lambda: directory(self.people)),
        )
        self.album = Album(folder)
        self.orders = Orders(
            Ledger(folder / "orders.sqlite"),
            lost,
            lambda unit: "k" * 43,
            self.people.audit,
            lambda unit: False,
            self.queries.feed,
        )
        self.app: FastAPI = create_app(
            *(self.live, self.queries, self.health, 8.0, self.squares),
            *(self.people, self.orders, Voices(folder / "voices"), self.incidents, self.album),
        )
        self.updates = self.app.state.updates = updates_of(
            *(folder, self.orders, self.live, self.queries, self.people, 8.0)
        )
        self.feeder = self.app.state.feeder = Feeder(
            folder, Log(folder / "log", folder / "log.sqlite", log_signer(folder, "hub"))
        )
        self.around = self.app.state.around = around_of(folder, clock=lambda: self.now)
        self.outside = self.app.state.outside = Outside(folder, "hub", self.feeder.log)
        self.phones = self.app.state.phones = Phones(folder, self._is_topic)
        self.permit_news = self.app.state.permit_news = PermitNews(
            *(self.around.permits, self.people, self.phones.channels("", read_texts())),
            *(self.phones.permit_links, "http://hub", read_texts(), lambda: self.now),
        )

    def _is_topic(self, topic: str) -> bool:
        known = self.people.contacts.topic(topic) is not None
        return known or self.around.permits.is_topic(topic)
