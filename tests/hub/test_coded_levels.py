"""Levels by tables are those of the firmware's own decoding, of whatever comes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import seconds as of_a_street

from noisetamer.hub import coded_levels
from tamer.record import level_code, level_decoding
from tamer.record.reading import Second

T = 1795431600


def told(decode, coded: bytes) -> list[Second] | str:
    try:
        return decode(T, coded)
    except ValueError as error:
        return str(error)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_alike(coded: bytes):
    assert told(coded_levels.decode, coded) == told(level_decoding.decode, coded)


@pytest.mark.parametrize("spread", [2, 30, 300, 3000])
def test_any_levels_come_back(spread: int):
    chance = random.Random(spread)
    for n in range(1, 17):
        levels = [[round(chance.gauss(600, spread)) for _ in range(4)] for _ in range(n)]
        batch = [Second._make((T + i, *four, 0)) for i, four in enumerate(levels)]
        coded = level_code.encode(batch)
        assert coded_levels.decode(T, coded) == batch
        for end in range(len(coded)):
            assert told(coded_levels.decode, coded[:end]) == told(
                level_decoding.decode, coded[:end]
            )


def test_a_street_needs_the_firmwares_decoding_hardly_ever(monkeypatch: pytest.MonkeyPatch):
    left: list[bytes] = []

    def decode(t: int, coded: bytes) -> list[Second]:
        left.append(coded)
        return level_decoding.decode(t, coded)

    monkeypatch.setattr(coded_levels, "decode_any", decode)
    heard = of_a_street(T, 3600)
    for at in range(0, 3600, 10):
        batch = heard[at : at + 10]
        assert coded_levels.decode(T + at, level_code.encode(batch)) == batch
    assert len(left) < 18
