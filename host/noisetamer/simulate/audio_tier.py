"""The audio tier: what the box's microphone puts on its wire, sample by sample."""

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.microphone import Microphone, MicrophoneState
from noisetamer.square.microphone_faults import MicrophoneFaults
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.world import World

# Each question wakes two processes and brings their code back into a cache that the sound of the
# square has taken: so many seconds go out in one answer.
_TOLD_S = 4


class _Quiet(NamedTuple):
    """A second as the microphone hears it if the box is silent.

    pressure: float32[48000]; words: int32[48000]; before: the microphone's state ahead of it.
    """

    pressure: NDArray[np.float32]
    words: NDArray[np.int32]
    before: MicrophoneState


class AudioTier:
    """The square and the box's own voice, through one microphone; frames in ascending order.

    Most seconds the box is silent in: they go through the microphone whole, and ahead of time.
    """

    def __init__(
        self,
        world: World,
        own_voice: OwnVoice,
        microphone: Microphone,
        faults: MicrophoneFaults,
    ):
        self._world = world
        self._own_voice = own_voice
        self._microphone = microphone
        self._faults = faults
        self._second = -1
        self._pressure: NDArray[np.float32] = np.empty(0, np.float32)
        self._quiet: _Quiet | None = None  # this second, while the box has been silent in it
        self._ahead: deque[_Quiet] = deque()  # those after it
        self._told = 0  # of those, as they were last told
        self._frame = 0

    def capture(self, first: int, n: int, most: int = 1) -> list[NDArray[np.int32]]:
        """I2S words of the frames from the story's frame `first` on, int32 in pieces whose sum is
        n or a multiple.

        One block of n, and as many more, up to `most`, as are certain if the box does nothing:
        while it is silent, those that are ready. Only the first counts as recorded. Frames the
        box came too late for are recorded, and lost.
        """
        while self._frame < first:
            # Not across seconds: so much need not be copied.
            self._record(min(first - self._frame, RATE - self._frame % RATE))
        words = self._record(n)
        second, offset = divmod(first, RATE)
        certain = self._certain_from(second)
        blocks = min(most, (len(certain) * RATE - offset) // n)
        end = offset + blocks * n
        self._told = max(0, (end - 1) // RATE)
        if blocks < 2:
            return [words]
        pieces = []
        while offset < end:
            heard = certain[offset // RATE]
            begin = offset % RATE
            pieces.append(heard[begin : begin + end - offset])
            offset += len(pieces[-1])
        return pieces

    def prepare(self) -> None:
        """Work ahead while there is time for it; what comes out is the same."""
        while self._quiet and len(self._ahead) < self._told + _TOLD_S:
            pressure = self._world.sound_ahead(self._second + len(self._ahead) + 1)
            if pressure is None:
                break
            self._ahead.append(self._heard(pressure))

    def _certain_from(self, second: int) -> list[NDArray[np.int32]]:
        """The words of this second and of those after it while nothing can change them."""
        if self._second != second or not self._quiet or not self._own_voice.silent:
            return []
        ready = [self._quiet, *self._ahead]
        certain = []
        for number, quiet in enumerate(ready[:_TOLD_S], second):
            if self._faults.at(number) is not None:
                break
            certain.append(quiet.words)
        return certain

    def _record(self, n: int) -> NDArray[np.int32]:
        own = self._own_voice.sound(self._frame, n)
        parts = []
        at, end = self._frame, self._frame + n
        while at < end:
            second, offset = divmod(at, RATE)
            if second != self._second:
                self._begin(second, silent=own is None)
            count = min(end - at, RATE - offset)
            begin = at - self._frame
            parts.append(
                self._words(offset, count, None if own is None else own[begin : begin + count])
            )
            at += count
        words = np.concatenate(parts) if len(parts) > 1 else parts[0]
        words = self._faults.words(words, self._frame)
        self._frame = end
        return words

    def _begin(self, second: int, silent: bool) -> None:
        pressure = self._world.sound(second)
        ahead = self._ahead.popleft() if self._ahead else None
        if ahead and ahead.pressure is not pressure:
            # People have reacted: it sounds otherwise.
            self._microphone.go_back(ahead.before)
            self._ahead.clear()
            ahead = None
        if not ahead and silent:
            ahead = self._heard(pressure)
        self._second, self._pressure, self._quiet = second, pressure, ahead

    def _heard(self, pressure: NDArray[np.float32]) -> _Quiet:
        before = self._microphone.state()
        return _Quiet(pressure, self._microphone.capture(pressure), before)

    def _words(
        self, offset: int, count: int, own: NDArray[np.float32] | None
    ) -> NDArray[np.int32]:
        """Of the frames from `offset` on in this second; `own`: the box's voice in them."""
        if own is None and self._quiet:
            return self._quiet.words[offset : offset + count]
        if self._quiet:
            # It speaks: from here on once more.
            self._microphone.go_back(self._quiet.before)
            if offset:
                self._microphone.capture(self._pressure[:offset])
            self._quiet = None
            self._ahead.clear()
        pressure = self._pressure[offset : offset + count]
        return self._microphone.capture(pressure if own is None else pressure + own)
