import hashlib
import re
from pathlib import Path

import pytest
from hub_process import HubProcess
from scripted_unit import START, Box

from noisetamer.hub.registry import Units
from noisetamer.hub.web.app import STATIC

pytestmark = pytest.mark.service


def test_chinese_comes_first_and_the_choice_is_remembered(untouched_hub: HubProcess):
    with untouched_hub.client() as client:
        assert '<html lang="zh-CN">' in client.get("/").text
        assert '<html lang="en">' in client.get("/?lang=en").text
        assert '<html lang="en">' in client.get("/").text
        assert '<html lang="en">' in client.get("/?lang=xx").text


def test_nothing_from_elsewhere_is_allowed_or_needed(untouched_hub: HubProcess):
    answer = untouched_hub.get("")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"(src|href)=\"(https?:)?//", answer.text)
    assert "<script>" not in answer.text
    assert " style=" not in answer.text


def test_a_name_full_of_markup_is_shown_as_text(tmp_path: Path):
    data = tmp_path / "hub"
    Units(data / "units.sqlite").enrol("NT-1", name='<script>alert("x")</script>')
    hub = HubProcess(data)
    page = hub.get("").text
    hub.stop()
    assert "&lt;script&gt;alert(" in page
    assert "<script>alert" not in page


def test_only_simulated_units_wear_the_badge_and_each_has_its_place(tmp_path: Path):
    hub = HubProcess(tmp_path / "hub", "--enrol", "SIM-0001", "--enrol", "NT-1=东门广场")
    page, of_square = hub.get("").text, hub.get("squares/东门广场").text
    hub.stop()
    _, simulated, real = page.split("<footer>")[0].split('<article class="card square"')
    assert 'data-field="title">东门广场<' in real
    _, card = of_square.split("<footer>")[0].split('<article class="card"')
    assert 'data-field="title">东门广场<' in card and 'data-field="serial">NT-1<' in card
    assert 'class="badge"' in simulated
    assert 'class="badge"' not in real + card


def test_the_last_hour_is_json_and_an_unknown_unit_is_404(hub: HubProcess):
    url = "units/SIM-0001/last-hour"
    assert hub.get(url).json()["LAeq"] == []
    box = Box(hub.unit())
    box.seconds(1, START, [500, 600])
    box.stage(2, START + 2, "green", "red")
    box.wait_ack(2)
    hour = hub.get(url).json()
    assert hour["LAeq"][-2:] == [500, 600]
    assert hour["invalid"] == []
    assert hour["limit"] == [[START + 2, 650]]
    assert hub.get("units/NT-9/last-hour").status_code == 404


@pytest.mark.parametrize("path", ["docs", "openapi.json", "static/../web.py", "static/nothing"])
def test_what_is_not_offered_is_404(untouched_hub: HubProcess, path: str):
    assert untouched_hub.get(path).status_code == 404


def test_the_vendored_files_are_the_ones_their_readme_names():
    vendored = {"uplot": ("uPlot.iife.min.js", "uPlot.min.css"), "lean-qr": ("index.mjs",)}
    for name, files in vendored.items():
        folder = STATIC / "vendor" / name
        named = dict(re.findall(r"`(\S+)` \| `(\w{64})`", (folder / "README.md").read_text()))
        assert named == {
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files
        }
