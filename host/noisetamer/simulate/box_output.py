"""What a box does to its square: it speaks, lights its spotlight, shows its panel."""

import json
from collections import deque

from noisetamer.square.levels import RATE
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.world import World
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage

# Two loud stretches this far apart are two messages, s, and this far two incidents, even where
# no spotlight tells them apart.
_BETWEEN_MESSAGES = 1.0
_BETWEEN_INCIDENTS = 300.0

# Panel frames held for a stage change that the console reports later.
_FRAMES_HELD = 600


class BoxOutput:
    """Passes on to microphone and people what they can hear and see of the box."""

    def __init__(self, world: World, own_voice: OwnVoice, spotlight: int | None):
        """`spotlight`: the GPIO it is wired to; without one the people see no lamp."""
        self._world = world
        self._own_voice = own_voice
        self._spotlight = spotlight
        self._last_loud = -10.0  # s
        self._warnings = 0  # in this incident
        self._message = ""
        self._frames: deque[tuple[int, bytes]] = deque(maxlen=_FRAMES_HELD)

    def take(self, message: BoxMessage, us: int) -> None:
        """A notice of the box; `us` from the start of the story."""
        match message.kind:
            case pipe.SPEECH:
                self._speak(message, us)
            case pipe.PIXELS:
                self._frames.append((us // 1_000_000, message.body))
            case pipe.PIN if message.pin() == (self._spotlight, 1):
                self._warnings = 0
                self._world.hears(us // 1_000_000, "spotlight")

    def said(self, line: bytes) -> None:
        """A line of its console: what it is about to say is not known by its sound."""
        if b'"warning"' in line:
            told = json.loads(line)
            if told.get("kind") == "warning":
                self._message = ":" + told["message"]

    def panel_at(self, second: int) -> bytes | None:
        """What the panel showed in a recent second, as sent to its chain of LEDs."""
        return next((frame for at, frame in reversed(self._frames) if at == second), None)

    def _speak(self, message: BoxMessage, us: int) -> None:
        rate, samples = message.speech()
        self._own_voice.play(us * RATE // 1_000_000, samples, rate)
        if not samples.any():
            return
        t = us / 1e6
        if t - self._last_loud > _BETWEEN_INCIDENTS:
            self._warnings = 0
        if t - self._last_loud > _BETWEEN_MESSAGES:
            self._warnings += 1
            self._world.hears(int(t), f"warning:{self._warnings}{self._message}")
        self._last_loud = t
