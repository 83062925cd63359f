"""From the officer's phone to a file that proves itself: the button, how far it is, the file."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hub_with_an_evening as told
import pytest
from console import Console
from fastapi.testclient import TestClient
from hub_with_an_evening import SQUARE, HubFolder
from logged_in import log_in
from waiting import until

from noisetamer.hub.evidence.scope import Asked
from noisetamer.hub.people.people import People
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.web.runs import EVIDENCE, KEPT_SECONDS, Runs
from noisetamer.proof import verify_evidence
from noisetamer.proof.verify_evidence import FALSE

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> HubFolder:
    return told.evening(tmp_path_factory.mktemp("web") / "hub")


@pytest.fixture(scope="module")
def console(hub: HubFolder) -> Console:
    return Console(hub.folder)


def client(console: Console, role: str) -> TestClient:
    secret = log_in(console.people, role, None)
    return TestClient(
        console.app,
        base_url="http://hub",
        cookies={"session": secret, "lang": "en"},
        headers={"X-CSRF": csrf_of(secret)},
        follow_redirects=False,
    )


@pytest.fixture
def officer(console: Console) -> Iterator[TestClient]:
    with client(console, "officer") as found:
        yield found


def ended(officer: TestClient, address: str) -> dict[str, object]:
    def state() -> dict[str, object] | None:
        found = officer.get(f"{address}/state").json()
        return found if found["ended"] else None

    return until(state, "its end")


def test_one_button_leads_to_a_file_that_the_verifier_believes(
    hub: HubFolder, officer: TestClient
):
    page = f"/incidents/{hub.incident}"
    assert "Make the evidence bundle" in officer.get(page).text
    asked = officer.post(f"{page}/evidence", data={"reason": "complaint 12"})
    assert asked.status_code == 303
    address = asked.headers["location"]
    # not there yet
    assert officer.get(f"{address}.zip").status_code == 404
    assert f'data-state="{address}/state"' in officer.get(address).text
    state = ended(officer, address)
    assert str(state["said"]).startswith("Done: 0.")
    file = officer.get(f"{address}.zip")
    assert file.headers["content-type"] == "application/zip"
    report = verify_evidence.verify(file.content)
    assert [line.text for line in report.lines if line.state == FALSE] == []
    shown = officer.get(address).text
    assert "Download" in shown and "SHA-256" in shown
    with closing(People(hub.folder / "people.sqlite")) as people:
        made, seen = (people.log.entries(what=f"evidence_{what}")[0] for what in ("made", "seen"))
    assert (made.reason, made.target) == ("complaint 12", f"{SQUARE} #{hub.incident}")
    assert made.detail["role"] == "officer" and seen.by == made.by
    # of another incident, and of a hub that has begun anew, it is not
    assert officer.get(f"/incidents/{hub.incident}/evidence/{'x' * 16}").status_code == 200
    assert officer.get(f"/incidents/{hub.incident}/evidence/{'x' * 16}.zip").status_code == 404


def test_what_is_old_or_was_left_behind_goes_when_the_next_is_asked_for(tmp_path: Path):
    async def asked() -> list[str]:
        now = [1e9]
        runs = Runs(tmp_path, EVIDENCE, lambda: now[0])
        folder = tmp_path / EVIDENCE.folder
        folder.mkdir()
        (folder / "of-an-earlier-hub.zip").write_bytes(b"")
        (folder / ".evidence-killed").mkdir()
        first = runs.begin(1, Asked("chen", "x", incident=1))
        assert first
        await runs.ended()
        # there is no hub in that folder
        assert first.refused.endswith("is no data folder of a hub; give the one of its --data")
        first.file.write_bytes(b"as if")
        now[0] += KEPT_SECONDS + 1
        os.utime(folder / ".evidence-killed", (now[0] - 7200, now[0] - 7200))
        assert runs.begin(1, Asked("chen", "x", incident=1))
        left = sorted(path.name for path in folder.iterdir())
        await runs.ended()
        assert runs.one(first.key, 1) is None
        return left

    assert asyncio.run(asked()) == []


def test_a_bundle_without_a_reason_is_none(hub: HubFolder, officer: TestClient):
    page = f"/incidents/{hub.incident}/evidence"
    assert officer.post(page, data={"reason": "  "}).status_code == 422
    assert officer.post("/incidents/99/evidence", data={"reason": "x"}).status_code == 404


def test_a_leader_has_no_such_button(hub: HubFolder, console: Console):
    with client(console, "leader") as leader:
        assert "evidence" not in leader.get(f"/incidents/{hub.incident}").text
        page = f"/incidents/{hub.incident}/evidence"
        assert leader.post(page, data={"reason": "x"}).status_code == 403
