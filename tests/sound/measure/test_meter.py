"""`noisetamer meter`: the firmware's own meter over a sound file."""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from folders import RECORDINGS
from program import Running, ctrl_c_heard, run, run_program
from recorders import RATE, chunk, fmt, pcm, wav, xl2
from sound_files import endless, measured, tone
from waiting import DEADLINE, until

from noisetamer.sound.kernels.emulator import available
from noisetamer.sound.measure.meter import measure
from noisetamer.sound.recording import container
from noisetamer.sound.recording.span import Span

pytestmark = pytest.mark.device

RATES = [8_000, 16_000, 44_100, 48_000, 96_000, 192_000]
FORMATS = ["PCM_16", "PCM_24", "PCM_32", "FLOAT"]

KEYS = {"LAeq", "LCeq", "LZeq", "LAFmax", "LAFmin", "LASmax", "LASmin", "LCpeak", "seconds"}
KEYS |= {
    "L5",
    "L10",
    "L50",
    "L90",
    "L95",
    "duration_s",
    "begins",
    "channel",
    "full_scale_assumed",
    "full_scale_dB",
    "saturated",
    "kernel",
    "notes",
}


def expected() -> list[dict[str, str]]:
    table = RECORDINGS / "expected.csv"
    if not table.exists():
        return []
    with table.open() as rows:
        return list(csv.DictReader(rows))


@pytest.mark.parametrize("row", expected() or [{}], ids=lambda row: row.get("file", "none"))
def test_recordings_are_measured_within_0_2_dB(recordings: Path, row: dict[str, str]):
    found = measured(recordings / row["file"], "--full-scale-db", row["full_scale_sine_dB_SPL"])
    for level in ("LAeq", "LCeq"):
        assert found[level] == pytest.approx(float(row[f"{level}_dB"]), abs=0.2)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", FORMATS)
def test_any_rate_and_format_gives_the_same_level(tmp_path: Path, rate: int, kind: str):
    found = measured(tone(tmp_path / "a.wav", rate, kind))
    assert found["LAeq"] == pytest.approx(100 - 6, abs=0.05)
    assert found["seconds"] == pytest.approx([94] * 3, abs=0.1)
    assert found["duration_s"] == 3


def test_a_channel_is_measured_by_itself(tmp_path: Path):
    loud, soft = (soundfile.read(tone(tmp_path / "a.wav", 48_000, dBFS=x))[0] for x in (-6, -26))
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([loud, soft], axis=1), 48_000)
    assert measured(path, "--channel", 1)["LAeq"] == pytest.approx(94, abs=0.05)
    assert measured(path, "--channel", 2)["LAeq"] == pytest.approx(74, abs=0.05)


def test_full_scale_is_what_the_user_says_it_is(tmp_path: Path):
    path = tone(tmp_path / "a.wav", 48_000)
    assert measured(path, "--full-scale-db", 120)["LAeq"] == pytest.approx(114, abs=0.05)


def test_an_XL2s_word_for_full_scale_is_a_peak(tmp_path: Path):
    t = np.arange(2 * RATE) / RATE
    sine = np.sqrt(2) * 10 ** ((94.0 - 128.1) / 20) * np.sin(2000 * np.pi * t)
    path = wav(tmp_path / "a.wav", fmt(bits=24), xl2(), chunk(b"data", pcm(sine, 24)))
    found = measured(path)
    assert found["LAeq"] == pytest.approx(94.0, abs=0.05)
    assert found["begins"] == "2026-11-23T19:00:00+08:00"
    assert not found["full_scale_assumed"]
    assert "128.1 dBSPL, a peak: a full-scale sine is taken as 125.09 dB" in found["notes"][0]
    asked = measured(path, "--full-scale-db", 128.1, "--from", "19:00:01")
    assert asked["LAeq"] == pytest.approx(97.0, abs=0.05)
    assert asked["duration_s"] == 1.0
    assert "128.10 dB is taken, as asked" in asked["notes"][0]
    as_peak = measured(path, "--full-scale-peak-db", 128.1)
    assert (as_peak["LAeq"], as_peak["notes"]) == (found["LAeq"], [])


def test_json_is_one_object_with_these_keys(tmp_path: Path):
    path = tone(tmp_path / "a.wav", 48_000)
    ran = run_program("meter", path, "--json")
    (line,) = ran.out.splitlines()
    found = json.loads(line)
    assert set(found) == KEYS
    assert (found["kernel"], found["saturated"], found["notes"]) == ("int", 0, [])
    assert found["LAFmin"] <= found["LAeq"] <= found["LAFmax"] < found["LCpeak"]


