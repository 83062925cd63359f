"""Seconds in few bytes: what comes back is what was given, whatever it was. Both Pythons."""

import random

import pytest

from tamer.record import encoding, level_code, level_decoding
from tamer.record.reading import GAP, MISSING, OWN_VOICE, PACKED, Second, missing

pytestmark = pytest.mark.pure

T = 1795431600


def comes_back(batch):
    assert level_decoding.decode(T, level_code.encode(batch)) == batch
    code, payload = encoding.shortest(batch)
    assert encoding.seconds(encoding.record(code, 3, 41, T, payload)) == batch
    return len(payload)


def flagged(s, flags):
    return Second(s.t, s.LAeq, s.LAFmax, s.LCeq, s.LCpeak, flags)


def is_refused(coded):
    try:
        level_decoding.decode(T, coded)
    except ValueError:
        return True
    return False


def street(seed, n=10):
    """Seconds as a street has them: LAeq wanders by some tenths, the others go with it."""
    random.seed(seed)
    A, batch = 560, []
    for i in range(n):
        A += random.randrange(-12, 13)
        F, C = A + random.randrange(4, 30), A + 80 + random.randrange(-8, 9)
        batch.append(Second(T + i, A, F, C, C + 110 + random.randrange(-15, 16), 0))
    return batch


def test_a_street_takes_less_than_a_third_of_its_plain_bytes():
    sizes = [comes_back(street(seed)) for seed in range(50)]
    assert sum(sizes) < 50 * 10 * PACKED * 0.32


def test_every_length_comes_back():
    for n in range(1, 11):
        comes_back(street(n, n))


def test_a_second_that_was_not_heard_takes_next_to_nothing():
    whole = comes_back(street(1))
    batch = street(1)
    batch[0], batch[4] = missing(T, GAP), missing(T + 4, GAP)
    assert comes_back(batch) <= whole + 4
    assert comes_back([missing(T + i, GAP) for i in range(10)]) < 7


def test_reasons_come_back():
    batch = [flagged(s, OWN_VOICE * (i > 3)) for i, s in enumerate(street(2))]
    assert comes_back(batch) <= comes_back(street(2)) + 4
    comes_back([flagged(s, 65535 - i) for i, s in enumerate(street(2))])


def test_whatever_the_levels_they_come_back_and_take_no_more_than_plainly():
    random.seed(7)
    for _ in range(400):
        n, width = random.randrange(1, 11), random.choice((3, 60, 4000, 32768))
        batch = []
        for i in range(n):
            levels = [max(-width, min(width - 1, random.randrange(-width, width)))] * 4
            for j in range(4):
                levels[j] = random.choice((levels[j], random.randrange(-width, width), MISSING))
            A, F, C, P = levels
            batch.append(Second(T + i, A, F, C, P, random.choice((0, 0, 7, 65535))))
        assert comes_back(batch) <= n * PACKED


def test_what_is_cut_short_or_goes_on_is_refused():
    coded = level_code.encode(street(3))
    for wrong in [coded[:n] for n in range(len(coded))] + [coded + b"\0", coded + coded]:
        assert is_refused(wrong), wrong


def test_whatever_the_bytes_they_are_seconds_or_refused():
    random.seed(8)
    for _ in range(400):
        coded = bytes([random.randrange(256) for _ in range(random.randrange(60))])
        if not is_refused(coded):
            comes_back(level_decoding.decode(T, coded)[:10])
