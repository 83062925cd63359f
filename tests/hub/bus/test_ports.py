"""Ports that are found: nobody else has them by the time they are opened."""

import random

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.bus import ports


def test_a_free_port_is_none_that_the_system_lends_to_outgoing_connections():
    found = {ports.free("127.0.0.1", 0, "--port") for _ in range(20)}
    assert len(found) > 10
    assert all(20000 <= port < 32768 for port in found)


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])
def test_one_that_is_held_is_not_found_again(bind: str):
    before = random.getstate()
    first = ports.free(bind, 0, "--port")
    random.setstate(before)
    with ports.listen(bind, first, "--port"):
        assert ports.free("127.0.0.1", 0, "--port") != first


def test_an_address_that_is_not_here_is_one_sentence():
    with pytest.raises(UserError, match=r"192\.0\.2\.1 is no address of this machine"):
        ports.free("192.0.2.1", 0, "--mqtt-port")
