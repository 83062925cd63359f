"""`noisetamer meter FILE --against LOG`: our seconds beside the meter's own."""

import json
import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from program import run
from recorders import chunk, fmt, pcm, wav, xl2, xl2_log

from noisetamer.sound.kernels.emulator import available
from noisetamer.sound.measure import alignment

pytestmark = pytest.mark.device

RATE = 8_000
FULL_SCALE = 128.1 - 3.01
SECONDS = 20


def levels(seed: int = 1, count: int = SECONDS) -> np.ndarray:
    """dB, one a second: a square, not a calibrator."""
    return 70 + 6 * np.random.default_rng(seed).standard_normal(count)


def tone(of: np.ndarray, scale: float = FULL_SCALE) -> np.ndarray:
    """1 kHz, where A weighting is 0 dB."""
    t = np.arange(len(of) * RATE) / RATE
    return np.repeat(10 ** ((of - scale) / 20), RATE) * np.sqrt(2) * np.sin(2000 * np.pi * t)


def compared(folder: Path, *options: object, words: bytes = b"", log: str = "", sound=None):
    file = wav(
        folder / "square.wav",
        fmt(bits=24),
        words,
        chunk(b"data", pcm(tone(levels()) / np.sqrt(2) if sound is None else sound, 24)),
    )
    table = folder / "log.txt"
    table.write_text(log or xl2_log(list(levels())))
    return run("meter", file, "--against", table, "--out", folder / "out", *options)


def test_the_folder_of_the_picture_is_made(tmp_path: Path):
    assert compared(tmp_path, "--out", tmp_path / "new" / "one.png").code == 0
    assert {file.name for file in (tmp_path / "new").iterdir()} == {"one.png", "one.pdf"}


@pytest.mark.parametrize("name", ["out.png", "out.pdf"])
def test_neither_recording_nor_log_is_overwritten(tmp_path: Path, name: str):
    ours = tmp_path / name
    ours.symlink_to("log.txt" if name == "out.pdf" else "square.wav")
    ran = compared(tmp_path)
    assert ran.code == 2
    assert ran.wrong == [
        f"noisetamer meter: {ours}: is what is read, and would be lost; choose another place"
    ]
    assert (tmp_path / "log.txt").read_text() == xl2_log(list(levels()))


def found(ran) -> dict:
    assert (ran.code, ran.wrong) == (0, [])
    return json.loads(ran.out)


def test_an_XL2s_own_recording_agrees_with_its_log_second_for_second(tmp_path):
    both = found(compared(tmp_path, "--json", words=xl2(RATE)))
    assert len(both["ours"]) == SECONDS
    assert both["meter"] == np.round(levels(), 1).tolist()
    assert both["ours"] == pytest.approx(levels(), abs=0.06)
    assert both["begins"][0] == "2026-11-23 19:00:00+08:00"
    assert (both["fits"], abs(both["shift_s"]) <= 0.02) == (True, True)
    assert abs(both["mean_dB"]) < 0.03
    assert abs(both["largest_dB"]) < 0.11
    assert both["full_scale_dB"] == pytest.approx(FULL_SCALE, abs=0.01)


@pytest.mark.skipif(not available(), reason="qemu-xtensa is not installed (qemu-user)")
def test_the_other_kernel_is_read_out_at_the_same_places(tmp_path):
    both = found(compared(tmp_path, "--json", "--kernel", "fpu", words=xl2(RATE)))
    assert both["ours"] == pytest.approx(levels(), abs=0.06)


def test_people_read_what_was_found_and_look_at_a_picture(tmp_path):
    ran = compared(tmp_path, words=xl2(RATE))
    assert ran.out.startswith(
        "square.wav against log.txt\n  20 intervals of 1 s of LAeq, the first"
    )
    assert "Ours less the meter's: mean " in ran.out
    assert "A full-scale sine is 125.09 dB." in ran.out
    assert any("stamps read as each interval's end" in note for note in ran.wrong)
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")


def test_a_clock_that_is_off_is_found_and_said(tmp_path):
    late = xl2_log(list(levels()), "2026-11-23 19:00:45")
    both = found(compared(tmp_path, "--json", words=xl2(RATE), log=late))
    assert both["shift_s"] == pytest.approx(45, abs=0.02)
    assert abs(both["largest_dB"]) < 0.11
    other_zone = xl2_log(list(levels()), zone="+07:00")
    ran = compared(tmp_path, words=xl2(RATE), log=other_zone)
    assert "+3600.00 s (+1.00 h) from its own begin: a clock or a zone is wrong" in ran.out


