"""What the hub says of itself, and what no stranger or reader can do to it."""

import datetime
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from hub_process import HubProcess, until
from scripted_unit import START, Box
from waiting import DEADLINE

from noisetamer.hub.bus import ports
from noisetamer.hub.bus.broker import Broker, Listeners
from noisetamer.hub.bus.client import Bus
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.bus.renewal import Renewal
from noisetamer.hub.health import Health
from noisetamer.hub.ingest import Ingest
from noisetamer.hub.store.writer import Store
from noisetamer.hub.upkeep import Upkeep
from noisetamer.hub.web.server import ACCEPTED_AT_ONCE
from noisetamer.hub.words.i18n import read_texts

pytestmark = pytest.mark.service

DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A running hub that knows SIM-0001 and SIM-0002, for all tests here."""
    process = HubProcess(
        tmp_path_factory.mktemp("hub"), "--enrol", "SIM-0001", "--enrol", "SIM-0002"
    )
    yield process
    process.stop()


class Parts:
    """A hub that has not been started, with clocks that are set by hand."""

    def __init__(self, folder: Path) -> None:
        self.date = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
        self.later = 0.0
        renewal = Renewal(folder / "certificates", ["127.0.0.1"], lambda: self.date)
        listeners = Listeners("127.0.0.1", *(ports.free("127.0.0.1", 0, "") for _ in range(2)))
        broker = Broker(folder / "broker", listeners, renewal.certificates, [])
        bus = Bus()
        store = Store(folder / "hub.sqlite")
        ingest = Ingest(bus, Commands(bus.publish), store, [], lambda now: None)
        self.renewal = renewal
        self.health = Health(
            ingest, bus, broker, renewal, Upkeep(), lambda: ingest.committed + self.later
        )

    def troubles(self) -> dict[str, bool]:
        """{key: ill}, each with its sentences."""
        found = self.health.troubles()
        for texts in read_texts().values():
            for trouble in found:
                assert "{" not in texts[f"trouble_{trouble.key}"].format(**trouble.values)
        return {trouble.key: trouble.ill for trouble in found}


def test_a_store_that_has_not_been_written_for_minutes_is_ill(tmp_path: Path):
    parts = Parts(tmp_path)
    assert parts.troubles() == {"broker": True}  # it does not run
    parts.later = 130
    assert parts.troubles() == {"store_silent": True, "broker": True}


def test_the_ends_of_certificates_are_told_before_they_come(tmp_path: Path):
    parts = Parts(tmp_path)
    made = parts.date
    parts.date = made + 712 * DAY  # nobody has renewed it
    assert parts.troubles() == {"broker": True, "certificate": False}
    parts.date = made + 725 * DAY
    assert parts.troubles()["certificate"] is True
    parts.date = made + 3300 * DAY
    parts.renewal.look()
    assert parts.troubles() == {"broker": True, "authority": False}
    (trouble,) = (t for t in parts.health.troubles() if t.key == "authority")
    assert trouble.values == {"end": "2036-11-23", "before": f"{parts.date:%Y-%m-%d}"}
    parts.date = made + 3654 * DAY
    parts.renewal.look()
    assert parts.troubles() == {"broker": True}


def test_a_hub_that_is_well_says_so_to_whoever_asks_in_whatever_way(hub: HubProcess):
    answer = hub.get("health")
    assert answer.status_code == 200
    facts = answer.json()
    assert (facts["ok"], facts["troubles"], facts["units"]) == (True, [], 2)
    assert facts["broker"] == {"runs": True, "connected": True}
    assert (facts["certificate"]["days"], facts["authority"]["days"]) == (729, 3652)
    for path in ("", "health", "units/SIM-0001/last-hour", "units/SIM-0001/hours"):
        head = hub.client().head(path)
        assert (head.status_code, head.content) == (200, b""), path


@contextmanager
def connections(hub: HubProcess, count: int) -> Iterator[list[socket.socket]]:
    """Opened to the page, and left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with ExitStack() as stack:
            yield [
                stack.enter_context(socket.create_connection(("127.0.0.1", hub.port), DEADLINE))
                for _ in range(count)
            ]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_idle_connections_are_no_matter(hub: HubProcess, box: Box):
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 4096:
        pytest.skip("this system allows no process 4096 files")
    with connections(hub, 1100):
        assert hub.get("health").status_code == 200
        box.seconds(1, START, [500])
        box.wait_ack(1)


def test_a_hub_without_a_file_left_goes_on_and_is_well_again_once_it_has_some(
    hub: HubProcess, box: Box
):
    def open_files() -> int:
        return len(list(Path(f"/proc/{hub.process.pid}/fd").iterdir()))

    # Those of the test before may still be closing.
    until(lambda: open_files() < 100, "a hub with few open files")
    used = open_files()
    _, hard = resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE, (used + 4, hard))
    begin = time.monotonic()
    with connections(hub, 104):  # however many of those have gone meanwhile
        until(lambda: hub.says("unable to open database file"), "the sentence")
        box.seconds(1, START, [500])
        box.wait_ack(1)
    until(lambda: hub.says("goes on again"), "the recovery")

    def well() -> bool:
        try:
            return hub.get("health").status_code == 200
        except httpx.HTTPError:
            return False  # it still looks through those that have gone

    until(well, "a hub that is well")
    # and it did not spend that time with saying so
    told = sum("out of system resource" in line for line in hub.lines)
    assert 0 < told <= ACCEPTED_AT_ONCE * (time.monotonic() - begin + 2)
