"""`noisetamer bench`: peers are told the right thing, and what is not here is named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from program import Running
from waiting import until

from noisetamer.base.errors import UserError
from noisetamer.bench import meter, peers, scipy_meter
from noisetamer.bench.command import SUBJECTS, machine
from noisetamer.bench.found import Found, Ratio
from noisetamer.bench.turns import in_turns, said
from noisetamer.cli import run
from noisetamer.sound.design import weighting


def test_peers_weight_as_the_standard_as_far_as_the_bilinear_transform_does():
    frequencies = np.array([31.5, 63, 125, 250, 500, 1000, 2000, 4000])
    z = np.exp(-2j * np.pi * frequencies / peers.RATE)
    told = np.ones(len(z), complex)
    for b, a in peers.a_weighting():
        told *= np.polyval(b[::-1], z) / np.polyval(a[::-1], z)
    wanted = weighting.analytic("A", frequencies)
    assert 20 * np.log10(np.abs(told)) == pytest.approx(wanted, abs=0.25)


def test_the_meter_of_scipy_reads_a_full_scale_sine_as_what_it_is():
    sine = np.sin(2 * np.pi * 1000 * np.arange(5 * peers.RATE) / peers.RATE)
    found = scipy_meter.quantities(sine)
    assert len(found) == 13
    for name in ("LAeq", "LCeq", "LZeq", "LAFmax", "LAF50"):
        assert found[name] == pytest.approx(100, abs=0.05), name
    assert found["LZpeak"] == pytest.approx(103.01, abs=0.01)


@pytest.mark.tools
def test_peers_that_are_here_say_the_level_of_a_sine(tmp_path: Path):
    sine = tmp_path / "sine.wav"
    t = np.arange(2 * peers.RATE) / peers.RATE
    soundfile.write(sine, 0.1 * np.sin(2 * np.pi * 1000 * t), peers.RATE, "PCM_24")
    commands, _ = peers.commands(sine)
    assert "scipy" in {name.split()[0] for name in commands}
    for name, command in commands.items():
        assert peers.LAeq(name, said(command)) == pytest.approx(-20, abs=0.05), name
    with pytest.raises(UserError, match=r"sox .* says no level"):
        peers.LAeq("sox (3 quantities)", "RMS lev dB  -")


def test_what_is_not_installed_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch):
    there = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "sox" else there(name))
    commands, missing = peers.commands(Path("a.wav"))
    assert missing["sox"] == "not installed"
    assert not any(name.startswith("sox") for name in commands)


@pytest.mark.tools
def test_programs_take_turns_and_one_that_fails_is_a_sentence():
    progress: list[str] = []
    commands = {"a": ["true"], "b": ["true"]}
    found = in_turns(commands, 2, progress.append)
    assert [line.split(":")[0] for line in progress] == ["a", "b"] * 3
    assert found.keys() == commands.keys() and min(found.values()) >= 0
    with pytest.raises(UserError, match="false ended with 1"):
        in_turns({"c": ["false"]}, 1, progress.append)


def test_figures_go_to_people_programs_and_one_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    told = Found(
        "10 s of noise",
        {"a figure, s": 2.5, "bytes": 14454.0},
        [Ratio("meter / sox: CPU", 0.5)],
        {"ffmpeg": "not installed"},
        ["sox 14.4.2"],
    )
    monkeypatch.setitem(SUBJECTS, "meter", lambda *_: told)
    figures, picture = tmp_path / "new" / "bench.json", tmp_path / "bench.png"
    words = ["bench", "--only", "meter", "--json", str(figures), "--picture", str(picture)]
    assert run(words) == 0
    out = capsys.readouterr().out
    for shown in ("meter: 10 s of noise", "left out: ffmpeg, not installed", " 14,454\n"):
        assert shown in out
    found = json.loads(figures.read_text())
    assert found["figures"] == told.figures and found["ratios"] == {"meter / sox: CPU": 0.5}
    assert {"date", "machine"} <= found.keys() and "sox 14.4.2" in found["versions"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    drawn = tmp_path / "bench.svg"
    assert run(["bench", "--only", "meter", "--picture", str(drawn)]) == 0
    assert "<svg" in drawn.read_text()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--only", "meter,tuba"], "--only tuba: there is none such"),
        (["--only", ",,,"], "--only ,,,: there is none such"),
        (["--picture", "bench.docx"], "ends in .png or .svg"),
        (["--json", "."], ".: cannot be written: Is a directory"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    words: list[str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setitem(SUBJECTS, "meter", lambda *_: pytest.fail("measured first"))
    assert run(["bench", *words]) == 2
    assert why in capsys.readouterr().err


@pytest.mark.tools
def test_a_peer_that_fails_is_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text("#!/bin/sh\necho a library is missing\nexit 127\n")
    ffmpeg.chmod(0o755)
    there = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name: str(ffmpeg) if name == "ffmpeg" else there(name)
    )
    found = meter.measured(tmp_path, True, lambda _: None)
    assert found.left_out["ffmpeg (3 quantities)"].endswith("ended with 127: a library is missing")
    assert [ratio.name for ratio in found.ratios if "scipy" in ratio.name]


@pytest.mark.tools
def test_a_bench_that_is_ended_from_outside_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    running = Running("bench", "--only", "meter", "--quick")
    try:
        until(lambda: list(tmp_path.glob("noisetamer-bench-*/recording.wav")), "its recording")
        running.process.terminate()
        assert running.end() == 130
        until(lambda: not running.family(), "the end of all that it started")
    finally:
        running.kill_family()
    assert running.wrong[-1] == "noisetamer bench: stopped before it was done"
    assert not list(tmp_path.iterdir())


def test_the_machine_is_told_without_scipy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "noisetamer.bench.command.find_spec", lambda name: None if name == "scipy" else name
    )
    versions = machine()["versions"]
    assert "numpy" in versions and "scipy" not in versions
