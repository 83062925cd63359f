"""Whoever has a unit's credentials harms nobody else, and is thrown out in one step."""

import argparse
import hashlib
import threading
from contextlib import closing

import pytest
from hub_process import HubProcess, until
from mqtt_client import RefusedError
from scripted_unit import START, Box, seconds

from noisetamer.base.errors import UserError
from noisetamer.hub.command import add_options, run_command
from noisetamer.hub.people.people import People

pytestmark = pytest.mark.service


def client_id(secret: str) -> str:
    """As `tamer.tell.mqtt` makes it."""
    return hashlib.sha256(b"session of " + secret.encode()).hexdigest()[:22]


def revoke(hub: HubProcess, unit: str) -> int:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return run_command(parser.parse_args(["revoke", unit, "--data", str(hub.data)]))


def test_a_unit_that_floods_costs_its_neighbour_no_acknowledgement(hub: HubProcess, box: Box):
    thief = Box(hub.unit("SIM-0002"))
    # more than there is room for one unit, as fast as it goes, of live seconds as well
    said = [seconds(seq, START, [500]) for seq in range(1, 12_001)]

    def flood() -> None:
        try:
            for message in said:
                thief.record(message)
                thief.now(START, 500, "green")
        except OSError:
            pass

    flooding = threading.Thread(target=flood, daemon=True)
    flooding.start()
    for seq in range(1, 31):
        box.seconds(seq, START + 10 * seq, [600] * 10)
        box.wait_ack(seq)
    flooding.join()
    assert hub.get("health").status_code == 200


def test_a_thief_cannot_take_over_a_neighbours_session(hub: HubProcess):
    """A session of that name is thrown out by the next (MQTT 3.1.1, 3.1.4-2), so a box gives its
    own a name that only its secret tells."""
    unit = hub.unit("SIM-0001")
    neighbour = Box(unit, session=client_id(unit["secret"]))
    thief_knows = hub.unit("SIM-0002")
    for guess in ("SIM-0001", client_id(thief_knows["secret"])):
        with Box(thief_knows, session=guess).mqtt:
            neighbour.seconds(1, START, [500])
            neighbour.wait_ack(1)


def test_a_revoked_unit_is_thrown_out_and_stays_out(hub: HubProcess, box: Box):
    box.seconds(1, START, [500])
    box.wait_ack(1)
    thief_knows = hub.unit()
    assert revoke(hub, "SIM-0001") == 0

    def closed() -> bool:
        try:
            box.seconds(2, START + 10, [500])
        except OSError:
            return True
        return False

    until(closed, "the end of its connection")
    with pytest.raises(RefusedError, match=r"^5$"):  # not authorised
        Box(thief_knows)
    with pytest.raises(UserError, match="SIM-0001: no such unit"):
        revoke(hub, "SIM-0001")
    with closing(People(hub.data / "people.sqlite")) as people:
        (told,) = people.log.entries(what="unit_revoked")
        assert (told.by, told.target) == ("command line", "SIM-0001")
