"""argparse, with its complaints as one sentence that says what to do."""

import argparse
import difflib
import itertools
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from noisetamer.base.errors import UserError
from noisetamer.base.language import LANGUAGES

_LANGUAGE = "--lang"
_KINDS = {"int": "a whole number", "float": "a number"}
_INVALID = re.compile(r"argument (\S+?)(?:/\S+)?: invalid (\w+) value: '(.*)'")
_CHOICE = re.compile(r"argument (\S+): invalid choice: '?(.*?)'? \(choose from (.*)\)")


# What begins with a minus and is a value all the same: -45, -0.5, and a zone or span, -03:30.
_VALUE = re.compile(r"-\.?\d[\d.:]*$")


class Parser(argparse.ArgumentParser):
    """Its sub-parsers are of the same kind."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._negative_number_matcher = _VALUE

    def error(self, message: str) -> NoReturn:
        """Raises UserError."""
        raise UserError(f"{_sentence(message)} ('{self.prog} --help' says more).")


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--lang` for a parser and all below it, so that it may stand anywhere."""
    parser.add_argument(
        _LANGUAGE,
        choices=LANGUAGES,
        default=argparse.SUPPRESS,
        help="language of what is told (default: the locale's); --help is English",
    )
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                add_language(below)


def names_language(words: list[str]) -> bool:
    """Whether `--lang` is among them."""
    return any(word.partition("=")[0] == _LANGUAGE for word in words)


def asked_language(words: list[str]) -> str | None:
    """What `--lang` asks for, known before anything can go wrong; None for the locale's."""
    asked = None
    for word, after in itertools.pairwise([*words, ""]):
        name, _, value = word.partition("=")
        if name == _LANGUAGE:
            asked = value or after
    return asked if asked in LANGUAGES else None


def without_language(words: list[str]) -> list[str]:
    """The words without `--lang` and its value, which is no verb."""
    return [
        word
        for before, word in zip(["", *words], words, strict=False)
        if _LANGUAGE not in (before, word)
    ]


def unknown(given: str, known: Iterable[str]) -> str:
    """That a word is none of those known, and which was meant."""
    known = list(known)
    meant = difflib.get_close_matches(given, known, 1)
    if meant:
        return f"there is no {given}: did you mean {meant[0]}?"
    # An empty variable of a script is one.
    shown = given or "''"
    return f"there is no {shown}, there is: {', '.join(known)}"


def _sentence(message: str) -> str:
    value = _INVALID.fullmatch(message)
    if value and value[2] in _KINDS:
        return f"{value[1]} {value[3]}: give {_KINDS[value[2]]}"
    choice = _CHOICE.fullmatch(message)
    if choice:
        option, given, known = choice[1], choice[2], re.split(r", ", choice[3].replace("'", ""))
        if not option.startswith("-"):
            return unknown(given, known)
        meant = difflib.get_close_matches(given, known, 1)
        hint = f"did you mean {meant[0]}?" if meant else f"give one of {', '.join(known)}"
        return f"{option} {given}: {hint}"
    return message
