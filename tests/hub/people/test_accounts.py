import pytest

from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.audit import HUB, By
from noisetamer.hub.people.people import People

ADMIN = By("admin", "192.0.2.1")


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "people.sqlite", lambda: 1_800_000_000.0)


def test_a_name_is_the_same_however_it_is_typed_and_taken_once(people: People):
    account = people.accounts.add(" Ｗang  Li ", "viewer", HUB)
    assert account.name == "Wang Li"
    person = people.accounts.named("wang LI")
    assert person and person.account == account and not person.ready
    with pytest.raises(AccountError, match="already"):
        people.accounts.add("WANG LI", "admin", HUB)


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "x" * 65])
def test_what_is_no_name_is_refused(people: People, name: str):
    with pytest.raises(AccountError, match="1 to 64"):
        people.accounts.add(name, "viewer", HUB)


def test_there_is_no_other_role_than_those_of_the_table(people: People):
    with pytest.raises(AccountError, match="no role root"):
        people.accounts.add("Li", "root", HUB)


def test_squares_hold_and_none_at_all_are_not_all(people: People):
    leader = people.accounts.add("Li", "leader", HUB, squares=["东门广场"])
    assert leader.may("acknowledge", "东门广场")
    assert not leader.may("acknowledge", "西门广场")
    assert not leader.may("say", "东门广场")
    nowhere = people.accounts.add("Wu", "property", HUB, squares=[])
    assert not nowhere.may("see", "东门广场")
    assert people.accounts.add("Xu", "property", HUB).may("see", "东门广场")


def test_the_last_who_governs_cannot_be_taken_away(people: People):
    first = people.accounts.add("first", "admin", HUB, password="hash")
    for lessen in (
        lambda: people.accounts.disable(first.id, True, ADMIN),
        lambda: people.accounts.change(first.id, ADMIN, "viewer", None, "", "zh"),
        lambda: people.accounts.change(first.id, ADMIN, "admin", ["东门广场"], "", "zh"),
    ):
        with pytest.raises(AccountError, match="Nobody would be left"):
            lessen()
    assert people.accounts.one(first.id) == first
    # one without a password cannot log in: it does not count
    second = people.accounts.add("second", "admin", HUB)
    with pytest.raises(AccountError):
        people.accounts.disable(first.id, True, ADMIN)
    people.accounts.set_password(second.id, "hash", ADMIN)
    people.accounts.disable(first.id, True, ADMIN)
    assert people.accounts.one(first.id) is None
    assert people.accounts.governed()


def test_who_is_disabled_is_out_at_once_everywhere(people: People):
    account = people.accounts.add("Li", "viewer", HUB)
    secret = people.sessions.begin(account.id, By("Li"))
    link = people.tickets.make("password", account, ADMIN)
    people.contacts.add(account.id, "duty", ADMIN)
    assert people.sessions.find(secret) and people.contacts.of(account.id)
    people.accounts.disable(account.id, True, ADMIN)
    assert people.sessions.cached(secret) is None
    assert people.sessions.find(secret) is None
    assert people.tickets.look(link) is None
    assert people.contacts.of(account.id) == []
    people.accounts.disable(account.id, False, ADMIN)
    assert people.sessions.find(secret) is None


def test_what_changed_of_an_account_is_in_the_log_with_before_and_after(people: People):
    account = people.accounts.add("Li", "viewer", ADMIN)
    people.accounts.change(account.id, ADMIN, "leader", ["东门广场"], "Frau Li", "en")
    entry, added = people.log.entries()
    assert (added.what, added.detail) == ("account_added", {"role": "viewer", "squares": "all"})
    assert (entry.by, entry.ip, entry.target) == ("admin", "192.0.2.1", "Li")
    assert entry.detail == {
        "role": ["viewer", "leader"],
        "squares": ["all", ["东门广场"]],
        "display": ["Li", "Frau Li"],
    }


def test_an_ntfy_topic_is_made_here_and_is_the_persons_alone(people: People):
    li, wu = (people.accounts.add(name, "leader", HUB) for name in ("Li", "Wu"))
    one = people.contacts.add(li.id, "ntfy", ADMIN, "my topic", "22:00", "07:00")
    other = people.contacts.add(wu.id, "ntfy", ADMIN)
    assert one.address != "my topic" and len(one.address) == 26 and one.address != other.address
    assert people.contacts.topic(one.address) == one
    assert people.contacts.topic("x") is None
    people.contacts.remove(one.id, ADMIN)
    assert people.contacts.topic(one.address) is None
    assert people.contacts.add(li.id, "duty", ADMIN).id > other.id  # no id comes again


@pytest.mark.parametrize(
    ("channel", "address", "quiet"),
    [
        ("pigeon", "x", ("", "")),
        ("apprise", " ", ("", "")),
        ("apprise", "x" * 5000, ("", "")),
        ("duty", "", ("25:00", "07:00")),
        ("duty", "", ("22:00", "")),
    ],
)
def test_what_is_no_contact_is_refused(people: People, channel, address, quiet):
    account = people.accounts.add("Li", "viewer", HUB)
    with pytest.raises(AccountError):
        people.contacts.add(account.id, channel, ADMIN, address, *quiet)
    assert people.contacts.of(account.id) == []
