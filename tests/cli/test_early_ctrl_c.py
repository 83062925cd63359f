"""Ctrl-C while the program is being loaded: one line and 130, as ever; none where it is done."""

import signal
import subprocess
import sys

import pytest
from program import ctrl_c_heard
from waiting import DEADLINE

pytestmark = pytest.mark.tools


def ran(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    with ctrl_c_heard():
        return subprocess.run(
            [sys.executable, "-c", script, *words],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )


# Ctrl-C at the moment that a module is looked for.
INTERRUPTED = """
import runpy, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == at:
            signal.raise_signal(signal.SIGINT)

at, *sys.argv = sys.argv[1:]
sys.meta_path.insert(0, Interrupting())
runpy.run_module("noisetamer", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    "at",
    [
        *("noisetamer.cli", "argparse", "noisetamer.base.language", "noisetamer.cli.parser"),
        *("noisetamer.sound.measure.command", "noisetamer.base.progress"),
    ],
)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lang", "en", "meter"], "noisetamer meter: stopped before it was done"),
        (["--lang", "zh", "meter"], "noisetamer meter: 已中断，尚未完成"),
    ],
)
def test_one_line_is_said_wherever_it_comes(at: str, words: list[str], said: str):
    done = ran(INTERRUPTED, at, "noisetamer", *words, "no such.wav")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{said}\n")


# Ctrl-C where Python takes no exception, and then something that takes long.
SWALLOWED = """
import runpy, signal, sys, time, weakref

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "noisetamer.sound.measure.meter":
            thing = Interrupting()
            gone = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
            del thing
            for _ in range(500):
                time.sleep(0.01)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["noisetamer", "meter", "no such.wav"]
runpy.run_module("noisetamer", run_name="__main__", alter_sys=True)
"""


def test_one_that_python_would_not_hear_is_heard_too():
    done = ran(SWALLOWED)
    said = "noisetamer meter: stopped before it was done\n"
    assert (done.returncode, done.stdout, done.stderr) == (130, "", said)


# Ctrl-C when all is done and Python ends.
LATE = """
import atexit, runpy, signal, sys
if "ignored" in sys.argv:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
atexit.register(signal.raise_signal, signal.SIGINT)
sys.argv = ["noisetamer", "meter", "no such.wav"]
runpy.run_module("noisetamer", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(("how", "code"), [("heard", -signal.SIGINT), ("ignored", 2)])
def test_one_that_comes_too_late_says_nothing(how: str, code: int):
    done = ran(LATE, how)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1)