def test_without_json_it_is_a_table_to_read_that_claims_no_class(tmp_path: Path):
    ran = run("meter", tone(tmp_path / "a.wav", 48_000))
    assert ran.out.startswith("a.wav: 3.0 s, full-scale sine = 100 dB\n  LAeq")
    assert "digital part only, indicative" in ran.out
    assert "class" not in ran.out


def test_what_was_chosen_or_cut_off_is_said(tmp_path: Path):
    path = tmp_path / "stereo.wav"
    both = np.repeat(1.5 * np.sin(np.arange(48_000) / 7)[:, None], 2, axis=1)
    soundfile.write(path, both, 48_000, subtype="FLOAT")
    ran = run("meter", path)
    assert "has 2 channels; channel 1 is taken" in ran.wrong[0]
    assert "samples beyond full scale were cut off" in ran.wrong[1]


@pytest.mark.parametrize("kind", ["PCM_16", "PCM_24"])
def test_samples_taken_as_they_lie_in_a_wav_are_those_that_were_unpacked(
    tmp_path: Path, kind: str
):
    sound = 0.1 * np.random.default_rng(2).standard_normal(4 * 48_000 + 1)
    # A dropout that is silence, a place never written that is left out; no whole block.
    sound[60_000:110_000] = sound[-48_002:] = 0
    bare, packed = tmp_path / "a.wav", tmp_path / "a.flac"
    for path in (bare, packed):
        soundfile.write(path, sound, 48_000, subtype=kind)
    for span in (Span(), Span(0.5, 2.77)):
        found, other = measure(bare, span=span), measure(packed, span=span)
        assert {**vars(found), "notes": len(found.notes)} == {
            **vars(other),
            "notes": len(other.notes),
        }
        assert found.notes


@pytest.mark.skipif(not available(), reason="qemu-xtensa is not installed (qemu-user)")
def test_both_kernels_agree_within_0_15_dB(tmp_path: Path):
    noise = np.random.default_rng(1).standard_normal(3 * 48_000).cumsum()
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.5 * noise / abs(noise).max(), 48_000, subtype="PCM_24")
    by_int, by_fpu = (measured(path, "--kernel", kernel) for kernel in ("int", "fpu"))
    assert by_fpu["kernel"] == "fpu"
    for level in ("LAeq", "LCeq", "LAFmax", "LAFmin", "LASmax", "LCpeak"):
        assert by_fpu[level] == pytest.approx(by_int[level], abs=0.15)
    assert by_fpu["seconds"] == pytest.approx(by_int["seconds"], abs=0.15)


def test_ctrl_c_while_libsndfile_asks_for_more_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    readinto = container.Mended.readinto

    def interrupted(self: container.Mended, buffer: Any) -> int:
        signal.raise_signal(signal.SIGINT)
        return readinto(self, buffer)

    monkeypatch.setattr(container.Mended, "readinto", interrupted)
    with ctrl_c_heard():
        ran = run("meter", tone(tmp_path / "a.wav", 44_100))
    assert (ran.code, ran.out) == (130, "")
    assert ran.wrong == ["noisetamer meter: stopped before it was done"]


def test_the_kernel_does_not_hear_ctrl_c(tmp_path: Path):
    running = Running("meter", endless(tmp_path / "a.wav"))
    try:

        def kernel() -> int:
            for pid in running.family():
                with suppress(OSError):
                    if b"streamed_kernel.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        return pid
            return 0

        os.kill(until(kernel, "the kernel's process"), signal.SIGINT)
        running.ctrl_c()
        assert running.end() == 130
        assert running.wrong == ["noisetamer meter: stopped before it was done"]
    finally:
        running.kill_family()


