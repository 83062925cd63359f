"""Who is sent packed answers."""

import pytest
from starlette.requests import Request

from noisetamer.hub.web.packed import takes_packed


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip, deflate, br, zstd", True),
        ("br;q=0, GZIP;q=0.5", True),
        ("gzip;q=0.001, *;q=0", True),
        ("gzip;q=0", False),
        ("br, gzip ; Q=0.000 , deflate", False),
        ("*;q=0", False),
        ("identity", False),
        ("", False),
    ],
)
def test_only_who_names_gzip_and_does_not_refuse_it(header: str, taken: bool):
    headers = [(b"accept-encoding", header.encode())]
    assert takes_packed(Request({"type": "http", "headers": headers})) is taken
