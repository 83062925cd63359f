"""What will be wrong with the hub is told to who looks after it; a manager reads what is wrong."""

import os

import httpx
import pytest
from hub_process import HubProcess
from waiting import DEADLINE

pytestmark = pytest.mark.service


def page(hub: HubProcess, role: str) -> str:
    (cookie,) = hub.cookies(role)
    cookies = {cookie["name"]: cookie["value"]}
    return httpx.get(hub.url + "?lang=en", cookies=cookies, timeout=DEADLINE).text


def test_a_backup_that_is_missing_is_no_matter_of_a_property_manager(hub: HubProcess):
    made = (hub.data / "certificates" / "ca.key").stat().st_mtime
    os.utime(hub.data / "certificates" / "ca.key", (made, made - 20 * 86_400))
    words = "The last backup is 20 days old"
    assert {role: words in page(hub, role) for role in ("property", "viewer", "operator")} == {
        "property": False,
        "viewer": False,
        "operator": True,
    }
    assert hub.get("health").status_code == 200
