"""Processes of one's own, where the machine lets them share something."""

import os
import subprocess
import sys

import pytest

from noisetamer.base.child_processes import pools_work


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
