"""From a hub's first start to an officer's phone: in a real browser, over the real wire."""

from pathlib import Path

import pytest
from hub_process import HubProcess
from playwright.sync_api import Browser, expect

from noisetamer.hub.people.people import People

pytestmark = pytest.mark.service


def test_the_first_administrator_invites_one_whose_phone_comes_in_by_a_link_in_a_chat(
    tmp_path: Path, browser: Browser
):
    hub = HubProcess(tmp_path / "hub", "--https", "--enrol", "SIM-0001=东门广场")
    complaints: list[str] = []

    def opened():
        page = browser.new_context(
            viewport={"width": 390, "height": 844}, ignore_https_errors=True, locale="en"
        ).new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        return page

    try:
        (first,) = [line.split()[2] for line in hub.lines if line.startswith("first account: ")]
        admin = opened()
        admin.goto(first)
        admin.get_by_label("Name").fill("Wang")
        admin.get_by_label("New password").fill("three dry sunflowers")
        admin.get_by_role("button", name="Save and log in").click()
        admin.wait_for_url(hub.url)

        admin.goto(f"{hub.url}people")
        admin.locator("input[name=name]").fill("officer")
        admin.locator("select[name=role]").select_option("officer")
        expect(admin.get_by_label("All squares")).not_to_be_checked()
        admin.get_by_label("All squares").check()
        admin.get_by_label("东门广场").check()
        expect(admin.get_by_label("All squares")).not_to_be_checked()
        admin.get_by_role("button", name="Make the account").click()
        link = admin.locator("code.link").inner_text()
        expect(admin.locator(".qr svg")).to_be_visible()

        phone = opened()
        phone.goto(link)
        expect(phone.locator("main")).to_contain_text("officer")
        phone.get_by_label("New password").fill("old barley tea")
        phone.get_by_role("button", name="Save and log in").click()
        phone.wait_for_url(f"{hub.url}me")
        cookies = {one.get("name"): one for one in phone.context.cookies()}
        session = cookies["__Host-session"]
        assert session.get("secure") and session.get("httpOnly")
        assert session.get("sameSite") == "Strict"
        expect(phone.locator("nav")).not_to_contain_text("People")

        # The link in a message stands in a page of another site: the phone is logged in all the
        # same. 127.0.0.1 and localhost are two sites.
        elsewhere = f"https://localhost:{hub.port}/trust"
        phone.goto(elsewhere)
        phone.evaluate(f"location.href = '{hub.url}me'")
        phone.wait_for_url(f"{hub.url}me")
        expect(phone.locator("h1")).to_have_text("officer")

        # Whoever is disabled is out within seconds, also of a page that is open.
        people = People(hub.data / "people.sqlite")
        officer = people.accounts.named("officer")
        wang = people.accounts.named("wang")
        assert officer and wang and officer.account.squares == {"东门广场"}
        admin.goto(f"{hub.url}people/{officer.account.id}")
        admin.get_by_role("button", name="Disable the account").click()
        expect(admin.locator("main")).to_contain_text("disabled")
        phone.reload()
        phone.wait_for_url("**/login?next=/me")
        assert people.verify() == ""
        people.close()
        assert complaints == []
    finally:
        hub.stop()
