"""A start pays for what it needs, and for no more."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.tools

WEB = {"fastapi", "uvicorn", "jinja2"}
# Among them aiohttp, which nats-py would load for a way to its server that no hub takes.
CHANNELS = {"aiohttp", "apprise", "pywebpush", "requests"}


@pytest.mark.parametrize(
    ("module", "without"),
    [("noisetamer.hub.command", WEB | CHANNELS), ("noisetamer.hub.serve", CHANNELS)],
)
def test_what_a_task_or_a_contact_may_want_is_loaded_when_it_does(module: str, without: set[str]):
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not without & set(done.stdout.split())
