"""Checks of what hears and speaks: kernel, microphone, loudspeaker."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.standards.signals import FULL_SCALE_SINE
from noisetamer.sound.tone import Tone, analyse
from noisetamer.unit.files.firmware_files import kernel as wanted_kernel
from noisetamer.workshop.burn_in.check import NOT_APPLICABLE, Check, judged
from noisetamer.workshop.burn_in.context import HEARS, Context
from noisetamer.workshop.burn_in.limits import limit

_BLOCKS = 16

# A whole number of periods in a block of 125 ms and in any rate the voice has; 12 dB below the
# amplifier's full scale, about as loud as speech.
_FREQUENCY, _AMPLITUDE = 1000, 0.25
_WAVE, _PIECE = 4096, 512
_SPECTRUM_POINTS = 120
_RATE = 48_000


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
    wrong = [] if sound else [f"the {name} kernel runs, not the {wanted} one: {verdict}"]
    most = limit("block_time")
    worst = max(facts["us"]) / 1000
    slow = f"a block takes {worst:.1f} ms of its {block_ms} ms"
    return [
        judged(
            "kernel",
            f"the {wanted} kernel, self-test passed",
            wrong,
            f"the {name} kernel finds in the test vector what there is",
            {"kernel": name, "self_test": verdict},
        ),
        judged(
            "block time",
            str(most),
            [] if most.keeps(worst) else [slow],
            slow,
            {
                "worst_ms": worst,
                "mean_ms": sum(facts["us"]) / len(facts["us"]) / 1000,
                "block_ms": block_ms,
            },
        ),
    ]


def microphone(context: Context) -> list[Check]:
    """The signal doctor."""
    findings = context.unit.call(HEARS, "examine")
    return [judge_microphone(findings)]


def judge_microphone(findings: list[list[str]]) -> Check:
    """findings: (code, what is wrong, what to do) each."""
    return judged(
        "microphone",
        "no finding",
        [f"{_clause(wrong)}: {_clause(what)}" for _, wrong, what in findings],
        "the signal doctor finds nothing wrong",
        {"findings": [code for code, _, _ in findings]},
    )


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
        loud = ", too loud a place" if before > 75 else ""
        reason = (
            f"the tone is {during - before:.1f} dB over a background of {before:.0f} dB(A){loud}: "
            "look at the loudspeaker's wires, amplifier and microphone port"
        )
        return judged("tone", bounds, [reason], "", measured)
    distortion = heard_tone.distortion
    away = 100 * abs(heard_tone.frequency / _FREQUENCY - 1)
    measured |= {
        "distortion_%": round(distortion, 2),
        "frequency_Hz": round(heard_tone.frequency, 2),
    }
    reasons = []
    if not off.keeps(away):
        reasons.append(f"{heard_tone.frequency:.0f} Hz is heard, {_FREQUENCY} Hz is played")
    if not odd.keeps(distortion):
        reasons.append(f"{distortion:.1f} % of distortion: a coil that rubs, or a weak supply")
    well = (
        f"{_FREQUENCY} Hz at {during:.1f} dB(A), {during - before:.0f} dB over background, "
        f"{distortion:.1f} % distortion"
    )
    return judged("tone", bounds, reasons, well, measured)


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