def test_a_recording_without_begin_or_level_lies_where_it_fits(tmp_path):
    before, after = levels(7, 30), levels(8, 30)
    log = xl2_log([*before, *levels(), *after])
    both = found(compared(tmp_path, "--json", log=log))
    first = datetime.fromisoformat(both["begins"][0])
    assert first == datetime.fromisoformat("2026-11-23 19:00:30+08:00")
    assert (both["shift_s"], both["full_scale_assumed"]) == (None, True)
    assert both["full_scale_dB"] == pytest.approx(FULL_SCALE, abs=0.05)
    assert both["deviation_dB"] < 0.05


def test_a_steady_level_is_compared_by_the_clocks(tmp_path):
    flat = np.full(SECONDS, 94.0)
    sound = tone(flat) / np.sqrt(2)
    log = xl2_log(list(flat))
    both = found(compared(tmp_path, "--json", words=xl2(RATE), log=log, sound=sound))
    assert (both["fits"], both["shift_s"], len(both["ours"])) == (False, 0, SECONDS)
    assert abs(both["largest_dB"]) < 0.06
    ran = compared(tmp_path, log=log, sound=sound)
    (said,) = ran.wrong
    assert ran.code == 2
    assert "nothing tells where the recording lies in it" in said
    assert said.endswith("say when it began with --begins")


def test_a_recording_at_48_kHz_is_read_block_by_block(tmp_path, monkeypatch):
    blocks = []
    add = alignment.Surveyor.add
    monkeypatch.setattr(
        alignment.Surveyor,
        "add",
        lambda self, block: (blocks.append(len(block)), add(self, block)),
    )
    file, table = tmp_path / "square.wav", tmp_path / "log.txt"
    soundfile.write(file, np.repeat(tone(levels()) / 2, 6), 6 * RATE, "PCM_24")
    table.write_text(xl2_log(list(levels())))
    ran = run("meter", file, "--against", table, "--out", tmp_path / "out", "--json")
    both = json.loads(ran.out)
    assert (ran.code, both["fits"], len(both["ours"])) == (0, True, SECONDS)
    assert both["deviation_dB"] < 0.1
    assert sum(blocks) == SECONDS * 6 * RATE
    assert max(blocks) <= 1 << 16


def test_a_log_of_another_day_is_refused_with_both_times(tmp_path):
    log = xl2_log(list(levels(9, 60)), "2026-11-20 12:00:00")
    ran = compared(tmp_path, words=xl2(RATE), log=log)
    (said,) = ran.wrong
    assert ran.code == 2
    assert (
        "it holds 60 intervals of 1 s from 2026-11-20 12:00:00+08:00 to 2026-11-20 12:01:00+08:00"
        in said
    )
    assert "the recording 2026-11-23 19:00:00+08:00 to 2026-11-23 19:00:20+08:00" in said


def test_a_shift_is_found_to_a_few_hundredths_of_a_second():
    fine = np.repeat(levels(3, 200), 3)  # a level every third of a second
    sound = np.repeat(10 ** (fine / 20), RATE // 3) * np.random.default_rng(1).normal(
        0, 1e-4, len(fine) * (RATE // 3)
    )
    surveyor = alignment.Surveyor(RATE)
    for block in np.array_split(sound.astype(np.float32), 7):
        surveyor.add(block)
    heard = surveyor.course()
    begins = 1.8e9
    whole = np.arange(5.0, 155.0)
    for shift in (-2.37, 0.0, 0.42, 100.0):
        level = np.round(heard.levels(whole, 1.0), 1)
        result = alignment.find(heard, begins + shift + whole, level, 1.0, begins)
        assert result is not None
        assert (result.fits, result.begins - begins) == (True, pytest.approx(shift, abs=0.03))


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_a_recording_that_is_cut_between_its_two_readings_is_refused(tmp_path, monkeypatch, kind):
    file, table = tmp_path / "square.wav", tmp_path / "log.txt"
    soundfile.write(file, tone(levels()) / 2, RATE, "PCM_16", format=kind)
    table.write_text(xl2_log(list(levels())))
    find = alignment.find

    def cut(*of):
        os.truncate(file, file.stat().st_size // 2)
        return find(*of)

    monkeypatch.setattr(alignment, "find", cut)
    ran = run("meter", file, "--against", table, "--out", tmp_path / "out", "--json")
    assert ran.code == 2
    assert "square.wav: it has become shorter while it was read" in ran.wrong[-1]
