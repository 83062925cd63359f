"""What a city on one machine starts ends with it; what it lacks is one sentence."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_process import runs, until

from noisetamer.base.errors import UserError
from noisetamer.hub.city import services
from noisetamer.hub.city.processes import Child, Program
from noisetamer.hub.city.services import Passwords

_PARENT = """
import asyncio, sys
from pathlib import Path
from noisetamer.hub.city.processes import Child, Program

async def main():
    child = Child(Program("sleeper", ["/bin/sleep", "1000"]), Path(sys.argv[1]))
    async def ready():
        return child.runs
    await child.start(ready)
    print(child.pid, flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


@pytest.mark.tools
def test_a_killed_parent_takes_its_children_along(tmp_path: Path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, "-c", _PARENT, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert runs(child)
        parent.kill()
        parent.wait()
    until(lambda: not runs(child), "its end with its parent")


@pytest.mark.tools
def test_a_program_that_does_not_start_says_why(tmp_path: Path):
    async def never() -> bool:
        return False

    words = ["/bin/sh", "-c", "echo no such luck >&2; exit 3"]
    child = Child(Program("unlucky", words), tmp_path)
    with pytest.raises(UserError, match="unlucky could not start: no such luck"):
        asyncio.run(child.start(never))


def test_what_is_not_installed_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(services, "_program", lambda name: None)
    monkeypatch.setattr(services, "_binaries", lambda: None)
    with pytest.raises(
        UserError, match=r"apt-get install etcd-server patroni pgbouncer haproxy postgresql$"
    ):
        services.must_be_there()


@pytest.mark.skipif(os.getuid() != 0, reason="only root starts programs as somebody else")
def test_a_folder_that_postgresqls_user_may_not_pass_is_named(tmp_path: Path):
    shut = tmp_path / "shut"
    inner = shut / "city"
    inner.mkdir(parents=True)
    inner.chmod(0o711)
    shut.chmod(0o700)
    with pytest.raises(UserError, match=f"may not pass {shut}"):
        services.must_be_reached(inner)


def test_a_password_of_any_letters_is_one_in_the_address():
    url = services.url(7001, Passwords("a", "b", "p/w@d"))
    assert url.startswith("postgresql://noisetamer:p%2Fw%40d@127.0.0.1:7001/noisetamer?")
