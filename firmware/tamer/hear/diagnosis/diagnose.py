"""What is wrong with the words of an I2S microphone, and how to mend it. Pure.

Both Pythons reach the same verdict. Give a Diagnosis blocks as they were read, before the kernel
overwrites them, then ask for its findings.

What it cannot tell apart, and so does not report:
- Mono: the wrong slot from a broken wire (both are zeros), a floating L/R pin from a loose wire,
  a floating slot that copies its neighbour from the neighbour.
- A dead capsule whose electronics still hiss from a quiet place; a wet capsule whose electronics
  still hiss from a dull sound; soft overload inside the microphone from loud sound.
- Steady white noise of 41 to 70 dB(A) from a noisy circuit: only an even hiss is named, any
  other raised floor only where the caller knows that the place is quiet.
- Lost samples from a slow clock; samples doubled before a filter from sound without treble.
- A right shift or a tri-state byte once the words became a sound file.
- A block delivered again and again, on the host, which does not know the driver's blocks.
- Music of pure low tones without any noise, as only a computer makes it, from a wet microphone.
- A tone of a few samples a period carries too few values to judge shifts or doubling by.
"""

import math
from array import array

from tamer.hear.diagnosis.advice import finding
from tamer.hear.diagnosis.features import SlotFeatures

# White noise over 24 kHz, dB(A) less dB (the mean of A squared, IEC 61672-1:2013 Annex E).
_A_OF_WHITE = -2.7
_FULL_SCALE_SINE = 8388608 / math.sqrt(2.0)

# Of white Gaussian noise: mean magnitude to RMS; RMS of its fourth difference to its own.
_RMS_OF_MEAN = math.sqrt(math.pi / 2)
_FOURTH = math.sqrt(70.0)

_FEWEST_WINDOWS = 4

# Where the microphone's own noise is not known, dB(A).
_ANY_FLOOR = 33.0

# Such a slot has no microphone in it.
_EMPTY = ("all zeros", "all ones", "stuck data", "floating channel")


