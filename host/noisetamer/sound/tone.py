"""What a tone is like: its frequency, its distortion, and what else is heard beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.design.weighting import RATE, Weighting, analytic

Wave = NDArray[np.float64]
"""float64[n] at 48 kHz, re full scale."""

# The tone and four harmonics: what a calibrator or a microphone adds beyond is far below these.
_HARMONICS = 5
_HIGHEST_HZ = 20_000.0
_LOWEST_HZ = 100.0


@dataclass(frozen=True)
class Tone:
    """frequency in Hz. level: dB re a full-scale sine. distortion: total harmonic, in %.

    rest_A, rest_C: level of everything that is neither the tone nor a harmonic of it, dB re the
    tone, both weighted.
    """

    frequency: float
    level: float
    distortion: float
    rest_A: float
    rest_C: float


def analyse(wave: Wave) -> Tone | None:
    """The strongest tone from 100 Hz up; None in silence.

    `wave`: at least 1024 samples.
    """
    n = len(wave)
    window = np.hanning(n)
    wave = wave - np.average(wave, weights=window)
    if not np.any(wave):
        return None
    frequency = _refined(wave, window, _strongest(wave, window))
    count = min(_HARMONICS, int(_HIGHEST_HZ / frequency))
    amplitudes, rest = _fitted(wave, window, frequency * np.arange(1, count + 1))
    fundamental = amplitudes[0]
    if fundamental == 0:
        return None
    return Tone(
        frequency=frequency,
        level=float(20.0 * np.log10(fundamental)),
        distortion=float(100.0 * np.sqrt(np.sum(amplitudes[1:] ** 2)) / fundamental),
        rest_A=_relative(rest * window, window, frequency, fundamental, "A"),
        rest_C=_relative(rest * window, window, frequency, fundamental, "C"),
    )


def _strongest(wave: Wave, window: Wave) -> float:
    size = 8 * len(wave)
    power = np.abs(np.fft.rfft(wave * window, size)) ** 2
    hertz = np.fft.rfftfreq(size, 1.0 / RATE)
    power[(hertz < _LOWEST_HZ) | (hertz > _HIGHEST_HZ)] = 0.0
    return float(hertz[np.argmax(power)])


def _refined(wave: Wave, window: Wave, frequency: float) -> float:
    """Least squares over frequency too (four-parameter sine fit of IEEE 1057), windowed."""
    t = (np.arange(len(wave)) - (len(wave) - 1) / 2.0) / RATE
    slope = 0.0
    cosine = sine = 0.0
    for _ in range(6):
        frequency += slope
        turn = 2.0 * np.pi * frequency * t
        derivative = 2.0 * np.pi * t * (sine * np.cos(turn) - cosine * np.sin(turn))
        columns = [np.cos(turn), np.sin(turn), np.ones_like(t)]
        if cosine or sine:
            columns.append(derivative)
        found = _least_squares(np.stack(columns, 1), wave, window)
        cosine, sine = float(found[0]), float(found[1])
        # The first round only finds the phase.
        slope = float(np.clip(found[3], -20.0, 20.0)) if len(found) > 3 else 0.0
    return frequency


def _fitted(
    wave: Wave, window: Wave, frequencies: NDArray[np.floating]
) -> tuple[NDArray[np.floating], Wave]:
    """(float[m]: amplitude of each of the frequencies; the residual of the wave)."""
    turn = 2.0 * np.pi * np.outer(np.arange(len(wave)) / RATE, frequencies)
    columns = np.hstack([np.cos(turn), np.sin(turn), np.ones((len(wave), 1))])
    found = _least_squares(columns, wave, window)
    pairs = found[:-1].reshape(2, -1)
    return np.hypot(*pairs), wave - columns @ found


def _least_squares(columns: NDArray[np.float64], wave: Wave, window: Wave) -> NDArray[np.floating]:
    """Coefficients of `columns`, float64[n, m], that fit the wave best; float[m]."""
    # Sines of different frequencies are nearly orthogonal: no need for a decomposition.
    weighted = columns * np.square(window)[:, None]
    return np.linalg.solve(weighted.T @ columns, weighted.T @ wave)


def _relative(
    rest: Wave, window: Wave, frequency: float, amplitude: float, weighting: Weighting
) -> float:
    """Weighted level of the windowed rest re the tone, dB; no less than -120."""
    power = 2.0 * np.abs(np.fft.rfft(rest)) ** 2 / (len(rest) * np.sum(window**2))
    hertz = np.fft.rfftfreq(len(rest), 1.0 / RATE)[1:]
    gain = 10.0 ** ((analytic(weighting, hertz) - analytic(weighting, frequency)) / 10.0)
    ratio = float(np.sum(power[1:] * gain)) / (amplitude**2 / 2.0)
    return float(10.0 * np.log10(max(ratio, 1e-12)))
