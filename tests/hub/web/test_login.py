"""Coming in: by name and password, with a code, by a link; and how often it may be tried."""

import asyncio
import re
from pathlib import Path

import pytest
from console import Console
from in_process import InProcess, browser, logged_in
from pyotp.totp import TOTP

from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.contacts import new_topic
from noisetamer.hub.people.passwords import AT_ONCE
from noisetamer.hub.people.roles import Account
from noisetamer.hub.people.tickets import LOGIN, PASSWORD
from noisetamer.hub.web.login import within

PASSWORD_OF_LI = "three dry sunflowers"
# Of RFC 6238. Of a secret by chance a code that is tried below may be the right one.
SECOND_FACTOR = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


@pytest.fixture
def li(console: Console) -> Account:
    hash = console.people.passwords.hash_now(PASSWORD_OF_LI)
    return console.people.accounts.add("Li", "property", HUB, password=hash)


def try_password(client: InProcess, name: str = "li", password: str = PASSWORD_OF_LI, **more):
    return client.post("/login", data={"name": name, "password": password, **more})


def test_the_right_password_leads_to_where_one_wanted_to_go(console: Console, li: Account):
    client = browser(console)
    page = client.get("/login?next=/fleet%3Fshow%3Dill").text
    assert 'name="next" value="/fleet?show=ill"' in page
    answer = try_password(client, next="/fleet?show=ill")
    assert (answer.status_code, answer.headers["location"]) == (303, "/fleet?show=ill")
    assert client.get("/me").status_code == 200
    assert client.get("/login").status_code == 303  # is in already
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"session", "known-device"}
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie


def test_under_https_cookies_are_sent_there_only(console: Console, li: Account):
    cookies = try_password(browser(console, scheme="https")).headers.get_list("set-cookie")
    assert [cookie for cookie in cookies if "Secure" not in cookie] == []
    assert any(cookie.startswith("__Host-session=") for cookie in cookies)


def test_a_login_is_a_new_session_and_ends_the_one_there_was(console: Console, li: Account):
    client = browser(console)
    try_password(client)
    before = client.cookies["session"]
    try_password(client)
    assert client.cookies["session"] != before
    assert browser(console, before).get("/me").status_code == 401
    # a session that somebody else put there beforehand is not taken over
    fixed = try_password(browser(console, "x" * 43)).headers["set-cookie"]
    assert fixed.startswith("session=") and "x" * 43 not in fixed


