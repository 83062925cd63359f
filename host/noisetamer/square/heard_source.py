"""One source as one box hears it: which second of its loop, how loud, second by second."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE, REFERENCE_PA
from noisetamer.square.loop import FAST_BINS, Loop
from noisetamer.square.scenario import Scenario
from noisetamer.square.scenario_parts import Source
from noisetamer.square.schedule import Schedule, Steps, Wander, always, drift, listed, recurring
from noisetamer.square.seeds import stream
from noisetamer.square.sounds.catalogue import CATALOGUE, loop_of

_EDGE = round(0.02 * RATE)  # switching on and off takes 20 ms, so that nothing clicks
_FADE = (np.sin(np.linspace(0, np.pi / 2, _EDGE, endpoint=False)) ** 2).astype(np.float32)
_RAMP = np.linspace(0, 1, RATE, endpoint=False, dtype=np.float32)
_BIN_SHARE = (np.arange(FAST_BINS) + 0.5) / FAST_BINS


class Stretch(NamedTuple):
    """A source over consecutive seconds.

    on, starts, stops   bool[seconds]: heard at all, fades in, fades out
    place               int[seconds]: which second of the loop
    gain                float[seconds + 1] at the boundaries: amplitude re 20 µPa, linear between
    """

    on: NDArray[np.bool_]
    starts: NDArray[np.bool_]
    stops: NDArray[np.bool_]
    place: NDArray[np.int64]
    gain: NDArray[np.float64]


class HeardSource:
    """A source at its distance, with this unit's own place in the loop and its own wandering."""

    def __init__(self, source: Source, scenario: Scenario, seed: int, unit: int):
        rng = stream(seed, unit, f"source {source.name}")
        lag = scenario.box.stagger_s * unit
        self.source = source
        self.loop: Loop = loop_of(source.sound, source.option, seed, f"loop {source.name}")
        self.schedule = _schedule(source, self.loop.seconds, scenario.duration_s, lag, rng)
        once = CATALOGUE[source.sound].once
        self._offset = 0 if once else int(rng.integers(self.loop.seconds))
        self._lag = lag
        self._level_dB = source.level_dB - 20 * np.log10(source.distance_m)
        self._volume = Steps(_volume(source, self.schedule, lag))
        self._wander = Wander(source.wander_dB, rng)

    def stretch(self, first: int, count: int, change_dB: NDArray[np.float64]) -> Stretch:
        """The seconds from `first` on; `change_dB` is the crowd's, at the count + 1 boundaries."""
        boundaries = np.arange(first, first + count + 1)
        on, since, left = self.schedule.look(boundaries[:-1])
        level = self._level_dB + self._volume.at(boundaries) + self._wander.at(boundaries)
        level += drift(*self.source.drift, boundaries, self._lag) + change_dB
        place = (since + self._offset) % self.loop.seconds
        starts = on & (since == 0) & (boundaries[:-1] > 0)
        return Stretch(on, starts, on & (left == 1), place, 10 ** (level / 20))

    def sound(self, stretch: Stretch, number: int, into: NDArray[np.float32]) -> bool:
        """One second of a stretch in Pa, into float32[48000]; False, and nothing, while it is
        off."""
        if not stretch.on[number]:
            return False
        begin, end = stretch.gain[number : number + 2] * REFERENCE_PA
        at = stretch.place[number] * RATE
        np.multiply(_RAMP, np.float32(end - begin), out=into)
        into += np.float32(begin)
        into *= self.loop.samples[at : at + RATE]
        if stretch.starts[number]:
            into[:_EDGE] *= _FADE
        if stretch.stops[number]:
            into[-_EDGE:] *= _FADE[::-1]
        return True

    def add_energy(
        self,
        stretch: Stretch,
        a: NDArray[np.float64],
        c: NDArray[np.float64],
        fast: NDArray[np.float64],
        peak: NDArray[np.float64],
    ) -> None:
        """Add the energies of a stretch re (20 µPa)²; independent sources add without phase."""
        if not stretch.on.any():
            return
        begin, end = stretch.gain[:-1], stretch.gain[1:]
        square = np.where(stretch.on, (begin**2 + begin * end + end**2) / 3, 0.0)
        gain = begin[:, None] + (end - begin)[:, None] * _BIN_SHARE
        a += square * self.loop.a[stretch.place]
        c += square * self.loop.c[stretch.place]
        fast += np.where(stretch.on[:, None], gain**2, 0.0) * self.loop.fast[stretch.place]
        peak += square * self.loop.peak[stretch.place]

    def rumble(self, stretch: Stretch, number: int) -> NDArray[np.float64]:
        """Energy at 4 to 14 Hz of the eighths of one second of a stretch, re (20 µPa)²."""
        gain = stretch.gain[number : number + 2].mean() * stretch.on[number]
        return gain**2 * self.loop.rumble[stretch.place[number]]


def _volume(source: Source, schedule: Schedule, lag: int) -> list[tuple[int, float]]:
    """Steps of the story; what is set at its start or when the source goes on has no ramp."""
    goes_on = {start for start, _ in schedule.intervals}
    steps = []
    for second, change in source.volume:
        at = second + lag if second else -1
        steps.append((at - 1 if at in goes_on else at, change))
    return steps


def _schedule(
    source: Source, length: int, duration: int, lag: int, rng: np.random.Generator
) -> Schedule:
    if source.every:
        return recurring(source.every, length, duration, lag, rng)
    if source.on:
        return listed(source.on, lag)
    return always()
