"""Processes of one's own, where the machine lets them share something."""

import os

import pytest

from noisetamer.base.child_processes import pools_work


def test_pools_work_where_semaphores_can_be_made(request: pytest.FixtureRequest):
    assert pools_work() == os.access("/dev/shm", os.W_OK)
    request.getfixturevalue("without_semaphores")
    assert not pools_work()