@pytest.mark.parametrize(
    ("name", "password"),
    [("li", "wrong"), ("nobody", PASSWORD_OF_LI), ("", ""), ("li\0", "?")],
)
def test_what_is_wrong_is_not_told(console: Console, li: Account, name: str, password: str):
    looked = console.people.passwords.looked_at
    answer = try_password(browser(console), name, password)
    assert answer.status_code == 403
    assert "用户名或密码不对" in answer.text
    assert console.people.passwords.looked_at == looked + 1  # nobody's takes as long


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("/fleet?a=b#c", "/fleet?a=b#c"),
        ("https://example.org/", "/"),
        ("//example.org/", "/"),
        ("/\\example.org", "/"),
        ("/\r\nSet-Cookie: x=y", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere(asked: str, gone_to: str):
    assert within(asked) == gone_to


def test_ten_thousand_wrong_passwords_lock_one_account_and_cost_nobody_else_a_login(
    console: Console, li: Account
):
    """From a thousand addresses, in ten minutes; each 500th the neighbour logs in, at once."""
    people = console.people
    hash = people.passwords.hash_now("old barley tea")
    people.accounts.add("Wu", "viewer", HUB, password=hash)
    phone = browser(console, address="192.0.2.200")
    assert try_password(phone).status_code == 303  # Li's phone, known from before
    looked, statuses = people.passwords.looked_at, []
    for n in range(10_000):
        console.now += 0.06
        address = f"198.51.{n % 4}.{n % 250}"
        if n % 500 == 0:
            wu = try_password(browser(console, address=address), "wu", "old barley tea")
            assert wu.status_code == 303
            looked += 1
        if n % 100:  # the others meet the same lock without a whole request
            people.attempts.take("li", address, "", console.now)
        else:
            tried = try_password(browser(console, address=address), password=f"{n}")
            statuses.append(tried.status_code)
    assert statuses[0] == 403 and statuses[-1] == 429
    assert people.passwords.looked_at - looked < 30  # what is refused is not even hashed
    locked = try_password(browser(console, address="192.0.2.201"))
    assert locked.status_code == 429 and int(locked.headers["retry-after"]) <= 900
    # the owner's own phone is let in all the while, and from anywhere once the lock has ended
    phone.cookies.delete("session")
    assert try_password(phone).status_code == 303
    console.now += 901
    assert try_password(browser(console, address="192.0.2.201")).status_code == 303


def test_many_tries_at_once_are_many(console: Console, li: Account):
    async def flood() -> list[int]:
        clients = [browser(console, address=f"198.51.100.{n}")._client for n in range(60)]
        tries = [
            client.post("/login", data={"name": "li", "password": f"wrong {n}"})
            for n, client in enumerate(clients)
        ]
        return [answer.status_code for answer in await asyncio.gather(*tries)]

    looked = console.people.passwords.looked_at
    statuses = asyncio.run(flood())
    assert console.people.passwords.looked_at - looked == 5
    assert statuses.count(429) >= 55
    assert console.people.passwords._threads._max_workers == AT_ONCE


def test_a_code_is_asked_for_where_one_is_wanted_and_taken_once(console: Console, li: Account):
    people = console.people
    totp = TOTP(SECOND_FACTOR)
    codes = people.second_factor.turn_on(li, totp.secret, totp.at(console.now), HUB)
    console.now += 60

    def half_way() -> InProcess:
        client = browser(console)
        page = try_password(client)
        assert page.status_code == 200 and "手机验证码" in page.text
        assert client.get("/me").status_code == 401  # not in yet
        return client

    code = totp.at(console.now)
    client = half_way()
    assert client.post("/login/code", data={"code": "000000"}).status_code == 403
    assert client.post("/login/code", data={"code": code}).status_code == 303
    assert client.get("/me").status_code == 200
    assert half_way().post("/login/code", data={"code": code}).status_code == 403  # replayed
    assert half_way().post("/login/code", data={"code": codes[0]}).status_code == 303
    assert half_way().post("/login/code", data={"code": codes[0]}).status_code == 403
    # without the password, or too late, the best code is none
    assert browser(console).post("/login/code", data={"code": codes[1]}).status_code == 403
    late = half_way()
    console.now += 301
    assert late.post("/login/code", data={"code": codes[1]}).status_code == 403


def test_guessed_codes_lock_the_account_as_guessed_passwords_do(console: Console, li: Account):
    totp = TOTP(SECOND_FACTOR)
    console.people.second_factor.turn_on(li, totp.secret, totp.at(console.now), HUB)
    statuses = []
    for n in range(12):
        client = browser(console, address=f"198.51.100.{n}")
        try_password(client)  # the password is known to the thief
        statuses.append(client.post("/login/code", data={"code": f"{n:06}"}).status_code)
    assert statuses == [403] * 12
    assert try_password(browser(console, address="198.51.100.99")).status_code == 429
    entries = console.people.log.entries(target="Li")
    assert "login_locked" in [entry.what for entry in entries]


def test_the_first_link_makes_the_administrator_and_no_second_one(console: Console):
    people = console.people
    secret = people.set_up_secret()
    client = browser(console)
    for _ in range(3):  # a preview in a messenger uses nothing up
        assert "第一个管理员" in client.get(f"/welcome/{secret}").text
    weak = client.post(f"/welcome/{secret}", data={"name": "王", "password": "1234567890"})
    assert weak.status_code == 422 and "太容易被猜到" in weak.text and 'value="王"' in weak.text
    nobody = client.post(f"/welcome/{secret}", data={"name": " ", "password": PASSWORD_OF_LI})
    assert nobody.status_code == 422
    done = client.post(f"/welcome/{secret}", data={"name": "王", "password": PASSWORD_OF_LI})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert client.get("/people").status_code == 200
    other = browser(console)
    assert other.get(f"/welcome/{secret}").status_code == 404
    again = other.post(f"/welcome/{secret}", data={"name": "x", "password": PASSWORD_OF_LI})
    assert again.status_code == 404 and other.get("/me").status_code == 401
    assert people.set_up_secret() == ""


def test_an_invited_person_chooses_the_password_and_is_in(console: Console):
    admin = logged_in(console)
    assert 'name="everywhere" value="yes">' in admin.get("/people").text, "nothing is ticked"
    asked = admin.post("/people", data={"name": "wu", "role": "property", "display": "小吴"})
    assert (asked.status_code, "请选定负责的广场" in asked.text) == (422, True)
    assert 'value="小吴"' in asked.text and '<option value="property" selected>' in asked.text
    assert console.people.accounts.named("wu") is None
    # who chooses one means that one
    data = {"name": "wu", "role": "leader", "everywhere": "yes", "squares": ["东门广场"]}
    shown = admin.post("/people", data=data)
    (link,) = re.findall(r"http://hub(/welcome/\S+?)<", shown.text)
    assert 'class="segno"' in shown.text
    wu = browser(console)
    assert "readonly" in wu.get(link).text
    taken = wu.post(link, data={"password": "old barley tea"})
    assert (taken.status_code, taken.headers["location"]) == (303, "/me"), "no phone rings yet"
    assert "wu" in wu.get("/me").text
    assert wu.get("/people").status_code == 403
    assert wu.post(link, data={"password": "new barley tea"}).status_code == 404
    account = console.people.accounts.named("wu")
    assert account and account.ready and account.account.squares == {"东门广场"}


def test_a_link_for_a_password_does_not_stand_for_the_phone(console: Console, li: Account):
    totp = TOTP(SECOND_FACTOR)
    console.people.second_factor.turn_on(li, totp.secret, totp.at(console.now), HUB)
    link = console.people.tickets.make(PASSWORD, li, HUB)
    client = browser(console)
    answer = client.post(f"/welcome/{link}", data={"password": "old barley tea"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert client.get("/me").status_code == 401
    assert "手机验证码" in try_password(client, password="old barley tea").text


def test_ones_own_contacts_are_ones_own(console: Console, li: Account):
    people = console.people
    wu = people.accounts.add("Wu", "viewer", HUB)
    theirs = people.contacts.add(wu.id, "duty", HUB)
    client = logged_in(console, "viewer")
    (mine,) = [p.account for p in people.accounts.all() if p.account.name == "a viewer"]
    answer = client.post("/me/contacts", data={"channel": "ntfy", "quiet_from": "22:00"})
    assert answer.status_code == 422 and "免打扰" in answer.text
    assert client.post("/me/contacts", data={"channel": "ntfy"}).status_code == 303
    assert client.post("/me/contacts", data={"channel": "web-push"}).status_code == 422
    (own,) = people.contacts.of(mine.id)
    page = client.get("/me").text
    assert own.address in page and f"ntfy://hub/{own.address}?secure=false" in page
    hours = {"quiet_from": "22:00", "quiet_to": "07:00"}
    assert client.post(f"/me/contacts/{own.id}/quiet", data=hours).status_code == 303
    assert people.contacts.of(mine.id)[0].quiet_from == "22:00"
    for what in ("quiet", "remove"):
        answer = client.post(f"/me/contacts/{theirs.id}/{what}", data=hours)
        assert answer.status_code == 404
    assert people.contacts.of(wu.id) == [theirs]
    assert client.post(f"/me/contacts/{own.id}/remove").status_code == 303
    assert people.contacts.of(mine.id) == []


def test_a_link_for_one_login_opens_once(console: Console, li: Account):
    secret = console.people.tickets.make(LOGIN, li, HUB)
    assert browser(console).get(f"/welcome/{secret}").status_code == 200
    client = browser(console)
    assert client.post(f"/welcome/{secret}").status_code == 303
    assert client.get("/me").status_code == 200
    assert browser(console).post(f"/welcome/{secret}").status_code == 404
    # of one who was disabled meanwhile it opens nothing
    late = console.people.tickets.make(PASSWORD, li, HUB)
    console.people.accounts.disable(li.id, True, HUB)
    answer = browser(console).post(f"/welcome/{late}", data={"password": PASSWORD_OF_LI})
    assert answer.status_code == 404


def test_a_first_second_factor_wants_the_password(console: Console, li: Account):
    """Or whoever finds a session open locks its owner out."""
    client = browser(console)
    try_password(client)
    csrf = re.findall(r'name="csrf" value="(\w+)"', client.get("/me").text)[0]
    scan = client.post("/me/second-factor", data={"csrf": csrf}).text
    assert 'name="before" type="password" required' in scan
    secret = re.findall(r'name="secret" value="(\w+)"', scan)[0]

    def turn_on(**more: str):
        data = {"csrf": csrf, "secret": secret, "code": TOTP(secret).at(console.now), **more}
        return client.post("/me/second-factor/on", data=data)

    for more in ({}, {"before": "wrong"}):
        refused = turn_on(**more)
        assert (refused.status_code, secret in refused.text) == (422, True)
        assert not console.people.second_factor.wanted(li.id)
    assert turn_on(before=PASSWORD_OF_LI).status_code == 200
    assert console.people.second_factor.wanted(li.id)


def test_another_password_wants_the_one_before_and_leaves_one_session(
    console: Console, li: Account
):
    client, other = browser(console), browser(console)
    for each in (client, other):
        try_password(each)

    def change(before: str, password: str):
        csrf = re.findall(r'name="csrf" value="(\w+)"', client.get("/me").text)[0]
        data = {"before": before, "password": password, "csrf": csrf}
        return client.post("/me/password", data=data)

    assert change("wrong", "old barley tea").status_code == 422
    assert change(PASSWORD_OF_LI, "short").status_code == 422
    assert change(PASSWORD_OF_LI, "old barley tea").status_code == 303
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 401
    assert try_password(browser(console)).status_code == 403
    assert try_password(browser(console), password="old barley tea").status_code == 303
    # who sits down at an open page cannot try them all
    assert [change("wrong", "old barley tea").status_code for _ in range(12)] == [422] * 12
    assert "过一会儿" in change("wrong", "old barley tea").text


def test_log_out_leaves_nothing_behind(console: Console, li: Account):
    client = logged_in(console, "viewer")
    answer = client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert 'session=""' in answer.headers["set-cookie"]
    assert "cache" in answer.headers["clear-site-data"]
    client = logged_in(console, "viewer")
    other = logged_in(console, "viewer")
    client.post("/me/log-out-everywhere")
    assert other.get("/me").status_code == 401


def test_no_password_is_there_from_the_beginning(tmp_path: Path):
    people = Console(tmp_path).people
    assert [person.ready for person in people.accounts.all()] == [False]  # the test's own
    people.close()
    client = browser(Console(tmp_path))
    for name, password in [("admin", "admin"), ("admin", ""), ("root", "root"), ("a admin", "")]:
        assert try_password(client, name, password).status_code in (403, 429)


def test_topics_are_guessed_by_nobody():
    topics = {new_topic() for _ in range(1000)}
    assert len(topics) == 1000 and all(re.fullmatch(r"[a-z2-7]{26}", topic) for topic in topics)
