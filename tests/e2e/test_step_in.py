"""From a page to a real box and back: what is asked for is done, or refused in words."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
import soxr
from chromium import chromium
from folders import OUT
from hub_process import HubProcess, until
from live_box import LiveBox
from playwright.sync_api import Page, expect
from scipy.signal import correlate

from noisetamer.base.paths import FIRMWARE
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.e2e

# Box seconds in a real one: few, for an order expires by the box's own clock.
PACE = 2.0
_SECOND = 16_000  # samples
SQUARE = "东门广场/南区"

MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class Evening(NamedTuple):
    hub: HubProcess
    box: LiveBox
    page: Page
    voice: np.ndarray  # what is said into the microphone, 16 kHz
    complaints: list[str]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """A calm square, somebody with a phone, and a microphone that hears a recording."""
    folder = tmp_path_factory.mktemp("evening")
    voice, rate = soundfile.read(FIRMWARE / "voices" / "polite_zh.wav")
    recording = folder / "said.wav"
    soundfile.write(recording, 0.4 * soxr.resample(voice, rate, 48_000), 48_000, subtype="PCM_16")
    spoken = f"--use-file-for-fake-audio-capture={recording}"
    with chromium(*MICROPHONE, spoken, whole=True) as browser:
        hub = HubProcess(folder / "hub", "--name", "localhost", "--enrol", f"SIM-0001={SQUARE}")
        box = LiveBox(folder / "box", hub, Tier.LEVELS, pace=PACE)
        box.turn_music(-60)
        complaints: list[str] = []
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en")
        context.add_cookies(hub.cookies())
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        box.wait_for_second(12)
        yield Evening(hub, box, page, voice, complaints)
        context.close()
        box.stop()
        hub.stop()


def becomes(page: Page, what: str, state: str, act: Callable[[], None]) -> None:
    """Until the newest order on the page is that and stands so, or has been begun and is done
    since. How soon: `test_orders.py`."""
    newest = page.locator(".lately li").first
    before = newest.get_attribute("data-order")
    act()
    expect(newest).not_to_have_attribute("data-order", before or "none")
    is_so = re.compile("begun|done") if state == "begun" else state
    expect(newest).to_have_attribute("data-state", is_so)
    expect(newest).to_contain_text(what)


def test_a_hand_reaches_from_the_page_into_the_box(evening: Evening):
    hub, page = evening.hub, evening.page
    page.goto(f"{hub.url}step-in/{SQUARE}?lang=en")
    expect(page.locator(".now .number")).not_to_contain_text("--")

    lamp = page.get_by_role("button", name="On for 1 min")
    becomes(page, "Spotlight on for 1 min", "done", lamp.click)
    stored = page.get_by_role("button", name="The volume is above", exact=False).first
    becomes(page, "national limit", "begun", stored.click)
    # asked for while the box speaks: it waits for its turn
    page.get_by_placeholder("What the box is to say").fill("Please turn it down")
    typed = page.get_by_role("button", name="Have it said")
    becomes(page, "Please turn it down", "done", typed.click)

    page.get_by_label("Why mute").fill("a funeral")
    mute = page.get_by_role("button", name="Mute (", exact=False)
    becomes(page, "Mute for 10 min", "done", mute.click)
    becomes(page, "national limit", "refused", stored.click)
    expect(page.locator(".answer")).to_contain_text("muted")
    speak = page.get_by_role("button", name="Let it speak again")
    becomes(page, "Let it speak again", "done", speak.click)
    page.get_by_role("slider").fill("-12")
    becomes(
        page, "Volume -12 dB", "done", page.get_by_role("button", name="Set", exact=True).click
    )
    page.get_by_text("Service").click()
    examine = page.get_by_role("button", name="Examine the microphone")
    becomes(page, "Examine the microphone", "done", examine.click)

    # what cannot be spoken goes nowhere, and says so
    page.get_by_placeholder("What the box is to say").fill("请把×の调低")
    rows = page.locator(".lately li").count()
    typed.click()
    expect(page.locator(".answer")).to_contain_text("would not be spoken")
    assert page.locator(".lately li").count() == rows
    with closing(sqlite3.connect(hub.data / "people.sqlite")) as people:
        audited = people.execute("SELECT by, target, reason FROM audit WHERE what='order'")
        rows = audited.fetchall()
    assert len(rows) == 8
    assert all(by and reason for by, _, reason in rows)
    assert {target for _, target, _ in rows} == {"SIM-0001"}
    assert evening.complaints == [
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]


def test_what_is_said_while_a_button_is_held_is_heard_from_the_box(evening: Evening):
    hub, box, page = evening.hub, evening.box, evening.page
    page.goto(f"{hub.url}step-in/{SQUARE}?lang=zh")
    expect(page.locator(".now .number")).not_to_contain_text("--")
    hold = page.locator(".hold")
    # slid away: nothing goes out
    hold.hover(position={"x": 80, "y": 40})
    page.mouse.down()
    expect(hold).to_have_attribute("data-recording", "yes")
    page.wait_for_timeout(800)
    place = hold.bounding_box()
    assert place
    page.mouse.move(place["x"] + 80, place["y"] + 400)
    page.mouse.up()
    expect(page.locator(".answer")).to_contain_text("已取消")
    # by keyboard, as by finger
    hold.focus()
    OUT.mkdir(exist_ok=True)
    pressed = time.monotonic()
    let_go: list[float] = []

    def hold_for_a_while() -> None:
        page.keyboard.down("Space")
        expect(hold).to_have_attribute("data-recording", "yes")
        # of twelve seconds
        expect(hold.locator(".hold-words")).to_have_text(re.compile(r"(?<!\d)\d(?!\d)"))
        page.screenshot(path=OUT / "step-in-holding.png")
        page.keyboard.up("Space")
        let_go.append(time.monotonic())

    becomes(page, "现场喊话", "begun", hold_for_a_while)
    # for 3 s at least, longer on a busy machine, and not what was said before or afterwards
    length = re.search(r"现场喊话 (\d+) 秒", page.locator(".lately li").first.inner_text())
    assert length and 3 <= int(length[1]) <= let_go[0] - pressed + 1
    until(lambda: box.spoken(pressed), "words from the box")
    expect(page.locator(".lately li").first).to_have_attribute("data-state", "done")
    page.screenshot(path=OUT / "step-in-zh.png", full_page=True)
    heard = np.concatenate([words.samples for _, words in box.spoken(pressed)]) / 32768
    assert is_part_of(heard, evening.voice) > 0.6
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_new_message_and_a_new_policy_come_over_the_air(evening: Evening):
    hub, page = evening.hub, evening.page
    page.goto(f"{hub.url}policy/{SQUARE}?lang=en")
    form = page.locator(".new-voice")
    form.get_by_label("Name").fill("dance")
    form.get_by_label("What the box is to say").fill("请跳舞的各位把音箱调低")
    form.get_by_role("button", name="Keep it").click()
    send = page.get_by_role("button", name="Send to the boxes")
    send.wait_for()
    page.wait_for_load_state()  # before, a button does nothing yet
    becomes(page, "把音箱调低", "done", send.click)
    page.get_by_label("Limit by day").fill("600")
    expect(page.locator(".faults")).to_contain_text("limit.day: 600 is out of range")
    page.get_by_label("Limit by day").fill("61")
    page.get_by_label("Firm message").fill("dance")
    expect(page.locator(".fits")).to_contain_text("It can be sent")
    page.locator(".send input[name=reason]").fill("agreed in May")
    # what the box runs came with it from the workshop: its text is not here
    page.locator(".send input[name=replaces]").check()
    to_all = page.get_by_role("button", name="Send it to every box")

    def name_and_send() -> None:
        page.locator(".keys [name=name]").fill("东门")
        to_all.click()  # before the hub has looked at that name

    becomes(page, "New policy “东门”", "done", name_and_send)
    found = re.search(r"It can be sent.*hash (\w+)", page.locator(".fits").inner_text())
    assert found
    until(lambda: found[1] in hub.get(f"policy/{SQUARE}").text.split("<h2>")[1], "the new policy")
    page.reload()
    expect(page.locator("table").first).to_contain_text("东门")
    page.screenshot(path=OUT / "policy-en.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # and it says what it was given
    page.goto(f"{hub.url}step-in/{SQUARE}?lang=zh")
    stored = page.get_by_role("button", name="请跳舞的各位把音箱调低", exact=True)
    becomes(page, "把音箱调低", "begun", stored.click)
    # over plain HTTP from elsewhere no browser gives a page the microphone
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.reload()
    expect(page.locator(".insecure")).to_contain_text("HTTPS")
    page.locator(".hold").press("Space")
    expect(page.locator(".answer")).to_contain_text("https://")


def is_part_of(heard: np.ndarray, whole: np.ndarray) -> float:
    """The highest correlation of a second of what was heard with any part of what was played over
    and over, of most seconds: a browser on a busy machine loses blocks of its microphone, and all
    that comes after one is shifted. What the same voice says otherwise comes to 0.17."""
    heard = np.trim_zeros(heard)
    seconds = [heard[at : at + _SECOND] for at in range(0, len(heard) - _SECOND + 1, _SECOND // 2)]
    return float(np.median([_correlation(second, whole) for second in seconds]))


def _correlation(heard: np.ndarray, whole: np.ndarray) -> float:
    twice = np.concatenate([whole, whole])
    at_each = np.abs(correlate(twice, heard, mode="valid", method="fft"))
    # A running sum; by convolution it would take a thousand times as long.
    energy = np.cumsum(np.concatenate([[0.0], np.square(twice, dtype=np.float64)]))
    power = energy[len(heard) :] - energy[: -len(heard)]
    return float((at_each / np.sqrt(power * np.square(heard).sum())).max())
