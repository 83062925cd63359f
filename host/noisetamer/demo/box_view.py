"""What a unit shows, for the page: its panel, its lamp and its voice, as its drivers were told."""

import base64
import time
from collections.abc import Callable
from typing import Any

from noisetamer.simulate import panel_picture
from noisetamer.unit.boards.board_file import Described
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage

# Pictures of the panel come no closer than this, s: an eye's worth, whatever the speed.
_BETWEEN_PICTURES = 0.05


class BoxView:
    """An Onlooker who tells what it sees, as JSON: {"unit", "view": kind, ...}.

    "panel": width, height, and rgb of each LED, row by row, as an eye sees it, base64.
    "lamp": on. "voice": rate, and 16-bit samples for the amplifier, base64; only when heard live,
    at the speed of life.
    """

    def __init__(
        self,
        unit: str,
        board: Described,
        live: bool,
        tell: Callable[[dict[str, Any]], None],
        music_dB: Callable[[], float],
    ):
        self._unit = unit
        self._matrix = board.board.matrix
        self._order = board.order
        self._lamp = board.board.spotlight.control if board.board.spotlight else None
        self._live = live
        self._tell = tell
        self.music_dB = music_dB
        self._shown = b""
        self._shown_at = 0.0

    def sees(self, message: BoxMessage) -> None:
        """As an Onlooker."""
        match message.kind:
            case pipe.PIXELS:
                self._panel(message.body)
            case pipe.PIN if message.pin()[0] == self._lamp:
                self._say("lamp", on=bool(message.pin()[1]))
            case pipe.SPEECH if self._live:
                rate, samples = message.speech()
                if samples.any():
                    self._say("voice", rate=rate, samples=_text(samples.tobytes()))

    def _panel(self, pixels: bytes) -> None:
        now = time.monotonic()
        if pixels == self._shown or now - self._shown_at < _BETWEEN_PICTURES:
            return
        self._shown, self._shown_at = pixels, now
        width, height = self._matrix.width, self._matrix.height
        seen = panel_picture.colours(pixels, width, height, self._order)
        self._say("panel", width=width, height=height, rgb=_text(seen.tobytes()))

    def _say(self, kind: str, **fields: Any) -> None:
        self._tell({"unit": self._unit, "view": kind, **fields})


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
