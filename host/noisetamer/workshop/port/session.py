"""MicroPython on a board, its program stopped: our functions are called there, its files written.

One session serves whoever works with a board on a cable: flashing, burn-in, calibration.
"""

import ast
import base64
import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Self

from mpremote.transport import TransportError

from noisetamer.base import json_text
from noisetamer.workshop.port.errors import (
    ONCE_MORE,
    REPLUG,
    BoardError,
    CableError,
    SilentError,
    cable_errors,
    first_sentence,
    raised,
)
from noisetamer.workshop.port.transport import READ_S, Transport

# Longer than anything on the box takes without a word.
_PATIENCE_S = 60
_QUIET_S = 1

# Bytes the box takes at a time (on_box/files.py).
_PIECE = 3072

_END = b"\x04"

_CONTROL = re.compile(r"[\x00-\x1f]+")

# Lines to hear out at most, and letters of one.
_WORDS, _LETTERS = 30, 120


@dataclass(frozen=True)
class Snippet:
    """Functions to be called on a board: a file of an on_box/, and the snippets it needs."""

    file: Path
    needs: tuple["Snippet", ...] = ()


_ON_BOX = Path(__file__).with_name("on_box")
BOX, FILES, IDENTITY, UNPACK = (
    Snippet(_ON_BOX / f"{name}.py") for name in ("box", "files", "identity", "unpack")
)

# Bits of the window to unpack with, which lies in the box's memory.
_WINDOW = 12


