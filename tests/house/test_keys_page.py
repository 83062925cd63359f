"""What host/KEYS.md says to do can be typed."""

import argparse
import importlib
import re
import shlex
from itertools import takewhile

import pytest
from folders import ROOT

from noisetamer import cli

PAGE = (ROOT / "host" / "KEYS.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^noisetamer .*$", PAGE, re.MULTILINE)
INLINE = sorted(set(re.findall(r"`noisetamer ([^`]+)`", PAGE)))


def test_it_has_commands():
    assert len(BLOCKS) > 10 and len(INLINE) > 10


@pytest.mark.parametrize("command", BLOCKS)
def test_a_line_to_be_typed_is_understood(command: str):
    verb, *words = shlex.split(command)[1:]
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(cli.VERBS[verb][0]).add_options(parser)
    assert parser.parse_args(words)


@pytest.mark.parametrize("command", INLINE)
def test_a_command_that_is_named_exists_with_its_options(
    command: str, capsys: pytest.CaptureFixture[str]
):
    words = command.split()
    tasks = list(takewhile(lambda word: re.fullmatch("[a-z][a-z-]*", word), words))
    with pytest.raises(SystemExit) as ended:
        cli.run([*tasks, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(word in said for word in words if word.startswith("--"))