class Diagnosis:
    """Of blocks of raw words; memory does not grow with their number."""

    def __init__(
        self,
        channels=1,
        slot=0,
        rate=48000,
        full_scale=120.0,
        floor: float | None = 33.0,
        bits: int | None = 24,
        from_driver=True,
        window=1024,
    ):
        """`channels`: 1, or 2 interleaved, of which the microphone should use `slot` (0 left).

        rate: Hz asked for. full_scale: level of a full-scale sine, dB. floor: the microphone's
        own noise, dB(A); None where it is not known: noise floor and dullness are not judged.
        bits: None where the words' low bits are not the microphone's. from_driver: False for a
        sound file, which may be silent. window: frames looked at in a block, at a place that
        changes; the rest only counts against time.
        """
        self._channels = channels
        self._slot = slot
        self._rate = rate
        self._full_scale = full_scale
        self._floor = floor
        self._bits = bits
        self._from_driver = from_driver
        self._window = window
        self._slots = [SlotFeatures(from_driver) for _ in range(channels)]
        self._heard = 0
        self._place = 1
        self._opening = array("i", bytes(4 * 8))
        self._again = 0
        self._lone = [0, 0]

    def listen(self, words, n):
        """Take in a block: `n` words of array('i'), as the driver filled them.

        Blocks of fewer than 64 frames are only counted.
        """
        frames = n // self._channels
        self._heard += frames
        if frames < 64:
            return
        window = min(frames, self._window)
        self._place = (self._place * 1103 + 12345) % 65521
        begin = self._place % (frames - window + 1) * self._channels
        end = begin + window * self._channels
        for number, slot in enumerate(self._slots):
            slot.add(words, begin + number, end, self._channels)
            slot.add_mean(words, number, frames * self._channels, self._channels)
        if self._channels == 2:
            left, right = self._slots
            if (left.still == 0) != (right.still == 0):
                self._lone[0 if right.still else 1] += 1
        if self._from_driver:
            self._compare_with_last(words, n)

    def skip(self, frames):
        """Count frames that arrived and are not examined: the rate needs them."""
        self._heard += frames

    def findings(self, elapsed=None, quiet=False):
        """List of Finding, the leading one first; empty: nothing wrong.

        elapsed: s the frames took to arrive, None: not known. quiet: the caller knows that the
        place is silent. A fault of the data suppresses those of the sound: they would mean
        nothing.
        """
        findings = self._wrong_rate(elapsed)
        if not self._slots[0].windows:
            return [finding("no data")] if not self._heard else findings
        code = self._data_fault()
        if code:
            return [finding(code)] + findings
        return findings + self._sound_faults(self._slots[self._slot], quiet)

    def _compare_with_last(self, words, n):
        """Count how often the same block came again, unless its sound repeats by itself."""
        opening = self._opening
        same = True
        for i in range(8):
            if opening[i] != words[i]:
                same = False
                opening[i] = words[i]
        self._again = self._again + 1 if same else 0
        if same:
            first, second = words[0], words[1]
            for i in range(1, n - 1):
                if words[i] == first and words[i + 1] == second:
                    self._again = 0
                    return

    def _wrong_rate(self, elapsed):
        if not elapsed:
            return []
        expected = self._rate * elapsed
        # What the driver may still hold, or have held before, is no fault.
        if abs(self._heard - expected) <= 0.02 * expected + 0.15 * self._rate:
            return []
        return [finding("wrong rate", round(self._heard / elapsed), self._rate)]

    def _data_fault(self):
        code = self._slot_fault(self._slots[self._slot])
        if self._channels == 1:
            return code
        if min(self._lone) > 0.1 * self._slots[0].windows:
            return "floating channel"
        if code in _EMPTY or self._dead(self._slots[self._slot]):
            other = self._slots[1 - self._slot]
            if self._slot_fault(other) not in _EMPTY and not self._dead(other):
                return "channels swapped"
        return code

    def _slot_fault(self, slot):
        """The code of what is wrong with the words of one slot, or None."""
        if slot.still == slot.windows and slot.lowest == slot.highest:
            return {0: "all zeros", -1: "all ones"}.get(slot.highest, "stuck data")
        if self._from_driver:
            if _floats(slot):
                return "floating channel"
            if slot.still > 3 or (self._again > 2 and not self._is_computed(slot)):
                return "stuck data"
            if slot.twins > 0.9 * slot.points and slot.values() > 3:
                return "16 bits"
        if slot.paired > 2 and slot.paired > 9 * slot.unpaired and slot.values() > 7:
            return "each sample twice"
        code = self._word_fault(slot) if self._bits else None
        if code:
            return code
        if slot.breaks > 2:
            return "loose wire"
        if self._from_driver and slot.low_words > 0.1 * slot.points:
            return "low byte"
        return None

    def _word_fault(self, slot):
        """Where the bits sit: 24 or 18 of them from the top of the word, or beside that."""
        lowest, values = slot.lowest_bit(), slot.values()
        half = 0.25 * slot.points < slot.low_words < 0.75 * slot.points
        if (slot.low_bits == 0x80 and half) or (lowest == 13 and values > 13):
            return "shifted right"
        if lowest in (9, 15) and values > 13:
            return "shifted left"
        if self._from_driver and lowest >= 16 and values > 3:
            return "16 bits"
        return None

    def _own_noise(self):
        return _ANY_FLOOR if self._floor is None else self._floor

    def _dead(self, slot):
        return self._level(slot.loudest) < self._own_noise() - 20

    def _hiss(self, slot):
        """Level of white noise with the same fourth difference, dB(A)."""
        return self._level(slot.fourth / slot.points / _FOURTH)

    def _is_computed(self, slot):
        """No microphone is that free of hiss, not even a wet one."""
        return self._hiss(slot) < self._own_noise() - 35

    def _sound_faults(self, slot, quiet):
        if self._dead(slot):
            return [finding("dead microphone")]
        findings = []
        if slot.clips > 2:
            findings.append(finding("clipping"))
        if slot.windows < _FEWEST_WINDOWS:
            return findings
        offset = _offset(slot)
        if abs(offset) > 0.03:
            findings.append(finding("DC offset", round(100 * offset, 1)))
        if self._floor is None:
            return findings
        hiss = self._hiss(slot)
        loud = self._level(slot.sound / slot.points)
        dull = hiss < self._floor - 8 and loud > self._floor + 10
        if dull and not _is_tone(slot) and not self._is_computed(slot):
            findings.append(finding("dull microphone"))
        # A quiet place leaves nothing above the microphone's own noise; low rumble may remain.
        least = self._level(slot.quietest / math.sqrt(2.0))
        if (quiet and least > self._floor + 8) or (
            self._floor + 8 < hiss < self._floor + 37 and _is_even_hiss(slot)
        ):
            findings.append(finding("noise floor"))
        return findings

    def _level(self, mean):
        """Level in dB(A) of white noise of this mean magnitude, dB re 20 uPa."""
        rms = max(mean, 1e-3) * _RMS_OF_MEAN / _FULL_SCALE_SINE
        spread = 10 * math.log10(48000 / self._rate)
        return self._full_scale + 20 * math.log10(rms) + spread + _A_OF_WHITE


def _floats(slot):
    """Nobody drives the line: idle words in both senses, or all 32 bits at random."""
    idle = slot.idle_low + slot.idle_high
    if idle > 0.8 * slot.points and min(slot.idle_low, slot.idle_high) > 0.02 * slot.points:
        return True
    random = slot.low_words > 0.9 * slot.points and slot.low_bits & 0x7F
    return bool(random) and slot.first > 0.4 * 8388608 * slot.points


def _offset(slot):
    """Mean re full scale; 0 where slow sound may account for it."""
    mean, spread = slot.means / slot.windows, slot.spread / slot.windows
    variance = max(0.0, slot.means_squared / slot.windows - mean * mean)
    if abs(mean) < 5 * math.sqrt(variance / slot.windows) or mean * spread <= 0:
        return 0.0
    # A deep tone in step with the blocks leaves a mean in one of the two.
    return min(mean, spread, key=abs) / 8388608


def _is_tone(slot):
    """Of a single sine the magnitudes of successive differences form a geometric series."""
    return slot.lagged * slot.lagged > 0.93 * slot.sound * slot.lagged_twice


def _is_even_hiss(slot):
    """White by three ratios of differences, and steady from window to window."""
    if slot.windows < 2 * _FEWEST_WINDOWS or not slot.first:
        return False
    white = (
        1.25 < slot.first / slot.sound < 1.5
        and 1.66 < slot.second / slot.first < 1.8
        and 3.25 < slot.fourth / slot.second < 3.58
    )
    mean = slot.hiss / slot.windows
    return white and slot.hiss_squared / slot.windows - mean * mean < 0.15**2 * mean * mean