@cache
def _packed(file: Path) -> str:
    """A program that does what the file does, in less than half its bytes."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        has_docstring = isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        if has_docstring and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    stream = zlib.compressobj(9, zlib.DEFLATED, _WINDOW)
    packed = stream.compress(ast.unparse(tree).encode()) + stream.flush()
    return (
        "import binascii, deflate, io\n"
        f"packed = io.BytesIO(binascii.a2b_base64('{base64.b64encode(packed).decode()}'))\n"
        "exec(deflate.DeflateIO(packed, deflate.ZLIB).read())"
    )


class Session:
    """Raises BoardError when the board does not answer or its port goes away: SilentError,
    CableError; RaisedError for an exception on it, SnippetFault for one of our own making.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._defined: set[Snippet] = set()

    @classmethod
    def open(cls, url: str) -> Self:
        """On this port; what runs on the board runs on. Raises SilentError."""
        try:
            return cls(Transport(url))
        except TransportError as error:
            raise SilentError(first_sentence(error), REPLUG) from None

    def restart(self) -> None:
        """Stop what runs, and begin anew: all memory is free, the board stays up."""
        with self._answers():
            self._transport.enter_raw_repl()
        self._defined.clear()
        self._define(BOX)

    def call(self, snippet: Snippet, function: str, *values: Any) -> Any:
        """What a function of a snippet returns; values and answer as JSON has them."""
        self._define(snippet)
        answer = self.run(f"import json; print(json.dumps({function}(*{list(values)!r})))")
        try:
            return json_text.loads(answer)
        except ValueError:
            raise SilentError(f"MicroPython answers with {answer[:_LETTERS]!r}", REPLUG) from None

    def lines(
        self, snippet: Snippet, function: str, *values: Any, patience_s: int = _PATIENCE_S
    ) -> Iterator[str]:
        """What a function of a snippet prints, a line at a time, until it returns.

        patience_s: for how long it may print nothing.
        """
        self._define(snippet)
        with self._answers():
            self._transport.exec_raw_no_follow(f"{function}(*{list(values)!r})")
        yield from self._printed(patience_s)

    def type(self, text: bytes) -> None:
        """Type on the console of a function that is running."""
        with self._answers():
            self._transport.serial.write(text)

    def run(self, source: str) -> bytes:
        """What a program prints."""
        with self._answers():
            said, wrong = self._transport.exec_raw(source, _PATIENCE_S)
        if wrong:
            raise raised(wrong.decode("utf-8", "replace"))
        return said

    def hashes(self, places: list[str]) -> dict[str, str]:
        """SHA-256 by path of these files and of all in these folders, of those that are there."""
        lines = list(self.lines(FILES, "listing", places))
        return {path: sha256 for sha256, _, path in (line.partition(" ") for line in lines)}

    def has_just(self, hashes: dict[str, str], places: list[str]) -> bool:
        """Whether these files and folders are there with just these files, SHA-256 by path: in as
        many bytes as one of them takes. False also where it lists them in another order."""
        lines = [
            f"{hashes[path]} {path}\n"
            for place in places
            for path in sorted(
                (one for one in hashes if one == place or one.startswith(f"{place}/")),
                key=lambda path: path.split("/"),
            )
        ]
        wanted = hashlib.sha256("".join(lines).encode()).hexdigest()
        return self.call(FILES, "listing_hash", places) == wanted

    def read(self, path: str) -> bytes | None:
        """A small file, or None where there is none."""
        text = self.call(FILES, "content", path)
        return None if text is None else base64.b64decode(text)

    def put(
        self, path: str, content: bytes, progress: Callable[[int], None] = lambda _: None
    ) -> None:
        """Write a file whole: under its name there is the old one or the new one, never a half.

        progress: gets the bytes of each piece as it goes over.
        """
        self._define(FILES)
        with self._answers():
            self._transport.exec_raw_no_follow(f"receive({path!r}, {len(content)})")
        for start in range(0, len(content), _PIECE):
            self._wait_till_ready(path)
            piece = content[start : start + _PIECE]
            self.type(base64.b64encode(piece))
            progress(len(piece))
        written = "".join(self._printed(READ_S))
        if written != hashlib.sha256(content).hexdigest():
            raise BoardError(f"{path} reads back otherwise than it was written", ONCE_MORE)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        self.call(FILES, "remove", path)

    def reset(self) -> None:
        """Start the board anew, as its button does; its main.py runs."""
        self.call(IDENTITY, "forgive")
        with self._answers():
            self._transport.read_until(1, b">")
            # Without mpremote's acknowledgements: the board is gone before it could send one.
            self._transport.serial.write(b"import machine\nmachine.reset()\x04")
            self._transport.in_raw_repl = False

    def console(self, patience_s: int) -> Iterator[str]:
        """Lines the board prints by itself, until none came for so long."""
        while True:
            with cable_errors():
                line = self._transport.read_until(1, b"\n", timeout=patience_s)
            if not line.endswith(b"\n"):
                return
            yield line.decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Let go of the port. Raises CableError."""
        with cable_errors():
            self._transport.close()

    def _define(self, snippet: Snippet) -> None:
        if snippet in self._defined:
            return
        for one in snippet.needs:
            self._define(one)
        self.run(_packed(snippet.file))
        self._defined.add(snippet)

    def _printed(self, patience_s: int) -> Iterator[str]:
        """Lines of the running function until it ends; raises its exception."""
        line = b""
        while (byte := self._byte(patience_s)) != _END:
            line += byte
            if byte == b"\n":
                yield line.decode("utf-8", "replace").strip()
                line = b""
        with self._answers():
            wrong = self._transport.read_until(1, _END, timeout=READ_S)[:-1]
        if wrong:
            raise raised(wrong.decode("utf-8", "replace"))

    def _byte(self, patience_s: int) -> bytes:
        with self._answers():
            for _ in range(0, patience_s, READ_S):
                byte = self._transport.serial.read(1)
                if byte:
                    return byte
            raise TransportError("it has fallen silent")

    def _wait_till_ready(self, path: str) -> None:
        """The box asks for each piece: while it writes one to its flash it could lose the next."""
        with self._answers():
            said = self._transport.serial.read(1)
            if said == _END:
                wrong = self._transport.read_until(1, _END, timeout=READ_S)[:-1]
                raise raised(wrong.decode("utf-8", "replace"))
            if said != b"+":
                raise TransportError(f"while it took {path}")

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """Around calls of mpremote. What a board that stopped to answer says is its reason."""
        with cable_errors():
            try:
                yield
            except (TransportError, struct.error) as error:
                # mpremote unpacks the window of raw paste without asking whether it came.
                words = self._last_words()
                raise SilentError(
                    f"MicroPython crashed; it says: {words}"
                    if words
                    else f"MicroPython stopped answering ({first_sentence(error)})",
                    REPLUG,
                ) from None

    def _last_words(self) -> str:
        """May be empty."""
        heard = self._transport.heard.decode("utf-8", "replace")
        after: list[str] = []
        with suppress(CableError):
            after += islice(self.console(_QUIET_S), _WORDS)
        lines = _CONTROL.split(heard + "\n".join(after))
        said = [line.strip() for line in after if line.strip()]
        words = next((line for line in lines if "rror" in line), said[-1] if said else "")
        return words[:_LETTERS]
