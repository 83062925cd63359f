"""A load whose own hub has died, or can store nothing, ends; it does not wait for its boxes."""

import asyncio
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import PROGRAM
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.bench import hub
from noisetamer.load import run as load_run
from noisetamer.load.run import Found, Load, Plan, Stretch
from noisetamer.load.site import OwnHub, Site

# Far beyond what a test is waited for.
_LONG = Plan(units=3, seconds=100 * DEADLINE, faults=(), every=0.5, processes=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OwnHub]:
    site = OwnHub(tmp_path / "hub")
    yield site
    site.stop()


def loaded(site: OwnHub, meanwhile: str) -> str:
    """The sentence with which it ends."""
    done = False

    def progress(line: str) -> None:
        nonlocal done
        if not done:
            done = True
            (process,) = site.processes()["hub"]
            if meanwhile == "killed":
                os.kill(process, signal.SIGKILL)
            else:
                # what a full disk answers, without filling anybody's disk
                resource.prlimit(process, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    load = Load(_LONG, site, progress)
    site.enrol(load.units)
    site.start()
    with pytest.raises(UserError) as ended:
        asyncio.run(asyncio.wait_for(load.run(), DEADLINE))
    return str(ended.value)


@pytest.mark.service
def test_a_hub_that_was_killed_ends_the_load(site: OwnHub):
    assert loaded(site, "killed") == "The hub of the load has ended: it was killed (SIGKILL)"


@pytest.mark.service
def test_a_hub_that_can_store_nothing_ends_the_load(site: OwnHub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(load_run, "STILL_SECONDS", 1.0)
    said = loaded(site, "full")
    assert said.startswith("The hub of the load cannot go on: ")
    # it may have complained once more since
    assert any(said.endswith(f": {line}") for line in site.said)


@pytest.mark.service
def test_a_bench_whose_temporary_folder_is_full_says_so_and_leaves_nothing(tmp_path: Path):
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [PROGRAM, "bench", "--only", "hub", "--quick"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        preexec_fn=small,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("noisetamer bench: The hub of the load did not start: ")
    assert str(tmp_path) in last and last.endswith("or name another folder as TMPDIR.")
    assert not list(tmp_path.iterdir())


@pytest.mark.service
def test_the_last_words_of_a_hub_that_does_not_start_are_told(site: OwnHub):
    (site.data / "page-address").mkdir()
    with pytest.raises(UserError, match=r"did not start: noisetamer hub: .*/page-address"):
        site.start()


def test_a_bench_of_a_load_that_did_not_end_is_no_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def tried(plan: Plan, site: Site, progress: object) -> tuple[Found, Plan]:
        return Found([Stretch("rest", up=plan.units)], held=7), plan

    monkeypatch.setattr(hub, "tried", tried)
    with pytest.raises(UserError, match="10 of 10 boxes are connected and 7 batches not"):
        hub.measured(tmp_path, True, lambda _: None)


def test_still_is_what_stays_as_it_is_for_a_while(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(load_run, "STILL_SECONDS", 10.0)
    still = load_run._Still(0.0)
    asked = [(1.0, 5), (10.0, 5), (11.0, 5), (12.0, 5), (20.0, 6), (29.0, 6), (30.0, 6)]
    assert [now for now, figure in asked if still.is_so(now, figure)] == [11.0, 30.0]
