"""Two real hubs are each other's witness, over HTTPS, each by an authority of its own."""

import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hub_process import HubProcess, until
from logged_in import LoggedIn
from program import run

pytestmark = pytest.mark.service

HTTPS = ("--https", "--name", "localhost")


def begun(data: Path) -> bool:
    return (data / "log" / "checkpoint").exists()


def listed(data: Path) -> str:
    return run("hub", "witness", "list", "--data", data).out


def browser(hub: HubProcess) -> LoggedIn:
    """That trusts this hub's own authority."""
    authority = hub.data / "certificates" / "page-ca.pem"
    trusts = ssl.create_default_context(cafile=str(authority))
    return LoggedIn(hub.url, hub.log_in(), verify=trusts)


@contextmanager
def ended(*hubs: HubProcess) -> Iterator[None]:
    """Whatever becomes of the test."""
    try:
        yield
    finally:
        for hub in hubs:
            hub.kill()


def test_two_hubs_vouch_for_each_other_and_notice_what_was_brought_back(tmp_path: Path):
    station, office, copy = (tmp_path / name for name in ("station", "office", "copy"))
    police, manager = HubProcess(station, *HTTPS), HubProcess(office, *HTTPS)
    with ended(police, manager):
        cards = {data: tmp_path / f"{data.name}.card" for data in (station, office)}
        marks = {}
        for data, card in cards.items():
            until(lambda data=data: begun(data), "the first checkpoint")
            made = run("hub", "witness", "card", card, "--data", data)
            assert (made.code, made.wrong) == (0, [])
            marks[data] = made.out.splitlines()[1:]
        assert police.stop() == manager.stop() == 0
        for data, other in ((station, office), (office, station)):
            told = run("hub", "witness", "add", cards[other], "--name", other.name, "--data", data)
            # what both read out to each other by telephone
            assert (told.code, told.out.splitlines()[1:]) == (0, marks[other])
            refused = run("hub", "witness", "add", cards[data], "--name", "me", "--data", data)
            assert refused.code == 2 and "is this hub's own" in refused.wrong[0]
        shutil.copytree(station, copy)

        manager.start()
        police.start()
        until(lambda: "us: cosigned" in listed(station), "the office's word")
        # it was there first and found nobody
        manager.stop()
        manager.start()
        until(lambda: "us: cosigned" in listed(office), "the station's word")
        assert "we witness localhost/noisetamer/" in listed(station)

        # a copy of the folder is put back, which no 'hub restore' knows of
        police.kill()
        shutil.rmtree(station)
        copy.rename(station)
        police.start()
        with browser(police) as theirs, browser(manager) as ours:
            until(lambda: "This hub's log" in theirs.get("health").text, "what is wrong with it")
            assert theirs.get("health").status_code == 503
            until(lambda: "two stories" in ours.get("health").text, "the witness tells it too")
            assert ours.get("health").status_code == 200
        assert "both as they were signed" in listed(office)
