import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from noisetamer.hub.people.audit import HUB, By
from noisetamer.hub.people.people import People
from noisetamer.hub.people.sessions import LONGEST, UNUSED
from noisetamer.hub.people.tickets import LASTS, LOGIN, PASSWORD, SET_UP

LI = By("Li", "192.0.2.1")


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(tmp_path: Path, clock: Clock) -> People:
    return People(tmp_path / "people.sqlite", clock)


def test_a_session_that_is_not_used_ends_and_one_that_is_ends_too(people: People, clock: Clock):
    account = people.accounts.add("Li", "viewer", HUB)
    secret, other = (people.sessions.begin(account.id, LI) for _ in range(2))
    began = clock.now
    while clock.now < began + LONGEST - UNUSED / 2:
        clock.now += UNUSED / 2
        found = people.sessions.find(secret)
        assert found and found.account == account
    assert people.sessions.find(other) is None
    clock.now = began + LONGEST + 1
    assert people.sessions.find(secret) is None


def test_what_is_in_memory_is_looked_up_again_after_a_moment(people: People, clock: Clock):
    account = people.accounts.add("Li", "viewer", HUB)
    secret = people.sessions.begin(account.id, LI)
    assert people.sessions.find(secret) == people.sessions.cached(secret)
    other_process = People(people.sessions._file.path, clock)
    other_process.accounts.disable(account.id, True, HUB)
    clock.now += 2.1
    assert people.sessions.cached(secret) is None
    assert people.sessions.find(secret) is None


def test_nothing_that_opens_a_door_is_in_the_file(people: People, tmp_path: Path):
    account = people.accounts.add("Li", "viewer", HUB)
    words = [
        people.sessions.begin(account.id, LI),
        people.sessions.know_device(account.id),
        people.tickets.make(PASSWORD, account, HUB),
        people.tickets.make(LOGIN, account, HUB),
        people.set_up_secret(),
    ]
    assert len(set(words)) == 5 and all(len(word) == 43 for word in words)
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("people.sqlite*"))
    assert b"Li" in kept
    assert not [word for word in words if word.encode() in kept]


def test_log_out_everywhere_ends_all_of_one_and_none_of_another(people: People):
    li, wu = (people.accounts.add(name, "viewer", HUB) for name in ("Li", "Wu"))
    mine = [people.sessions.begin(li.id, LI) for _ in range(3)]
    device = people.sessions.know_device(li.id)
    theirs = people.sessions.begin(wu.id, By("Wu"))
    assert len(people.sessions.of(li.id)) == 3
    people.sessions.end_all(li, LI)
    assert [people.sessions.find(secret) for secret in mine] == [None] * 3
    assert not people.sessions.device(li.id, device)
    assert people.sessions.find(theirs)


def test_another_password_ends_every_session(people: People):
    account = people.accounts.add("Li", "viewer", HUB)
    secret = people.sessions.begin(account.id, LI)
    people.accounts.set_password(account.id, "the same, hashed anew", LI, tell=False)
    assert people.sessions.find(secret)
    people.accounts.set_password(account.id, "another", LI)
    assert people.sessions.find(secret) is None


def test_the_words_of_forms_belong_to_one_session(people: People):
    account = people.accounts.add("Li", "viewer", HUB)
    words = [people.sessions.find(people.sessions.begin(account.id, LI)) for _ in range(2)]
    assert words[0] and words[1] and words[0].csrf != words[1].csrf


@pytest.mark.parametrize("kind", [SET_UP, PASSWORD, LOGIN])
def test_a_link_opens_once_and_not_for_ever(people: People, clock: Clock, kind: str):
    account = None if kind == SET_UP else people.accounts.add("Li", "viewer", HUB)
    secret = people.tickets.make(kind, account, HUB)
    assert people.tickets.look(secret) == people.tickets.look(secret) != None  # noqa: E711
    ticket = people.tickets.use(secret)
    assert ticket and (ticket.kind, ticket.account) == (kind, account)
    assert people.tickets.use(secret) is None
    late = people.tickets.make(kind, account, HUB)
    clock.now += LASTS[kind] + 1
    assert people.tickets.use(late) is None


def test_a_newer_link_makes_the_older_void(people: People):
    account = people.accounts.add("Li", "viewer", HUB)
    first = people.tickets.make(PASSWORD, account, HUB)
    second = people.tickets.make(PASSWORD, account, HUB)
    assert people.tickets.look(first) is None
    assert people.tickets.look(second)


def test_the_hub_asks_to_be_set_up_until_somebody_governs_it(people: People):
    secret = people.set_up_secret()
    assert people.set_up_secret() != secret and not people.tickets.look(secret)  # printed again
    secret = people.set_up_secret()
    account = people.set_up(secret, "王", "hash", "zh", By("王"))
    assert account and account.role == "admin" and account.squares is None
    assert people.set_up_secret() == ""
    assert people.set_up(secret, "second", "hash", "zh", By("second")) is None


def test_a_page_can_be_looked_at_where_the_disk_takes_no_byte_more(people: People, clock: Clock):
    account = people.accounts.add("Li", "viewer", HUB)
    secret = people.sessions.begin(account.id, LI)
    held = sqlite3.connect(people.sessions._file.path, isolation_level=None)
    held.execute("PRAGMA journal_mode=WAL")
    held.execute("BEGIN IMMEDIATE")  # nobody else can write
    clock.now += 3600
    try:
        assert people.sessions.find(secret)
    finally:
        held.close()


def test_of_two_who_open_the_first_link_at_once_one_governs(
    people: People, monkeypatch: pytest.MonkeyPatch
):
    secret = people.set_up_secret()
    both = threading.Barrier(2)
    governed = people.accounts.governed

    def asked() -> bool:
        # where both may come this far, they do
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return governed()

    monkeypatch.setattr(people.accounts, "governed", asked)

    def open_it(name: str) -> object:
        return people.set_up(secret, name, "a hash", "zh", By(name))

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(open_it, ("li", "a stranger")))
    assert found.count(None) == 1
    assert len(people.accounts.all()) == 1
