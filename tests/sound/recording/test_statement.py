"""What recorders say of their own files."""

from datetime import datetime, timedelta, timezone

import pytest
from recorders import RATE, audiomoth, bext, chunk, fmt, noise, pcm, wav, xl2

from noisetamer.sound.recording.recording import read
from noisetamer.sound.recording.span import Span, point

EIGHT = timezone(timedelta(hours=8))
SEVEN_PM = datetime(2026, 11, 23, 19)
DATA = chunk(b"data", pcm(noise(1)))


def said(folder, *chunks, name="a.wav"):
    return read(wav(folder / name, fmt(), *chunks, DATA)).statement


def test_an_XL2_states_a_peak_and_its_begin(tmp_path):
    found = said(tmp_path, xl2())
    assert found.full_scale_dB == pytest.approx(128.1 - 3.01, abs=0.001)
    assert found.begins == SEVEN_PM.replace(tzinfo=EIGHT)
    assert found.recorder.startswith("NTi Audio XL2")


def test_its_name_alone_states_the_level_too(tmp_path):
    found = said(tmp_path, name="2026-02-06_SLM_000_Audio_FS128.1dB(PK)_00.wav")
    assert found.full_scale_dB == pytest.approx(125.09, abs=0.001)


def test_the_same_words_of_another_maker_are_of_a_sine(tmp_path):
    assert said(tmp_path, bext("0dBFS = 120 dBSPL", "Somebody")).full_scale_dB == 120


def test_a_time_reference_says_it_to_the_sample_where_it_is_the_same_moment(tmp_path):
    exact = bext(samples_since_midnight=19 * 3600 * RATE + RATE // 4)
    assert said(tmp_path, exact).begins == SEVEN_PM + timedelta(seconds=0.25)
    time_code = bext(samples_since_midnight=3600 * RATE)
    assert said(tmp_path, time_code).begins == SEVEN_PM


IXML = """<?xml version="1.0"?><BWFXML><BEXT>
<BWF_ORIGINATION_DATE>2026-11-23</BWF_ORIGINATION_DATE>
<BWF_ORIGINATION_TIME>19:00:00</BWF_ORIGINATION_TIME></BEXT><SPEED>
<TIMESTAMP_SAMPLE_RATE>48000</TIMESTAMP_SAMPLE_RATE>
<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>0</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>
<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>3283224000</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>
</SPEED></BWFXML>"""
AIHUA = b"AWA6228+" + bytes(8) + b"2026-11-23 19:00:00 94.0dB\r\n00000000\r\n40mV/Pa\r\n"
MOTH = "Recorded at {} by AudioMoth 24F319055FDF2F5B at medium gain while battery was 4.2V"

BEGINS = {
    "iXML": (chunk(b"iXML", IXML.encode()), SEVEN_PM + timedelta(seconds=0.5)),
    "AudioMoth": (
        audiomoth(MOTH.format("19:00:00 23/11/2026 (UTC+8)")),
        SEVEN_PM.replace(tzinfo=EIGHT),
    ),
    "AudioMoth in UTC": (
        audiomoth(MOTH.format("11:00:00 23/11/2026 (UTC)")),
        SEVEN_PM.replace(tzinfo=EIGHT),
    ),
    "AudioMoth in India": (
        audiomoth(MOTH.format("16:30:00 23/11/2026 (UTC+5:30)")),
        SEVEN_PM.replace(tzinfo=EIGHT),
    ),
    "AudioMoth of the first firmware": (
        audiomoth(MOTH.format("19:00:00 23/11/2026")),
        SEVEN_PM,
    ),
    "AWA6228+": (chunk(b"fact", AIHUA.ljust(256, b"\0")), SEVEN_PM),
    "GUANO": (
        chunk(b"guan", b"GUANO|Version: 1.0\nTimestamp: 2026-11-23T19:00:00+08:00\n"),
        SEVEN_PM.replace(tzinfo=EIGHT),
    ),
    "a date that is none": (bext(date="0000-00-00"), None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize("recorder", BEGINS)
def test_the_begin_is_read_where_a_recorder_writes_it(tmp_path, recorder):
    written, begins = BEGINS[recorder]
    assert said(tmp_path, written).begins == begins


def test_what_follows_the_sound_is_read_as_well(tmp_path):
    path = wav(tmp_path / "a.wav", fmt(), DATA, xl2())
    assert read(path).statement.begins == SEVEN_PM.replace(tzinfo=EIGHT)


def test_a_part_begins_when_it_begins(tmp_path):
    path = wav(tmp_path / "a.wav", fmt(), xl2(), DATA)
    part = read(path, span=Span(point("0.25s")))
    assert part.begins == datetime(2026, 11, 23, 19, 0, 0, 250_000, EIGHT)
