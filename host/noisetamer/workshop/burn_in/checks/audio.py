"""Checks of what hears and speaks: kernel, microphone, loudspeaker."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.measure.background import MOST_ABOVE_OWN_NOISE, Likeness, likeness
from noisetamer.sound.standards.signals import FULL_SCALE_SINE
from noisetamer.sound.tone import Tone, analyse
from noisetamer.unit.files.firmware_files import kernel as wanted_kernel
from noisetamer.workshop.burn_in.check import (
    NOT_APPLICABLE,
    NOT_CONFIRMED,
    Check,
    Fault,
    judged,
)
from noisetamer.workshop.burn_in.context import HEARS, Context
from noisetamer.workshop.burn_in.limits import limit
from noisetamer.workshop.port.errors import ONCE_MORE

_BLOCKS = 16

# A whole number of periods in a block of 125 ms and in any rate the voice has; 12 dB below the
# amplifier's full scale, about as loud as speech.
_FREQUENCY, _AMPLITUDE = 1000, 0.25
_WAVE, _PIECE = 4096, 512
_SPECTRUM_POINTS = 120
_RATE = 48_000

_FLASH_AGAIN = f"flash it again with the board file of its chip, {ONCE_MORE}"
_RUBS = "listen whether its coil rubs, and look whether its supply is too weak"


def kernel(context: Context) -> list[Check]:
    """Two checks: that it answers right, and how long a block takes it."""
    facts = context.unit.call(HEARS, "kernel_times", _BLOCKS)
    about = context.about
    return judge_kernel(
        facts, wanted_kernel(about["chip"].lower(), about["mpy"]), about["block_ms"]
    )


def judge_kernel(facts: dict[str, Any], wanted: str, block_ms: int) -> list[Check]:
    """facts: kernel, self_test, us (of each block). wanted: the kernel this chip must run."""
    verdict, name = facts["self_test"], facts["kernel"]
    sound = name == wanted and "answers wrong" not in verdict
    another = Fault(f"the {name} kernel runs, not the {wanted} one ({verdict})", _FLASH_AGAIN)
    most = limit("block_time")
    worst = max(facts["us"]) / 1000
    takes = f"a block takes {worst:.1f} ms of its {block_ms} ms"
    return [
        judged(
            "kernel",
            f"the {wanted} kernel, self-test passed",
            [] if sound else [another],
            f"the {name} kernel finds in the test vector what there is",
            {"kernel": name, "self_test": verdict},
        ),
        judged(
            "block time",
            str(most),
            [] if most.keeps(worst) else [Fault(takes, _FLASH_AGAIN)],
            takes,
            {
                "worst_ms": worst,
                "mean_ms": sum(facts["us"]) / len(facts["us"]) / 1000,
                "block_ms": block_ms,
            },
        ),
    ]


def microphone(context: Context) -> list[Check]:
    """The signal doctor, and the background against the microphone's own noise."""
    findings = context.unit.call(HEARS, "examine")
    squares = np.array(context.unit.call(HEARS, "background")) / FULL_SCALE_SINE
    about = context.about
    level = about["full_scale"] + _dB(float(squares.mean()))
    like = likeness(_kept_wave(context), _RATE, 10 * np.log10(np.maximum(squares, 1e-15)))
    return [judge_microphone(findings, level, about["floor"] + about["calibration"], like)]


def judge_microphone(
    findings: list[list[str]], level: float, own_noise: float, like: Likeness
) -> Check:
    """findings: (code, what is wrong, what to do) each. level: of the background, own_noise: of
    this microphone in silence, both dB(A). like: the background."""
    above = level - own_noise
    measured = {
        "findings": [code for code, _, _ in findings],
        "background_dBA": round(level, 1),
        "own_noise_dBA": round(own_noise, 1),
    }
    faults = [Fault(_clause(wrong), _clause(what)) for _, wrong, what in findings]
    bounds = f"no finding; background at most {MOST_ABOVE_OWN_NOISE:g} dB over its own noise"
    if not faults and above > MOST_ABOVE_OWN_NOISE:
        verdict = (
            f"the signal doctor finds nothing wrong; the background is {level:.0f} dB(A), "
            f"{above:.0f} dB over the microphone's own noise, {like.like}: {like.do}"
        )
        return Check("microphone", NOT_CONFIRMED, bounds, verdict, measured)
    well = f"the signal doctor finds nothing wrong, in a background of {level:.0f} dB(A)"
    return judged("microphone", bounds, faults, well, measured)


