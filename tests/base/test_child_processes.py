"""Processes of one's own, where the machine lets them share something."""

import os
import subprocess
import sys

import pytest
from tied import is_tied
from waiting import DEADLINE, until

from noisetamer.base.child_processes import pools_work, run_tied


def test_pools_work_where_semaphores_can_be_made(request: pytest.FixtureRequest):
    assert pools_work() == os.access("/dev/shm", os.W_OK)
    request.getfixturevalue("without_semaphores")
    assert not pools_work()


SPAWNED = """
import os
from noisetamer.base.child_processes import spawning, starting
context = spawning()
with starting():
    process = context.Process(target=os.system, args=("grep SigBlk /proc/$PPID/status",))
    process.start()
process.join()
"""


@pytest.mark.tools
def test_the_first_that_is_spawned_does_not_hear_ctrl_c_either():
    # In a program of its own: what lets it through is started once.
    ran = subprocess.run([sys.executable, "-c", SPAWNED], capture_output=True, text=True)
    assert int(ran.stdout.split()[1], 16) & 1 << (2 - 1), ran  # SIGINT is 2


TIED = """
import sys
from noisetamer.base.child_processes import run_tied
busy = "import time; print('begun', flush=True); time.sleep(1e6)"
run_tied([sys.executable, "-c", busy])
"""


@pytest.mark.tools
def test_a_tied_program_ends_with_the_one_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", TIED], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"begun\n"
        until(lambda: is_tied(running.pid), "its tie")
        running.kill()
        # The end of what the busy one would still hold open.
        assert running.communicate(timeout=DEADLINE) == (b"", None)


@pytest.mark.tools
def test_a_tied_program_is_told_of_as_any_other():
    ran = run_tied(["sh", "-c", "echo said; exit 3"], stdout=subprocess.PIPE, text=True)
    assert (ran.returncode, ran.stdout) == (3, "said\n")
    with pytest.raises(FileNotFoundError):
        run_tied(["no such program"])
