"""A unit during burn-in: its raw REPL, its hardware made, its watchdog fed."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mpremote.transport import TransportExecError

from noisetamer.workshop.port.repl import Repl

_ON_BOX = Path(__file__).with_name("on_box")

# Longer than anything on the box takes without a word.
_PATIENCE_S = 60

# Needs none of the hardware.
_ALONE = "signs"

# Bytes a call, as many as a small heap takes.
_PIECE = 768


class Session:
    """Raises mpremote's TransportError when the unit does not answer, TransportExecError for an
    exception on it."""

    def __init__(self, repl: Repl) -> None:
        self._repl = repl
        self._defined: set[str] = set()
        self.about: dict[str, Any] = self.call("made", "about")

    def afresh(self) -> None:
        """A soft reset: a chip without PSRAM has no room for everything at once."""
        self._repl.enter_raw_repl()
        self._defined.clear()

    def call(self, snippet: str, function: str, *values: Any) -> Any:
        """What a function of on_box/`snippet`.py returns; values and answer as JSON has them."""
        self._define(snippet)
        return json.loads(
            self._told(f"import json; print(json.dumps({function}(*{list(values)!r})))")
        )

    def follow(
        self, snippet: str, function: str, *values: Any, told: Callable[[Any], None]
    ) -> None:
        """Run a function that prints a line of JSON now and then, each of which is told."""
        self._define(snippet)
        line = bytearray()

        def take(more: bytes) -> None:
            for byte in more:
                line.append(byte)
                if byte == ord("\n"):
                    told(json.loads(line))
                    line.clear()

        self._told(f"{function}(*{list(values)!r})", take)

    def feed(self) -> None:
        self.call("made", "feed")

    def signature(self, body: bytes) -> str:
        """HMAC-SHA256 by the key of the unit's own record, in hex."""
        self.afresh()
        self.call("signs", "sign_begin")
        for start in range(0, len(body), _PIECE):
            piece = body[start : start + _PIECE]
            self.call("signs", "sign_more", base64.b64encode(piece).decode())
        return self.call("signs", "signature")

    def _define(self, snippet: str) -> None:
        if snippet not in (_ALONE, "made"):
            self._define("made")
        if snippet not in self._defined:
            self._told(_ON_BOX.joinpath(f"{snippet}.py").read_text(encoding="utf-8"))
            self._defined.add(snippet)

    def _told(self, source: str, consumer: Callable[[bytes], None] | None = None) -> bytes:
        said, wrong = self._repl.exec_raw(source, _PATIENCE_S, consumer)
        if wrong:
            raise TransportExecError(said, wrong.decode("utf-8", "replace"))
        return said
