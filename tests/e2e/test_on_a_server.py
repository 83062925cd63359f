"""A hub whose stores are on a PostgreSQL server takes what a box tells, is ended and started, and
loses nothing while the server is away."""

from contextlib import closing
from pathlib import Path

import pytest
from flaky_wire import FlakyWire
from hub_process import HubProcess, until
from scripted_unit import START, Box

from noisetamer.base import database

pytestmark = pytest.mark.e2e


def test_a_hub_on_a_server_takes_what_a_box_tells_and_waits_for_a_server_that_is_away(
    tmp_path: Path, postgres_url: str
):
    port, _, name = postgres_url.partition("127.0.0.1:")[2].partition("/")
    with FlakyWire(int(port)) as wire:
        url = f"postgresql://noisetamer@127.0.0.1:{wire.port}/{name}"
        hub = HubProcess(tmp_path / "hub", "--database", url, "--enrol", "SIM-0001=东门广场")
        try:
            box = Box(hub.unit())
            box.seconds(1, START, [600] * 10)
            box.wait_ack(1)
            box.stage(2, START + 12, "green", "amber")
            box.wait_ack(2)
            wire.refuse()
            box.seconds(3, START + 10, [610] * 10)
            until(lambda: hub.get("/health").status_code == 503, "the hub's trouble")
            assert hub.says("does not answer")
            wire.listen()
            box.wait_ack(3)
            until(lambda: hub.get("/health").status_code == 200, "the hub's being well")
            hub.stop()
            hub.start()
            with closing(database.reader(tmp_path / "hub" / "hub.sqlite")) as store:
                seqs = store.execute("SELECT seq FROM record ORDER BY seq").fetchall()
            assert seqs == [(1,), (2,), (3,)]
        finally:
            hub.stop()
        assert not list((tmp_path / "hub").glob("*.sqlite"))
