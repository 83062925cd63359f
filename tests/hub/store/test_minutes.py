import json
import math
import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scripted_unit import START, seconds

from noisetamer.hub.store import minutes
from noisetamer.hub.wire import Seconds, read_report
from tamer.record.reading import MISSING


def batch(t: int, LAeq: list[int], flags: int = 0) -> Seconds:
    body = json.dumps(seconds(1, t, LAeq, flags=flags)).encode()
    report = read_report("dev.SIM-0001.seconds", body)
    assert isinstance(report, Seconds)
    return report


def test_a_batch_across_a_minutes_border_falls_into_both():
    border = START // 60 * 60 + 60
    found = [
        (number, second, column[0])
        for number, second, column in minutes.by_minute(batch(border - 2, [501, 502, 503]))
    ]
    number = border // 60
    assert found == [(number - 1, 58, 501), (number - 1, 59, 502), (number, 0, 503)]


def test_a_minute_survives_its_blobs_of_60_int16():
    minute = minutes.empty()
    for _, second, column in minutes.by_minute(batch(START // 60 * 60, [-12, 683, 1200])):
        minutes.put(minute, second, column)
    stored = minutes.blobs(minute)
    assert [len(blob) for blob in stored] == [120] * 5
    assert np.array_equal(minutes.from_blobs(tuple(stored)), minute)
    assert minute[0, :4].tolist() == [-12, 683, 1200, MISSING]
    assert minute[-1, :4].tolist() == [0, 0, 0, minutes.NOT_RECEIVED]


columns = st.tuples(*[st.sampled_from([MISSING, 400, 683])] * 4, st.sampled_from([0, 2, 6, 8]))


@given(st.lists(columns, max_size=5), st.randoms())
def test_records_that_claim_one_second_give_the_same_minute_in_any_order(found, random):
    def put_all():
        minute = minutes.empty()
        for column in found:
            minutes.put(minute, 0, column)
        return minute

    before = put_all()
    random.shuffle(found)
    assert np.array_equal(put_all(), before)
    if any(column[-1] == 0 for column in found):
        assert before[-1, 0] == 0  # a valid second is never given up for another


def test_the_hour_is_the_energy_mean_and_the_levels_exceeded_over_valid_seconds():
    loud, quiet = minutes.empty(), minutes.empty()
    for second in range(60):
        minutes.put(loud, second, (800, 850, 0, 0, 0))
        minutes.put(
            quiet, second, (500 + second, 600, 0, 0, 0) if second < 50 else (1100, 1200, 0, 0, 6)
        )
    hour = minutes.roll_up([quiet, loud])
    levels = [80.0] * 60 + [50 + i / 10 for i in range(50)]
    energy = statistics.fmean(10 ** (level / 10) for level in levels)
    assert hour.LAeq is not None
    assert math.isclose(hour.LAeq, 10 * math.log10(energy), abs_tol=1e-9)
    assert (hour.valid, hour.received) == (110, 120)
    assert hour.LAFmax == 85.0  # own voice at 120 dB is not the square's
    assert hour.L10 == hour.L50 == 80.0
    assert hour.L90 is not None
    assert math.isclose(hour.L90, 51.09, abs_tol=0.01)


def test_an_hour_without_a_valid_second_has_no_level():
    minute = minutes.empty()
    minutes.put(minute, 3, (MISSING, MISSING, MISSING, MISSING, 1))
    hour = minutes.roll_up([minute])
    assert (hour.LAeq, hour.L90, hour.valid, hour.received) == (None, None, 0, 1)
