"""Faults as users meet them: each takes healthy words, int32[n], and returns what is read instead.

`rng` draws what the fault leaves to chance.
"""

import numpy as np
from square_sounds import FLOOR, MAKERS, QUIET, RATE, heard


def all_zeros(words, rng):
    return np.zeros_like(words)


def all_ones(words, rng):
    return np.full_like(words, -1)


def stuck_data(words, rng):
    return np.full_like(words, words[rng.integers(len(words))] | 0x300)


def frozen_after_a_while(words, rng):
    words = words.copy()
    words[len(words) // 2 :] = words[len(words) // 2] | 0x100
    return words


def one_block_for_ever(words, rng, block=2400):
    """The driver has stopped and hands out its last block again and again."""
    return np.resize(words[:block], len(words))


def floating_at_random(words, rng):
    return rng.integers(-(2**31), 2**31, len(words), np.int64).astype(np.int32)


def floating_in_mains_hum(words, rng):
    """The line follows the stray field: half a period high, half a period low."""
    phase = 2 * np.pi * (50 * np.arange(len(words)) / RATE + rng.random())
    field = np.sin(phase) + 0.02 * rng.standard_normal(len(words))
    return np.where(field > 0, -1, 0).astype(np.int32)


def sixteen_bits_at_the_top(words, rng):
    return words & np.int32(-65536)


def sixteen_bits_twice_in_a_word(words, rng):
    return (words & np.int32(-65536)) | ((words >> 16) & 0xFFFF)


def each_sample_twice(words, rng):
    return np.repeat(words[: len(words) // 2], 2)


def shifted_left(words, rng):
    """The SPH0645 on a receiver that starts late: the sign bit is lost."""
    return (words.astype(np.int64) << 1).astype(np.uint32).view(np.int32)


def shifted_left_18_bits(words, rng):
    return shifted_left(words & np.int32(-(1 << 14)), rng)


def shifted_right(words, rng):
    return words >> 1


def shifted_right_without_sign(words, rng):
    return (words.view(np.uint32) >> 1).view(np.int32)


def tri_state_low_byte(words, rng):
    return words | rng.integers(0, 256, len(words), np.int32)


def low_byte_follows_the_last_bit(words, rng):
    """The line keeps the level of the last bit driven for a while."""
    charge = rng.choice([0x80, 0xC0, 0xE0, 0xFF], len(words)).astype(np.int32)
    return np.where(words & 0x100, words | charge, words)


def low_byte_pulled_up(words, rng):
    return words | 0xFF


def _bursts(words, rng, value, samples):
    words = words.copy()
    for at in rng.integers(0, len(words) - samples[1], 12 * len(words) // RATE):
        span = slice(at, at + rng.integers(*samples))
        words[span] = value(len(words[span]))
    return words


def loose_wire_of_zeros(words, rng):
    return _bursts(words, rng, lambda n: 0, (20, 1000))


def loose_wire_of_ones(words, rng):
    return _bursts(words, rng, lambda n: -1, (20, 1000))


def loose_wire_of_random_words(words, rng):
    return _bursts(
        words, rng, lambda n: rng.integers(-(2**31), 2**31, n, np.int64).astype(np.int32), (2, 30)
    )


def loose_wire_at_full_scale(words, rng):
    return _bursts(words, rng, lambda n: rng.choice([-(1 << 31), 0x7FFFFF00]), (1, 60))


def dead_microphone(words, rng):
    return np.rint(1.5 * rng.standard_normal(len(words)) - 3).astype(np.int32) << 8


def dc_offset(words, rng):
    offset = int(rng.choice([-1, 1]) * rng.uniform(0.05, 0.15) * 2**23)
    return np.clip((words >> 8) + offset, -(2**23), 2**23 - 1).astype(np.int32) << 8


def wet_microphone(words, rng):
    """A film of water: third-order low-pass at 600 Hz, and the electronics' own noise."""
    spectrum = np.fft.rfft(words / 256)
    spectrum /= np.sqrt(1 + (np.fft.rfftfreq(len(words), 1 / RATE) / 600) ** 6)
    film = np.rint(np.fft.irfft(spectrum, len(words))).astype(np.int32)
    electronics = heard(np.zeros(len(words)), int(rng.integers(1000)), FLOOR - 14)
    return (film << 8) + electronics


def noisy_circuit(words, rng):
    level = rng.uniform(46, 66)
    return words + heard(np.zeros(len(words)), int(rng.integers(1000)), level)


def clipped(words, rng):
    """Overload at a point below or at full scale."""
    point = rng.uniform(0.3, 1.0) * 2**23
    boost = rng.uniform(2, 4) * point / np.abs(words >> 8).max()
    loud = np.clip(np.rint((words >> 8) * boost), -point, point - 1)
    return loud.astype(np.int32) << 8


FAULTS = {
    all_zeros: "all zeros",
    all_ones: "all ones",
    stuck_data: "stuck data",
    frozen_after_a_while: "stuck data",
    one_block_for_ever: "stuck data",
    floating_at_random: "floating channel",
    floating_in_mains_hum: "floating channel",
    sixteen_bits_at_the_top: "16 bits",
    sixteen_bits_twice_in_a_word: "16 bits",
    each_sample_twice: "each sample twice",
    shifted_left: "shifted left",
    shifted_left_18_bits: "shifted left",
    shifted_right: "shifted right",
    shifted_right_without_sign: "shifted right",
    tri_state_low_byte: "low byte",
    low_byte_follows_the_last_bit: "low byte",
    low_byte_pulled_up: "low byte",
    loose_wire_of_zeros: "loose wire",
    loose_wire_of_ones: "loose wire",
    loose_wire_of_random_words: "loose wire",
    loose_wire_at_full_scale: "loose wire",
    dead_microphone: "dead microphone",
    dc_offset: "DC offset",
    wet_microphone: "dull microphone",
    noisy_circuit: "noise floor",
    clipped: "clipping",
}

# What must be heard for the fault to show: (sound, level in dB).
LOUD = [(sound, level) for sound in MAKERS for level in (75, 90)]
SILENCE = [(QUIET, 30)]
ANY = [*LOUD, *SILENCE, ("speech", 55), ("traffic", 55)]
SHOWS_IN = {wet_microphone: LOUD, clipped: LOUD, noisy_circuit: SILENCE}
