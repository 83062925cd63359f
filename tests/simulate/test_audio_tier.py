"""Sound worked ahead is the sound there would be without, whatever the box says meanwhile."""

import numpy as np
import pytest

from noisetamer.simulate.audio_tier import AudioTier
from noisetamer.square import scenario
from noisetamer.square.microphone import Microphone
from noisetamer.square.microphone_faults import MicrophoneFaults
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.world import World

RATE = 48_000
BLOCK = RATE // 8
STORY = scenario.load("evening_square")


class CountedMicrophone(Microphone):
    """Counts how often it was given sound."""

    asked = 0

    def capture(self, pressure):
        self.asked += 1
        return super().capture(pressure)


class NeverSilent(OwnVoice):
    """A voice of nothing is a voice: no second goes through the microphone whole."""

    def sound(self, first_frame, n):
        found = super().sound(first_frame, n)
        return np.zeros(n, np.float32) if found is None else found


class Stage:
    """A square with a microphone in it, and the box's voice."""

    def __init__(self, voice=OwnVoice):
        self.world = World(STORY, 1, 0)
        self.voice = voice(STORY.box, 1)
        self.microphone = CountedMicrophone(STORY.microphone, 1)
        faults = MicrophoneFaults((), 0, STORY.microphone, 1)
        self.tier = AudioTier(self.world, self.voice, self.microphone, faults)

    def play(self, events, blocks, ahead):
        """The words of so many blocks; `events`: {block: what happens before it}."""
        heard = []
        for number in range(blocks):
            events.get(number, lambda stage: None)(self)
            heard += self.tier.capture(number * BLOCK, BLOCK)
            if ahead:
                self.tier.prepare()
        return np.concatenate(heard)

    def told(self, events, blocks):
        """The same by a box that asks again only where it was told no more, or has spoken."""
        heard, ahead = [], np.empty(0)
        for number in range(blocks):
            happens = events.get(number, lambda stage: None)
            happens(self)
            if not len(ahead) or number in events:
                # Whoever has a hand at the music is asked each time.
                most = 1 if turns_up in events.values() else 20
                ahead = np.concatenate(self.tier.capture(number * BLOCK, BLOCK, most))
                self.tier.prepare()
            heard.append(ahead[:BLOCK])
            ahead = ahead[BLOCK:]
        return np.concatenate(heard)


def speaks(at):
    samples = (8000 * np.sin(np.arange(4000) / 3)).astype(np.int16)
    return lambda stage: stage.voice.play(at, samples, 16_000)


def turns_up(stage):
    stage.world.turn_music(-20.0)


@pytest.mark.parametrize(
    "events",
    [
        {},
        {17: speaks(17 * BLOCK)},
        {16: speaks(16 * BLOCK + 100)},
        {13: speaks(15 * BLOCK + 5000), 20: speaks(20 * BLOCK)},
        {16: turns_up, 19: turns_up},
    ],
    ids=["silence", "amid", "at the begin", "across", "somebody turns the music down"],
)
def test_it_is_the_same_to_the_bit(events):
    asked = Stage().play(events, 48, ahead=False)
    assert np.array_equal(asked, Stage(NeverSilent).play(events, 48, ahead=False))
    assert np.array_equal(asked, Stage().play(events, 48, ahead=True))
    assert np.array_equal(asked, Stage().told(events, 48))


def test_a_silent_second_goes_through_the_microphone_once():
    stage = Stage()
    stage.play({}, 80, ahead=True)
    assert stage.microphone.asked <= 10 + 4  # and those after them


def test_no_more_is_told_than_is_certain():
    stage = Stage()

    def told(number, most):
        """How many blocks from one on."""
        return sum(map(len, stage.tier.capture(number * BLOCK, BLOCK, most))) / BLOCK

    # Nothing is ready but the second that was asked for: amid it its rest.
    assert told(0, 255) == 8
    assert told(10, 255) == 6
    stage.tier.prepare()
    assert told(11, 255) == 5 + 3 * 8
    # What was told is still there when it is asked for in the midst of it.
    stage.tier.prepare()
    assert told(36, 255) == 4 + 3 * 8
    assert told(41, 12) == 12
    # While the box is about to speak, the block that was asked for.
    speaks(51 * BLOCK)(stage)
    assert told(48, 255) == 1
