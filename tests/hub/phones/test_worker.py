"""The outbox is emptied: with real incidents, real people and the hub's own channel."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from waiting import DEADLINE

from noisetamer.hub.incidents.cases import Sources
from noisetamer.hub.incidents.incident import TO_PHONES
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.incidents.roster import Reachable
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.people.people import People
from noisetamer.hub.phones.channels.channel import Channel, Parcel, Result
from noisetamer.hub.phones.links import Links
from noisetamer.hub.phones.worker import BACK_OFF, Worker
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.words.i18n import read_texts

EVENING = 1_775_048_580.0
LINKS = Links(b"k" * 32)


class Answering:
    """A channel that answers as it is told, in turn, the last for ever."""

    def __init__(self, *results: Result) -> None:
        self.got: list[Parcel] = []
        self._results = list(results)

    async def send(self, parcel: Parcel, contact: Contact) -> Result:
        self.got.append(parcel)
        return self._results.pop(0) if len(self._results) > 1 else self._results[0]


class Evening:
    """A hub's incidents and people, without its broker; now: the time."""

    def __init__(self, data: Path) -> None:
        self.now = EVENING
        self.people = People(data / "people.sqlite", self.clock)
        account = self.people.accounts.named("wang")
        if account is None:
            added = self.people.accounts.add("wang", "property", HUB, language="zh")
            contact = self.people.contacts.add(added.id, "ntfy", HUB)
        else:
            added, contact = account.account, self.people.contacts.of(account.account.id)[0]
        self.account, self.contact = added, contact
        self._store = Store(data / "hub.sqlite")
        way = Reachable(added.id, "wang", "property", None, contact.id, "ntfy")
        self.incidents = Incidents(
            data / "incidents.sqlite",
            Queries(data / "hub.sqlite"),
            Sources(directory=lambda: [way]),
            clock=self.clock,
            steady=self.clock,
        )

    def clock(self) -> float:
        return self.now

    def worker(self, channel: Channel, url: str = "http://hub:8080") -> Worker:
        return Worker(
            *(self.incidents, self.people.accounts.one, self.people.contacts.one),
            *({"ntfy": channel}, LINKS, url, read_texts(), 8.0, lambda unit: "", self.clock),
        )

    def drill(self) -> int:
        return self.incidents.drill("东门广场", "wang", "wang", self.now).id

    def states(self, id: int) -> list[str]:
        return [effect.state for effect in self.incidents.effects(id)]

    def close(self) -> None:
        self.incidents.close_file()
        self._store.close()
        self.people.close()


@pytest.fixture
def evening(tmp_path: Path):
    evening = Evening(tmp_path)
    yield evening
    evening.close()


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(DEADLINE):
            await story()

    asyncio.run(within())


async def turn(worker: Worker) -> None:
    """What is due now, to its end."""
    await worker.look()
    await worker.idle()


def test_a_call_is_delivered_and_the_incident_says_so(evening: Evening):
    channel = Answering(Result("delivered", "taken"))
    id = evening.drill()

    async def story() -> None:
        worker = evening.worker(channel)
        await turn(worker)
        await turn(worker)

    run(story)
    (parcel,) = channel.got
    assert parcel.message.title == "东门广场：演习，请确认收到"
    assert evening.states(id) == ["delivered"]
    (entry,) = [each for each in evening.incidents.timeline(id) if each.what == "delivered"]
    assert entry.fields["detail"] == "taken"
    link = LINKS.read(parcel.link.rpartition("/")[2], evening.now)
    assert (link.account, link.incident, link.call) == (evening.account.id, id, parcel.id)


def test_one_that_may_help_is_tried_again_under_the_same_name(evening: Evening):
    channel = Answering(
        Result("unknown", "silent", True),
        Result("refused", "busy", True, 60.0),
        Result("delivered", "taken"),
    )
    id = evening.drill()

    async def story() -> None:
        worker = evening.worker(channel)
        for pause, tries in ((0, 1), (1.9, 1), (0.2, 2), (5, 2), (55.1, 3)):
            evening.now += pause
            await turn(worker)
            assert len(channel.got) == tries, pause

    run(story)
    assert len({parcel.id for parcel in channel.got}) == 1
    assert evening.states(id) == ["delivered"]


def test_one_that_never_helps_is_given_up(evening: Evening):
    channel = Answering(Result("unknown", "silent", True))
    id = evening.drill()

    async def story() -> None:
        worker = evening.worker(channel)
        for _ in range(len(BACK_OFF) + 3):
            await turn(worker)
            evening.now += 61

    run(story)
    assert len(channel.got) == len(BACK_OFF) + 1
    assert evening.states(id) == ["unknown"]


