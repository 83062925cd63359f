"""Features of one slot of the I2S frame, from which `diagnose` names faults. Pure."""

from array import array

# One word in so many is examined closely: prime, so that it never falls in step with a tone.
_STRIDE = 7

# Samples between the three points that distinguish a tone from a broad sound.
_LAG = 5

# Words of a block from which its mean is estimated.
_SPREAD = 37

# A step within one sample that no sound makes, in 24-bit steps: half of full scale.
_JUMP = 1 << 22

# Where the values stop: repeats, value, step into them, step out of them (0: out of sight).
_EVENT = 4
_MOST_EVENTS = 16

# Flat tops are clipping from here on, 24-bit steps (-30 dBFS), and enter at least this steeply.
_LEAST_TOP = 1 << 18
_STEEP = 1 << 10


class SlotFeatures:
    """Accumulated over every window of one slot."""

    def __init__(self, from_driver):
        self._from_driver = from_driver
        self._events = array("i", bytes(4 * _EVENT * _MOST_EVENTS))
        self.windows = self.points = 0
        # Sums of magnitudes: of the sound, its first, second, fourth difference, and the two
        # differences over _LAG.
        self.sound = self.first = self.second = self.fourth = 0.0
        self.lagged = self.lagged_twice = 0.0
        self.means = self.means_squared = self.spread = 0.0
        self.loudest, self.quietest = 0.0, 1e38
        self.hiss = self.hiss_squared = 0.0
        self.lowest, self.highest = 0x7FFFFF, -0x800000
        self.peak = 0
        self.bits = self.seen = 0
        self.low_bits = self.low_words = self.twins = self.idle_low = self.idle_high = 0
        self.paired = self.unpaired = 0
        self.clips = self.breaks = 0
        self.still = 0  # windows since the last that moved

    def add(self, words, begin, end, step):
        """Take in words[begin:end:step]."""
        count = (end - begin + step - 1) // step
        moves = self._find_runs(words, begin, end, step)
        self.still = 0 if moves else self.still + 1
        points = self._add_differences(words, begin, end, step)
        self.windows += 1
        self.points += points
        mean = self._total / count
        self.means += mean
        self.means_squared += mean * mean
        self._count_clips_and_breaks()

    def add_mean(self, words, begin, end, step):
        """Take in the mean of words[begin:end:step] from a few words spread over them."""
        every = (end - begin) // (_SPREAD * step) * step
        total = 0
        for i in range(begin, begin + _SPREAD * every, every):
            total += words[i] >> 8
        self.spread += total / _SPREAD

    def _find_runs(self, words, begin, end, step):
        """Note runs of equal values and steps too big for a sound; True if anything moved."""
        up, down, most, events = _JUMP, -_JUMP, _EVENT * _MOST_EVENTS, self._events
        x = words[begin] >> 8
        total = x
        run = into = kept = 0
        equal = [0, 0]
        for i in range(begin + step, end, step):
            now = words[i] >> 8
            total += now
            if now == x:
                run += 1
                equal[(i // step) & 1] += 1
                continue
            d = now - x
            if (run > 1 or not down < d < up) and kept < most:
                events[kept] = run
                events[kept + 1] = x
                events[kept + 2] = into
                events[kept + 3] = d
                kept += _EVENT
            run = 0
            into = d
            x = now
        if run > 1 and kept < most:
            events[kept] = run
            events[kept + 1] = x
            events[kept + 2] = into
            events[kept + 3] = 0
            kept += _EVENT
        self._total = total
        self._kept = kept
        pairs = ((end - begin + step - 1) // step - 1) // 2
        more, fewer = max(equal), min(equal)
        if fewer < 0.7 * pairs:
            if more >= pairs:
                self.paired += 1
            else:
                self.unpaired += 1
        return fewer + more < (end - begin + step - 1) // step - 1

    def _add_differences(self, words, begin, end, step):
        """Sum magnitudes and gather bits at every _STRIDE-th word; return how many."""
        mean = self._total // ((end - begin + step - 1) // step)
        second_next, third_next, fourth_next = 2 * step, 3 * step, 4 * step
        near, far = _LAG * step, 2 * _LAG * step
        sound = first = second = fourth = lagged = lagged_twice = 0
        lowest, highest = self.lowest, self.highest
        seen, low_bits, high_bits, low_words = self.seen, self.low_bits, 0, 0
        at = range(begin, end - far, _STRIDE * step)
        for i in at:
            word = words[i]
            # A word of 32 bits is a big integer in either Python: rather calculate with its parts.
            x = word >> 8
            low = word & 0xFF
            if low:
                low_bits |= low
                low_words += 1
            if low == (x >> 8) & 0xFF and not (x ^ (x >> 16)) & 0xFF:
                if x == 0:
                    self.idle_low += 1
                elif x == -1:
                    self.idle_high += 1
                else:
                    self.twins += 1
            high_bits |= x
            seen |= 1 << x % 29
            if x < lowest:
                lowest = x
            if x > highest:
                highest = x
            b = words[i + step] >> 8
            c = words[i + second_next] >> 8
            d = words[i + third_next] >> 8
            e = words[i + fourth_next] >> 8
            m = words[i + near] >> 8
            # Without abs: its call costs more than the difference.
            change = x - mean
            sound += change if change > 0 else -change
            change = b - x
            first += change if change > 0 else -change
            change = c - b - change
            second += change if change > 0 else -change
            change = x + e - ((b + d) << 2) + 6 * c
            fourth += change if change > 0 else -change
            change = m - x
            lagged += change if change > 0 else -change
            change = (words[i + far] >> 8) - m - change
            lagged_twice += change if change > 0 else -change
        self.lowest, self.highest = lowest, highest
        self.peak = max(abs(lowest), abs(highest))
        self.bits |= (high_bits & 0x3FFFFF) << 8 | low_bits
        self.seen, self.low_bits = seen, low_bits
        self.low_words += low_words
        n = len(at)
        self._sound, self._first = sound / n, first / n
        self.sound += sound
        self.first += first
        self.second += second
        self.fourth += fourth
        self.lagged += lagged
        self.lagged_twice += lagged_twice
        self.hiss += fourth / n
        self.hiss_squared += (fourth / n) ** 2
        self.loudest = max(self.loudest, sound / n)
        self.quietest = min(self.quietest, first / n)
        return n

    def _count_clips_and_breaks(self):
        """Tell flat tops from a broken contact among this window's runs and steps."""
        # A recording may hold digital silence; a microphone never holds its value.
        noticeable = 16 if self._from_driver else max(2048, self._sound / 2)
        for i in range(0, self._kept, _EVENT):
            run, value = self._events[i], self._events[i + 1]
            into, out = self._events[i + 2], self._events[i + 3]
            step_in, step_out = abs(into), abs(out)
            smaller, bigger = min(step_in, step_out), max(step_in, step_out)
            torn = smaller >= _JUMP and smaller > 24 * self._first
            outward = (into > 0) == (value > 0) and (out > 0) != (value > 0)
            flat = run > 1 and abs(value) >= max(_LEAST_TOP, 0.7 * self.peak)
            if flat and not (into and out):
                continue  # the window shows too little of it
            if flat and outward and not torn:
                # A slow wave rests at its top for some samples; a cut one arrives there fast.
                self.clips += step_in >= _STEEP
            elif torn or (run > 6 and (bigger if self._from_driver else smaller) >= noticeable):
                self.breaks += 1

    def values(self):
        """How varied the values are, 0 to 29."""
        return bin(self.seen).count("1")

    def lowest_bit(self):
        """Number of the lowest bit ever set, 0 to 30."""
        bit = 0
        while bit < 30 and not (self.bits >> bit) & 1:
            bit += 1
        return bit
