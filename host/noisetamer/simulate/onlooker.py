"""Somebody who stands in the square while a unit plays."""

from typing import Protocol

from noisetamer.virtual.box_message import BoxMessage


class Onlooker(Protocol):
    """Called in the unit's own process, in between its questions: it must not wait."""

    def sees(self, message: BoxMessage) -> None:
        """What the box has done: PIXELS, PIN or SPEECH."""

    def music_dB(self) -> float:
        """How much louder than in the story the music is to be now."""
        ...
