"""How the box's own loudspeaker sounds at its own microphone, with the square's echo."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import FAST_S, RATE, REFERENCE_PA, Levels, decibels
from noisetamer.square.loudspeaker import RING_S, Loudspeaker, hold, speech_gain
from noisetamer.square.reverberation import Reverberation
from noisetamer.square.scenario_parts import Box

_MESSAGE_RMS = 0.123  # of the shipped messages, -18 LUFS
_USUAL_RATE = 16_000
_BLOCKS = 8  # a second, of the firmware's meter
_BINS = 5 * _BLOCKS  # steps a second of the levels tier


class Energies(NamedTuple):
    """Energy at the microphone re (20 µPa)² for a mean square of 1, A and C weighted."""

    a: float
    c: float


class Block(NamedTuple):
    """Energies re (20 µPa)² of an eighth of a second: A-weighted mean, Fast maximum."""

    a: float
    fast: float


_SILENCE = (Block(0.0, 0.0),) * _BLOCKS


class OwnVoice:
    """Coupling from the loudspeaker to the microphone.

    `box.voice_at_microphone_dB` is the LAeq at the microphone while a message with the long-term
    spectrum of speech plays at full volume. Use either `sound` or `levels` in a run, in
    ascending order, and play before the frames are asked for.
    """

    def __init__(self, box: Box, seed: int):
        self._box = box
        self._echo = Reverberation(box.reverberation_s, seed)
        self._tail_frames = round((2 * box.reverberation_s + RING_S) * RATE)  # 120 dB down
        self._chunks: list[tuple[int, NDArray[np.float64]]] = []
        self._cursor = 0
        self._sounds_until = 0
        self._loudspeaker = Loudspeaker(_USUAL_RATE)
        self._tune(_USUAL_RATE)
        self._second = np.empty(RATE)
        self._fast = self._tail = 0.0
        self.blocks = _SILENCE  # of the last second that `levels` was asked for

    def play(self, at_frame: int, samples: NDArray[np.int16], rate: int) -> None:
        """What the amplifier was given: from a frame (at 48 kHz) on, at a rate in Hz.

        What lies before the frames already asked for is lost.
        """
        if not len(samples):
            return
        if rate != self._loudspeaker.rate:
            self._loudspeaker = Loudspeaker(rate)
            self._tune(rate)
        held = hold(samples, rate)[max(self._cursor - at_frame, 0) :]
        if len(held):
            self._chunks.append((max(at_frame, self._cursor), held))

    def sound(self, first_frame: int, n: int) -> NDArray[np.float32] | None:
        """Pressure in Pa of the next frames, float32[n], or None while all is silent."""
        if first_frame > self._cursor:
            self._run(self._cursor, first_frame)
        return self._run(first_frame, first_frame + n)

    @property
    def silent(self) -> bool:
        """Whether there will be nothing to hear of it until more is played."""
        return not self._chunks and self._cursor >= self._sounds_until

    def levels(self, second: int) -> Levels | None:
        """Levels of one second from the energy that was played; None while all is silent."""
        begin, end = second * RATE, (second + 1) * RATE
        self._cursor = end
        played = self._take(begin, end, self._second)
        if played is None and self._tail * self._energy_gain.a < 1:
            self._fast = self._tail = 0.0
            self.blocks = _SILENCE
            return None
        direct, peak = [0.0] * _BINS, 0.0
        if played is not None:
            bins = played.reshape(_BINS, -1)
            # Sums of squares of 16 bits: exact in 53, in whatever order they are added.
            direct = (np.einsum("ij,ij->i", bins, bins) / bins.shape[1]).tolist()
            peak = max(played.max(), -played.min()) ** 2
        mean, fastest = self._heard(direct)
        a, c = self._energy_gain
        self.blocks = tuple(
            Block(a * one, a * other) for one, other in zip(mean, fastest, strict=True)
        )
        energy = sum(mean) / _BLOCKS
        return Levels(
            *decibels(
                np.array([energy * a, max(fastest) * a, energy * c, (peak + energy) * c])
            ).tolist()
        )

    def _tune(self, rate: int) -> None:
        """Set the gains so that the nominal message has its stated level, echo included."""
        speech = speech_gain(rate)
        wanted = REFERENCE_PA * 10 ** (self._box.voice_at_microphone_dB / 20)
        total = _MESSAGE_RMS * np.sqrt(1 + self._echo.energy)
        self._pressure_gain = wanted / (total * speech.a)
        relative = (self._pressure_gain / REFERENCE_PA) ** 2
        self._energy_gain = Energies(relative * speech.a**2, relative * speech.c**2)

    def _run(self, begin: int, end: int) -> NDArray[np.float32] | None:
        self._cursor = end
        sound = None
        at = begin
        while at < end:
            if at >= self._sounds_until:
                # Exact silence after the tail, whatever the blocks: filters start afresh.
                starts = [start for start, _ in self._chunks if start < end]
                if not starts:
                    break
                at = max(at, min(starts))
                self._loudspeaker = Loudspeaker(self._loudspeaker.rate)
                self._echo.silence()
                self._sounds_until = at + 1
            self._reach_to_last_chunk()
            stop = min(end, self._sounds_until)
            played = self._take(at, stop)
            played = np.zeros(stop - at) if played is None else played
            if sound is None:
                sound = np.zeros(end - begin, dtype=np.float32)
            heard = self._echo.add_to(self._loudspeaker.process(played))
            sound[at - begin : stop - begin] = heard * self._pressure_gain
            at = stop
        return sound

    def _reach_to_last_chunk(self) -> None:
        for start, held in sorted(self._chunks, key=lambda chunk: chunk[0]):
            if start <= self._sounds_until:
                after = start + len(held) + self._tail_frames
                self._sounds_until = max(self._sounds_until, after)

    def _take(
        self, begin: int, end: int, into: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64] | None:
        """What plays in these frames, None if nothing; forgets what has ended by then.

        `into`: where it is to be put; None: it is new.
        """
        # What ended before was not asked for: the box has lost its power meanwhile.
        playing = [one for one in self._chunks if one[0] < end and one[0] + len(one[1]) > begin]
        self._chunks = [one for one in self._chunks if one[0] + len(one[1]) > end]
        if not playing:
            return None
        played = np.empty(end - begin) if into is None else into
        played.fill(0)
        for start, held in playing:
            first, last = max(start, begin), min(start + len(held), end)
            played[first - begin : last - begin] += held[first - start : last - start]
        return played

    def _heard(self, direct: list[float]) -> tuple[list[float], list[float]]:
        """Direct sound and echo: mean and Fast maximum of each block, from the mean squares of
        the direct sound in each bin."""
        decay = 10 ** (-6 / _BINS / max(self._box.reverberation_s, 0.01))
        forget = np.exp(-1 / _BINS / FAST_S)
        bins = _BINS // _BLOCKS
        means, fastest = [0.0] * _BLOCKS, [0.0] * _BLOCKS
        for number, played in enumerate(direct):
            self._tail = self._tail * decay + played * self._echo.energy * (1 - decay)
            heard = played + self._tail
            # The detector falls from where the bin found it.
            highest = self._fast
            self._fast = self._fast * forget + heard * (1 - forget)
            block = number // bins
            means[block] += heard / bins
            fastest[block] = max(fastest[block], highest, self._fast)
        return means, fastest