def test_ctrl_c_before_the_kernel_is_entered_ends_the_program(tmp_path: Path):
    script = (
        "import sys, threading; from noisetamer import cli; start = threading.Thread.start\n"
        "def interrupted(thread): start(thread); raise KeyboardInterrupt\n"
        "threading.Thread.start = interrupted; sys.exit(cli.run(['meter', sys.argv[1]]))"
    )
    words = [sys.executable, "-c", script, tone(tmp_path / "a.wav", 48_000)]
    assert subprocess.run(words, capture_output=True, timeout=DEADLINE).returncode == 130


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_memory_does_not_grow_with_the_length(tmp_path: Path, rate: int):
    """Of the whole it needs a block: a recording ten times as long takes no more.

    A plain WAV waits for no library: numpy and libsndfile take as long as two minutes of sound.
    """
    script = (
        "import re, sys; from pathlib import Path; "
        "from noisetamer.sound.measure.meter import measure; "
        "found = measure(Path(sys.argv[1])); "
        "peak = re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1]; "
        "print(int(peak) / 1024, found.duration_s, not {'numpy', 'soundfile'} & set(sys.modules))"
    )
    peaks = []
    for s in (5, 50):
        path = tone(tmp_path / f"{s}.wav", rate, s=s)
        ran = subprocess.run(
            [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
        )
        peak, duration, light = ran.stdout.split()
        assert (float(duration), light) == (s, str(rate == 48_000))
        peaks.append(float(peak))
    assert max(peaks) < 80
    assert peaks[1] < peaks[0] + 4


def nothing(path: Path) -> None:
    pass


def text(path: Path) -> None:
    path.write_text("la la la\n" * 99)


def empty(path: Path) -> None:
    path.touch()


def too_slow(path: Path) -> None:
    tone(path, 4_000)


def one_channel(path: Path) -> None:
    tone(path, 48_000)


@pytest.mark.parametrize(
    ("make", "options", "sentence"),
    [
        (nothing, [], "there is no such file; check its name"),
        (text, [], "is not a sound file that can be read"),
        (empty, [], "is empty (0 bytes); record or copy it again"),
        (too_slow, [], "is sampled at 4000 Hz; the meter takes 8000 to 192000 Hz"),
        (one_channel, ["--channel", 2], "has 1 channel, so there is no channel 2; choose 1"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(tmp_path: Path, make, options, sentence: str):
    path = tmp_path / "a.wav"
    make(path)
    ran = run("meter", path, *options)
    (said,) = ran.wrong
    assert (ran.code, ran.out) == (2, "")
    assert said.startswith(f"noisetamer meter: {path}: {sentence}")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--to", "19:00"], "--to 19:00:00: the file does not say when it began; say so with"),
        (["--from", "soon"], "--from soon: is no time; write it like 19:00:05, or like 90s"),
        (["--begins", "soon"], "--begins soon: is no time; write it like 2026-11-23T19:00:00"),
        (["--zone", "+08:00"], "--zone: goes with --against LOG; give both, or neither"),
        (["--meter-clock", "+45"], "--meter-clock: goes with --against LOG"),
        (["--out", "picture"], "--out: goes with --against LOG"),
        (["--out", "picture", "--csv", "table"], "--out: goes with --against LOG"),
        (["--full-scale-db", "nan"], "--full-scale-db: give a level in dB, such as 120"),
        (["--full-scale-db", "4000"], "--full-scale-db: give a level in dB, such as 120"),
        (["--full-scale-peak-db", "1e300"], "--full-scale-db: give a level in dB, such as 120"),
        (["--full-scale-db", "-201"], "--full-scale-db: give a level in dB, such as 120"),
    ],
)
def test_an_option_that_cannot_be_is_one_sentence(tmp_path: Path, options, sentence: str):
    ran = run("meter", tone(tmp_path / "a.wav", 48_000), *options)
    (said,) = ran.wrong
    assert (ran.code, ran.out) == (2, "")
    assert said.startswith(f"noisetamer meter: {sentence}")


def test_a_full_temporary_folder_is_not_the_recording_s_fault(tmp_path: Path, monkeypatch):
    path = tone(tmp_path / "a.wav", 48_000)
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(Path("/dev/full").open, "w+b"))
    ran = run("meter", path, "--kernel", "fpu")
    assert ran.code == 2
    (said,) = ran.wrong
    assert said.startswith(
        f"noisetamer meter: {tempfile.gettempdir()}: cannot be written: No space left on device"
    )


def test_the_fpu_kernel_without_an_emulator_says_what_to_install(tmp_path: Path, monkeypatch):
    path = tone(tmp_path / "a.wav", 48_000)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    ran = run("meter", path, "--kernel", "fpu")
    assert ran.code == 2
    assert ran.wrong == [
        "noisetamer meter: the FPU kernel needs qemu-xtensa: install Debian's package qemu-user."
    ]
