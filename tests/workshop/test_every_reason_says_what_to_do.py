"""A failed board's sentence has two parts, what is wrong and what to do, wherever it is made."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from noisetamer import workshop
from noisetamer.workshop.burn_in.check import Fault
from noisetamer.workshop.port.errors import (
    BoardError,
    CableError,
    PortError,
    RaisedError,
    SilentError,
)

ROOM = Path(workshop.__file__).parent
REASONS = {"BoardError", "PortError", "SilentError", "Fault"}


def made() -> Iterator[tuple[str, ast.Call]]:
    """Each place where a reason is made."""
    for file in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REASONS:
                yield f"{file.relative_to(ROOM)}:{node.lineno}", node


def test_there_is_no_reason_without_what_to_do():
    places = dict(made())
    assert len(places) > 40
    for place, call in places.items():
        starred = any(isinstance(argument, ast.Starred) for argument in call.args)
        assert starred or len(call.args) == 2, place
        do = call.args[-1]
        assert not (isinstance(do, ast.Constant) and not str(do.value).strip()), place


@pytest.mark.parametrize(
    "error",
    [
        BoardError("it is odd", "look at it"),
        PortError("it is odd", "look at it"),
        SilentError("it is odd", "look at it"),
        CableError(),
        RaisedError("Traceback:\nOSError: 5"),
        Fault("it is odd", "look at it"),
    ],
)
def test_both_parts_are_in_the_sentence(error: BoardError | Fault):
    assert str(error) == f"{error.what}: {error.do}"
    assert error.do
