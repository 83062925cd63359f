"""Where a question meets no terminal (ssh without -t, </dev/null, Ctrl-D): one sentence."""

import argparse
import sys
from typing import Any, cast

import pytest

from noisetamer.base.errors import UserError
from noisetamer.base.keys import passphrase
from noisetamer.workshop.calibrate.calibrator import calibrator_command


def ends(*_: object) -> str:
    raise EOFError


def test_a_calibrator_that_nobody_seats(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("builtins.input", ends)
    with pytest.raises(UserError, match="Nobody is at the terminal to seat the calibrator: run"):
        next(calibrator_command._seated(cast(Any, None), 1))


@pytest.mark.parametrize("terminal", [True, False])
def test_a_passphrase_that_nobody_types(monkeypatch: pytest.MonkeyPatch, terminal: bool):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("getpass.getpass", ends)
    with pytest.raises(UserError, match="nobody to ask for a passphrase: give --passphrase-file"):
        passphrase.passphrase(argparse.Namespace(passphrase_file=None), twice=False)
