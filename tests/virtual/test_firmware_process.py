"""A box's process: it ends with its host, and hides nothing that went wrong in it."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from folders import ON_BOX, SUPPORT
from program import until
from stand import Stand

from noisetamer.virtual.firmware_process import BoxDiedError, crystal_gain_us

pytestmark = pytest.mark.device

HOST = """
import sys
from pathlib import Path
from stand import Stand
from noisetamer.virtual.firmware_process import Tier

box = Stand(Path(sys.argv[1]), Path(sys.argv[2]))._box
box.power_on(1795431600, tier=Tier.AUDIO, pace=0.0)
assert next(box.messages()).body == b"begun"
print(box._process.pid, flush=True)
sys.stdin.read()
"""


def is_there(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")")[1]
    return False


def test_a_box_that_computes_ends_with_its_host(tmp_path: Path):
    words = [sys.executable, "-c", HOST, tmp_path, ON_BOX / "main_computing.py"]
    path = os.pathsep.join([str(SUPPORT), *filter(None, [os.environ.get("PYTHONPATH")])])
    host = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert host.stdout is not None
    box = int(host.stdout.readline())
    assert is_there(box)
    host.send_signal(signal.SIGKILL)
    host.communicate()
    until(lambda: not is_there(box), "its end")


def test_an_exception_in_a_background_task_ends_the_run_with_its_own_traceback(tmp_path: Path):
    with pytest.raises(BoxDiedError) as died:
        Stand(tmp_path, ON_BOX / "main_task_fails.py").run(20)
    assert "ValueError: of a task in the background" in str(died.value)
    assert "main_task_fails" in str(died.value) or "main.py" in str(died.value)


def test_print_takes_what_it_takes_elsewhere(tmp_path: Path):
    script = tmp_path / "prints.py"
    script.write_text(
        "import host_pipe, sys\n"
        "print('a', 1, sep='-', end='')\n"
        "print('b')\n"
        "print('to', 'the end', end='!\\n')\n"
        "print('console', file=sys.stdout)\n"
        "host_pipe.flush()\n"
    )
    assert Stand(tmp_path, script).run(1).lines == ["a-1b", "to the end!", "console"]


def test_what_is_printed_to_stderr_is_a_complaint(tmp_path: Path):
    script = tmp_path / "prints.py"
    script.write_text("import sys\nprint('elsewhere', file=sys.stderr)\n")
    with pytest.raises(BoxDiedError, match="elsewhere"):
        Stand(tmp_path, script).run(1)


def test_a_fast_crystal_gains_while_it_is_fast():
    day = 86_400_000_000
    fast = [(0, day), (2 * day, 3 * day)]
    assert crystal_gain_us(fast, day // 2) == 1_728_000
    assert crystal_gain_us(fast, 2 * day) == 3_456_000
    assert crystal_gain_us(fast, 9 * day) == 6_912_000