def test_a_channel_that_fails_is_tried_again_and_given_up(evening: Evening):
    class Broken(Answering):
        async def send(self, parcel: Parcel, contact: Contact) -> Result:
            await super().send(parcel, contact)
            raise ZeroDivisionError

    channel = Broken(Result("delivered"))
    id = evening.drill()

    async def story() -> None:
        worker = evening.worker(channel)
        for _ in range(len(BACK_OFF) + 3):
            await turn(worker)
            evening.now += 61

    run(story)
    assert len(channel.got) == len(BACK_OFF) + 1
    (effect,) = evening.incidents.effects(id)
    assert (effect.state, effect.detail) == ("unknown", "fault: ZeroDivisionError")


def test_a_refusal_is_final(evening: Evening):
    channel = Answering(Result("refused", "key: 企业微信机器人 93000"))
    id = evening.drill()
    run(lambda: turn(evening.worker(channel)))
    assert evening.states(id) == ["refused"]


def test_a_contact_that_is_gone_is_refused(evening: Evening):
    channel = Answering(Result("delivered"))
    id = evening.drill()
    evening.people.contacts.remove(evening.contact.id, HUB)
    run(lambda: turn(evening.worker(channel)))
    assert channel.got == []
    assert [effect.detail for effect in evening.incidents.effects(id)] == ["no_contact"]


def test_a_phone_that_comes_late_makes_it_delivered(evening: Evening):
    channel = Answering(Result("refused", "not_taken"))
    id = evening.drill()

    async def story() -> None:
        worker = evening.worker(channel)
        await turn(worker)
        worker.taken(channel.got[0].call)
        await worker.idle()

    run(story)
    assert evening.states(id) == ["delivered"]


def test_a_phone_that_comes_while_it_is_given_up_makes_it_delivered(evening: Evening):
    """Between the last moment it was waited for, and the word that nobody had it."""

    class JustTooLate(Answering):
        async def send(self, parcel: Parcel, contact: Contact) -> Result:
            result = await super().send(parcel, contact)
            worker.taken(parcel.call)
            return result

    channel = JustTooLate(Result("refused", "not_taken"))
    id = evening.drill()
    worker: Worker

    async def story() -> None:
        nonlocal worker
        worker = evening.worker(channel)
        await turn(worker)
        await worker.idle()

    run(story)
    assert evening.states(id) == ["delivered"]


def test_all_clear_has_no_link(evening: Evening):
    channel = Answering(Result("delivered", "taken"))
    id = evening.drill()

    async def story() -> None:
        worker = evening.worker(channel)
        await turn(worker)
        evening.now += 60
        evening.incidents.close(id, "wang", "", evening.now)
        await turn(worker)

    run(story)
    assert [bool(parcel.link) for parcel in channel.got] == [True, False]
    assert channel.got[1].message.title == "东门广场：演习结束"
    assert channel.got[0].id != channel.got[1].id


def test_killed_after_sending_the_next_hub_sends_the_same_once_more(tmp_path: Path):
    """At least once: the channel knows it by its name."""
    channel = Answering(Result("delivered", "taken"))

    class KilledError(Exception):
        pass

    evening = Evening(tmp_path)
    evening.drill()
    sent = evening.incidents.sent

    def killed(*told: Any) -> Any:
        raise KilledError

    evening.incidents.sent = killed  # type: ignore[method-assign]
    run(lambda: turn(evening.worker(channel)))
    evening.incidents.sent = sent  # type: ignore[method-assign]
    evening.close()
    again = Evening(tmp_path)
    run(lambda: turn(again.worker(channel)))
    again.close()
    assert len(channel.got) == 2
    assert channel.got[0].id == channel.got[1].id


def test_what_holds_one_up_holds_no_other_up(evening: Evening):
    async def story() -> None:
        gate = asyncio.Event()
        first = evening.drill()
        (held,) = [effect.key for effect in evening.incidents.effects(first)]

        class Slow(Answering):
            async def send(self, parcel: Parcel, contact: Contact) -> Result:
                if parcel.call == held:
                    await gate.wait()
                return await super().send(parcel, contact)

        channel = Slow(Result("delivered"))
        worker = evening.worker(channel)
        await worker.look()
        second = evening.drill()
        await worker.look()
        while evening.states(second) != ["delivered"]:
            await asyncio.sleep(0.01)
        assert evening.states(first) == ["due"]
        gate.set()
        await worker.idle()
        assert evening.states(first) == ["delivered"]
        assert not evening.incidents.due(evening.now, TO_PHONES)

    run(story)


def test_of_a_square_that_went_to_another_district_nobody_hears_any_more(evening: Evening):
    districts, accounts = evening.people.districts, evening.people.accounts
    one, other = districts.make("东区", HUB).id, districts.make("西区", HUB).id
    districts.put(one, ["东门广场"], HUB)
    accounts.change(evening.account.id, HUB, "property", None, "", "zh", one)
    channel = Answering(Result("delivered", "taken"))

    async def story() -> None:
        worker = evening.worker(channel)
        first = evening.drill()
        await turn(worker)
        districts.put(other, ["东门广场"], HUB)
        second = evening.drill()
        await turn(worker)
        assert (evening.states(first), evening.states(second)) == (["delivered"], ["refused"])
        assert len(channel.got) == 1

    run(story)
