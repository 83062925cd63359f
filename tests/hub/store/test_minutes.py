import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scripted_unit import START, seconds

from noisetamer.hub.store import minutes
from noisetamer.hub.wire import Seconds, read_report
from tamer.record.reading import CLOCK, GAP, MISSING


def batch(t: int, LAeq: list[int], flags: int = 0) -> Seconds:
    report = read_report("dev.SIM-0001.record", seconds(1, t, LAeq, flags=flags))
    assert isinstance(report, Seconds)
    return report


def test_a_batch_across_a_minutes_border_falls_into_both():
    border = START // 60 * 60 + 60
    found = [
        (number, first, columns[0].tolist())
        for number, first, columns in minutes.by_minute(batch(border - 2, [501, 502, 503]))
    ]
    number = border // 60
    assert found == [(number - 1, 58, [501, 502]), (number, 0, [503])]


def test_a_minute_survives_its_blobs_of_60_int16():
    minute = minutes.empty()
    for _, first, columns in minutes.by_minute(batch(START // 60 * 60, [-12, 683, 1200])):
        minutes.put(minute, first, columns)
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
            minutes.put(minute, 0, np.array([column]).T)
        return minute

    before = put_all()
    random.shuffle(found)
    assert np.array_equal(put_all(), before)
    if any(column[-1] == 0 for column in found):
        assert before[-1, 0] == 0  # a valid second is never given up for another


def test_records_that_overlap_meet_second_by_second():
    minute = minutes.empty()
    for t, levels, flags in ((0, [500] * 10, 0), (5, [400, 600] * 5, 0), (12, [900] * 10, 6)):
        for _, first, columns in minutes.by_minute(batch(START // 60 * 60 + t, levels, flags)):
            minutes.put(minute, first, columns)
    # valid before loud, loud before quiet, anything before nothing
    assert minute[0, :15].tolist() == [500] * 6 + [600, 500, 600, 500, 600, 400, 600, 400, 600]
    assert minute[0, 15:23].tolist() == [900] * 7 + [MISSING]


def test_what_was_heard_under_a_name_is_shown_before_what_was_not():
    # A clock put back gives a gap's names to seconds that were heard without the time.
    minute = minutes.empty()
    for level, why in ((MISSING, GAP), (496, CLOCK)):
        minutes.put(minute, 0, np.array([[level] * 4 + [why]]).T)
    assert minute[:, 0].tolist() == [496] * 4 + [CLOCK]