def _clause(sentence: str) -> str:
    """Without full stop and capital, unless it begins with an abbreviation."""
    begins = sentence[:1] if sentence[1:2].isupper() else sentence[:1].lower()
    return begins + sentence[1:].rstrip(".")


def tone(context: Context) -> list[Check]:
    """The loudspeaker, heard by the microphone."""
    if not context.about["loudspeaker"]:
        return [Check("tone", NOT_APPLICABLE, "", "no loudspeaker on this board")]
    heard = context.unit.call(HEARS, "play", _FREQUENCY, _AMPLITUDE)
    wave = _kept_wave(context)
    full_scale = context.about["full_scale"]
    before, during = (
        full_scale + _dB(float(np.median(heard[when])) / FULL_SCALE_SINE)
        for when in ("before", "during")
    )
    return [judge_tone(before, during, analyse(wave), spectrum(wave, full_scale))]


def judge_tone(
    before: float, during: float, heard_tone: Tone | None, seen: dict[str, list[float]]
) -> Check:
    """before, during: levels in dB(A)."""
    over, odd, off = (
        limit(name) for name in ("tone_over_background", "tone_distortion", "tone_frequency")
    )
    bounds = f"{over} over background; distortion {odd}; frequency off {off}"
    measured: dict[str, Any] = {"background_dBA": round(before, 1), "level_dBA": round(during, 1)}
    measured["spectrum"] = seen
    if heard_tone is None or not over.keeps(during - before):
        if not limit("tone_background").keeps(before):
            verdict = (
                f"too loud a place: its {before:.0f} dB(A) hide the tone; switch off what sounds, "
                "take a calibrator off, then burn in again"
            )
            return Check("tone", NOT_CONFIRMED, bounds, verdict, measured)
        mute = Fault(
            f"the tone is {round(during - before, 1) + 0.0:.1f} dB over a background of "
            f"{before:.0f} dB(A)",
            "look at the loudspeaker's wires, its amplifier and the microphone's port",
        )
        return judged("tone", bounds, [mute], "", measured)
    distortion = heard_tone.distortion
    away = 100 * abs(heard_tone.frequency / _FREQUENCY - 1)
    measured |= {
        "distortion_%": round(distortion, 2),
        "frequency_Hz": round(heard_tone.frequency, 2),
    }
    faults = []
    if not off.keeps(away):
        heard = f"{heard_tone.frequency:.0f} Hz is heard, {_FREQUENCY} Hz is played"
        faults.append(Fault(heard, "look at the I2S rates in the board file, flash it again"))
    if not odd.keeps(distortion):
        faults.append(Fault(f"{distortion:.1f} % of distortion", _RUBS))
    well = (
        f"{_FREQUENCY} Hz at {during:.1f} dB(A), {during - before:.0f} dB over background, "
        f"{distortion:.1f} % distortion"
    )
    return judged("tone", bounds, faults, well, measured)


def _kept_wave(context: Context) -> NDArray[np.float64]:
    """float64[_WAVE] re full scale."""
    shift = context.unit.call(HEARS, "shift", _WAVE)
    pieces = [
        np.frombuffer(
            base64.b64decode(context.unit.call(HEARS, "piece", at, _PIECE, shift)), "<i2"
        )
        for at in range(0, _WAVE, _PIECE)
    ]
    return np.concatenate(pieces) * 2.0 ** (shift - 31)


def spectrum(wave: NDArray[np.float64], full_scale: float) -> dict[str, list[float]]:
    """The highest line in each of many equal steps of pitch: Hz, and dB as a sine."""
    window = np.hanning(len(wave))
    amplitude = 2 * np.abs(np.fft.rfft(wave * window)) / np.sum(window)
    hertz = np.fft.rfftfreq(len(wave), 1 / _RATE)
    edges = np.geomspace(50, 20_000, _SPECTRUM_POINTS + 1)
    step = np.searchsorted(edges, hertz) - 1
    lines: dict[str, list[float]] = {"Hz": [], "dB": []}
    for number in range(_SPECTRUM_POINTS):
        there = amplitude[step == number]
        if len(there):
            lines["Hz"].append(round(float(np.sqrt(edges[number] * edges[number + 1])), 1))
            lines["dB"].append(round(full_scale + _dB(float(there.max() ** 2)), 1))
    return lines


def _dB(ratio: float) -> float:
    return float(10 * np.log10(max(ratio, 1e-15)))
