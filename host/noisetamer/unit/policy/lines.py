"""On which line of a TOML or JSON text each key stands, for texts that are known to be valid.

Keys are dotted as `tamer.judge.schema` names them: "venue[2].limit", entries counted from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
_TOML = re.compile(rf"(?P<skip>[ \t\r]+|#[^\n]*)|{_STRING}|\n|[\[\]{{}}=,]|[^\s\[\]{{}}=,#\"']+")
_JSON = re.compile(rf"(?P<skip>\s+)|{_STRING}|[\[\]{{}}:,]|[^\s\[\]{{}}:,\"]+")


@dataclass(frozen=True)
class _Token:
    text: str
    line: int


class _Tokens:
    """The tokens of a text, one ahead."""

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        self._rest = _tokens(text, pattern)
        self.next = next(self._rest, None)

    def take(self) -> _Token:
        token = self.next
        assert token is not None  # the text is valid
        self.next = next(self._rest, None)
        return token

    def skip(self, *texts: str) -> None:
        while self.next and self.next.text in texts:
            self.take()


def of_toml(text: str) -> dict[str, int]:
    """{dotted key: line}, lines counted from 1."""
    tokens, lines = _Tokens(text, _TOML), {}
    counted: dict[str, int] = {}
    table = ""
    tokens.skip("\n")
    while tokens.next:
        line = tokens.next.line
        if tokens.next.text == "[":
            table = _header(tokens, counted)
            lines.setdefault(table, line)
        else:
            _toml_pair(tokens, table, lines)
        tokens.skip("\n")
    return lines


def of_json(text: str) -> dict[str, int]:
    """{dotted key: line}, lines counted from 1."""
    lines: dict[str, int] = {}
    _value(_Tokens(text, _JSON), "", lines, ":")
    return lines


def _header(tokens: _Tokens, counted: dict[str, int]) -> str:
    """The table that [a.b] or [[a]] opens."""
    tokens.take()
    several = tokens.next is not None and tokens.next.text == "["
    tokens.skip("[")
    *above, last = _key(tokens, "]")
    path = ""
    for name in above:
        path = _inside(path, name)
        path += f"[{counted[path]}]" if path in counted else ""
    path = _inside(path, last)
    tokens.skip("]")
    if several:
        counted[path] = counted.get(path, 0) + 1
        path += f"[{counted[path]}]"
    return path


def _toml_pair(tokens: _Tokens, table: str, lines: dict[str, int]) -> None:
    assert tokens.next is not None
    line, path = tokens.next.line, table
    for name in _key(tokens, "="):
        path = _inside(path, name)
        lines.setdefault(path, line)
    tokens.take()
    _value(tokens, path, lines, "=")


def _key(tokens: _Tokens, end: str) -> list[str]:
    """The names of a dotted key, up to but without its end."""
    names = []
    while tokens.next and tokens.next.text != end:
        text = tokens.take().text
        names += [text[1:-1]] if text[0] in "\"'" else [part for part in text.split(".") if part]
    return names


def _value(tokens: _Tokens, path: str, lines: dict[str, int], equals: str) -> None:
    token = tokens.take()
    if token.text == "[":
        _array(tokens, path, lines, equals)
    elif token.text == "{":
        tokens.skip("\n", ",")
        while tokens.next and tokens.next.text != "}":
            if equals == "=":
                _toml_pair(tokens, path, lines)
            else:
                name = tokens.take()
                inside = _inside(path, name.text[1:-1])
                lines[inside] = name.line
                tokens.take()
                _value(tokens, inside, lines, equals)
            tokens.skip("\n", ",")
        tokens.take()
    else:
        # A local time after a date is a second word of the same value.
        while tokens.next and tokens.next.text not in ("\n", ",", "]", "}"):
            tokens.take()


def _array(tokens: _Tokens, path: str, lines: dict[str, int], equals: str) -> None:
    count = 0
    tokens.skip("\n", ",")
    while tokens.next and tokens.next.text != "]":
        count += 1
        lines[f"{path}[{count}]"] = tokens.next.line
        _value(tokens, f"{path}[{count}]", lines, equals)
        tokens.skip("\n", ",")
    tokens.take()


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _tokens(text: str, pattern: re.Pattern[str]) -> Iterator[_Token]:
    line = 1
    for found in pattern.finditer(text):
        if found["skip"] is None:
            yield _Token(found[0], line)
        line += found[0].count("\n")
