"""Orders on their way: what goes out to a unit, how often, and what closes it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.bus.client import Message
from noisetamer.hub.orders.ledger import Ledger, Order
from noisetamer.hub.orders.orders import LONGEST_AHEAD, REPEAT_SECONDS, Orders
from noisetamer.hub.store.queries import News
from tamer.record import messages
from tamer.record import orders as wire

NOW = 1795431600.0
KEY = "k" * 43
WHO = {"by": "wang", "role": "property", "reason": "too loud"}


class Square:
    """A hub's orders, a clock that is set, and units that answer what the test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.by_their_clocks = False
        self.now = NOW
        self.online = True
        self.sent: list[tuple[str, bytes]] = []
        self.news: list[News] = []
        self.audited: list[tuple[Any, ...]] = []
        self.changes: list[Order] = []
        self.start()

    def start(self) -> None:
        self.orders = Orders(
            Ledger(self.folder / "orders.sqlite"),
            self._publish,
            lambda unit: KEY if unit != "NT-KEYLESS" else None,
            lambda *told: self.audited.append(told),
            lambda unit: self.online,
            lambda after, most: [one for one in self.news if one.id > after][:most],
            lambda: self.now,
            self.by_their_clocks,
        )
        self.orders.subscribe(self.changes.append)

    async def give(self, verb: str = "say", unit: str = "NT-1", **more: Any) -> Order:
        fields = more.pop("fields", {"message": "polite_zh"} if verb == "say" else {})
        return await self.orders.give(unit, verb, fields, **WHO, **more)

    async def pass_on(self, seconds: float = 0.0) -> None:
        """Let time pass, and the hub do what is due."""
        self.now += seconds
        await self.orders.turn()

    def tell(self, n: int, result: str, unit: str = "NT-1", **fields: Any) -> None:
        seq = len(self.news) + 1
        told = {"n": n, "verb": "say", "result": result, **fields}
        self.news.append(News(seq, self.now, unit, "order", 1, seq, int(self.now), told))

    def heard(self, unit: str = "NT-1") -> list[dict[str, Any]]:
        """The orders that came to a unit, opened as it does."""
        return [
            opened
            for subject, body in self.sent
            if subject == f"cmd.{unit}.order" and (opened := wire.opened(KEY, unit, body))
        ]

    async def _publish(self, subject: str, body: bytes) -> None:
        self.sent.append((subject, body))


def in_square(folder: Path, story: Callable[[Square], Awaitable[None]]) -> Square:
    square = Square(folder)

    async def told() -> None:
        await story(square)

    asyncio.run(told())
    square.orders.close()
    return square


def test_an_order_goes_out_until_the_unit_has_it_and_ends_with_its_word(tmp_path: Path):
    async def story(square: Square) -> None:
        order = await square.give()
        assert order.state == "given"
        await square.pass_on()
        await square.pass_on(1)
        assert len(square.heard()) == 1
        # nothing was heard of it: the same bytes again, less and less often
        await square.pass_on(REPEAT_SECONDS)
        await square.pass_on(REPEAT_SECONDS)
        assert len({body for _, body in square.sent}) == 1
        assert len(square.sent) == 2
        square.tell(order.n, "taken")
        await square.pass_on(REPEAT_SECONDS)
        await square.pass_on(10 * REPEAT_SECONDS)
        assert len(square.sent) == 2
        square.tell(order.n, "refused", why="number", last=order.n)  # of the repetition
        square.tell(order.n, "begun")
        square.tell(order.n, "done")
        await square.pass_on()
        (now,) = await square.orders.of(["NT-1"])
        assert (now.state, now.effect) == ("done", (1, 4))

    square = in_square(tmp_path, story)
    assert [one.state for one in square.changes] == ["given", "sent", "taken", "begun", "done"]
    (heard,) = {json.dumps(one) for one in square.heard()}
    assert json.loads(heard)["message"] == "polite_zh"
    ((at, by, what, unit, reason, detail, _),) = square.audited
    assert (at, by, what, unit, reason) == (NOW, "wang", "order", "NT-1", "too loud")
    assert (detail["verb"], detail["message"]) == ("say", "polite_zh")


def test_numbers_rise_through_restarts_and_over_a_ledger_that_was_lost(tmp_path: Path):
    async def story(square: Square) -> None:
        first, second = await square.give(), await square.give()
        other = await square.give(unit="NT-2")
        assert second.n == first.n + 1
        square.orders.close()
        square.start()
        third = await square.give()
        assert third.n == second.n + 1
        square.orders.close()
        for file in square.folder.glob("orders.sqlite*"):
            file.unlink()
        square.now += 3600
        square.start()
        assert (await square.give()).n > third.n
        assert other.n <= first.n

    in_square(tmp_path, story)


def test_what_was_committed_goes_out_after_a_restart_and_what_was_heard_is_not_read_twice(
    tmp_path: Path,
):
    async def story(square: Square) -> None:
        order = await square.give("mute", fields={"for": 600, "reason": "a funeral"})
        square.orders.close()
        square.start()
        assert square.sent == []
        await square.pass_on()
        assert [one["n"] for one in square.heard()] == [order.n]
        square.tell(order.n, "done")
        await square.pass_on()
        square.orders.close()
        square.start()
        await square.pass_on(60)
        assert len(square.sent) == 1
        assert [one.state for one in square.changes].count("done") == 1

    in_square(tmp_path, story)


def test_an_order_for_a_unit_that_is_away_waits_and_is_void_in_the_end(tmp_path: Path):
    async def story(square: Square) -> None:
        square.online = False
        say = await square.give()
        policy = await square.give("policy", body=b"{}")
        await square.pass_on(3600)
        assert square.sent == []
        assert {one.n: one.state for one in await square.orders.of(["NT-1"])} == {
            say.n: "expired",
            policy.n: "given",
        }
        square.online = True
        await square.pass_on()
        # what is signed holds for less than a box looks ahead
        (heard,) = square.heard()
        assert heard["verb"] == "policy"
        assert heard["until"] == int(square.now) + LONGEST_AHEAD

    in_square(tmp_path, story)


def test_the_next_order_waits_until_one_is_taken_and_parts_come_one_after_the_other(
    tmp_path: Path,
):
    async def story(square: Square) -> None:
        spoken = await square.give("play", body=b"x" * 3000)
        mute = await square.give("mute", fields={"for": 60, "reason": "r"})
        again = await square.give("play", body=b"y" * 3000)
        await square.pass_on()
        assert [one["n"] for one in square.heard()] == [spoken.n]
        square.tell(spoken.n, "taken")
        await square.pass_on()
        assert [one["n"] for one in square.heard()] == [spoken.n, mute.n]
        square.tell(mute.n, "done")
        await square.pass_on()
        assert len(square.heard()) == 2  # it takes the parts of another
        square.tell(spoken.n, "begun")
        await square.pass_on()
        assert len(square.heard()) == 2  # one speaks at a time
        square.tell(spoken.n, "done")
        await square.pass_on()
        assert [one["n"] for one in square.heard()] == [spoken.n, mute.n, again.n]
        # what is no speech does not wait for words to end
        square.tell(again.n, "begun")
        third, late = await square.give(), await square.give("examine")
        await square.pass_on()
        square.tell(third.n, "refused", why="busy")
        await square.pass_on()
        assert [one["n"] for one in square.heard()][3:] == [third.n, late.n]

    in_square(tmp_path, story)


def test_parts_go_as_they_are_asked_for_and_again_where_they_were_lost(tmp_path: Path):
    whole = bytes(range(256)) * 80  # 40 parts

    async def story(square: Square) -> None:
        order = await square.give("play", body=whole)
        await square.pass_on()

        async def want(part: int) -> list[int]:
            before = len(square.sent)
            body = messages.encode(messages.want(order.n, part)).encode()
            square.orders.on_want(Message("dev.NT-1.want", body))
            await square.orders.parts_sent()
            return [wire.of_part(body)[1] for _, body in square.sent[before:]]

        assert await want(0) == list(range(16))
        assert await want(8) == list(range(16, 24))
        assert await want(8) == list(range(8, 24))
        assert await want(24) == list(range(24, 40))
        assert await want(40) == []
        square.orders.on_want(Message("dev.NT-1.want", b"[]"))
        square.orders.on_want(Message("dev.NT-2.want", b'{"v":1,"n":1,"part":0}'))
        await square.orders.parts_sent()
        parts = {
            wire.of_part(body)[1]: bytes(wire.of_part(body)[2])
            for subject, body in square.sent
            if subject == "cmd.NT-1.part"
        }
        assert b"".join(parts[i] for i in range(40)) == whole
        square.tell(order.n, "done")
        await square.pass_on()
        assert await want(0) == []

    in_square(tmp_path, story)


def test_a_refusal_is_told_and_silence_is_not_taken_for_success(tmp_path: Path):
    async def story(square: Square) -> None:
        refused = await square.give()
        await square.pass_on()
        square.tell(refused.n, "refused", why="budget")
        await square.pass_on()
        silent = await square.give()
        await square.pass_on()
        await square.pass_on(600)
        states = {one.n: (one.state, one.why) for one in await square.orders.of(["NT-1"])}
        assert states == {refused.n: ("refused", "budget"), silent.n: ("unknown", "")}
        # the journal comes a day later
        square.tell(silent.n, "done")
        await square.pass_on(86_400)
        assert (await square.orders.of(["NT-1"]))[0].state == "done"

    in_square(tmp_path, story)


@pytest.mark.parametrize(
    ("verb", "fields", "unit", "says"),
    [
        ("dance", {}, "NT-1", "no order"),
        ("say", {"message": "../secret"}, "NT-1", "message"),
        ("volume", {"offset": 6, "for": 60}, "NT-1", "offset"),
        ("examine", {"twice": 1}, "NT-1", "twice"),
        ("examine", {}, "NT-KEYLESS", "key"),
    ],
)
def test_what_no_unit_would_take_is_refused_before_it_has_a_number(
    tmp_path: Path, verb: str, fields: dict[str, Any], unit: str, says: str
):
    async def story(square: Square) -> None:
        with pytest.raises(UserError, match=says):
            await square.give(verb, unit, fields=fields)
        with pytest.raises(UserError, match="reason"):
            await square.orders.give("NT-1", "examine", {}, by="w", role="r", reason=" ")
        assert await square.orders.of([unit]) == []

    assert in_square(tmp_path, story).audited == []


def test_an_order_that_cannot_be_written_down_is_not_given(tmp_path: Path):
    async def story(square: Square) -> None:
        def full(*_: object) -> None:
            raise UserError("the audit log cannot be written")

        square.orders._audit = full  # type: ignore[assignment]
        with pytest.raises(UserError, match="audit"):
            await square.give()
        assert await square.orders.of(["NT-1"]) == []

    in_square(tmp_path, story)


@pytest.mark.parametrize(("own", "ahead"), [(True, -86400), (False, 0)])
def test_where_nobody_tells_units_the_time_an_order_expires_by_their_own_clock(
    own: bool, ahead: int, tmp_path: Path
):
    async def story(square: Square) -> None:
        square.by_their_clocks = own
        square.start()
        said = {"online": True, "t": int(NOW) - 86400}
        square.news.append(News(1, NOW, "NT-1", "status", None, None, said["t"], said))
        await square.pass_on()
        order = await square.give()
        await square.pass_on()
        assert square.heard()[0]["until"] == order.until + ahead

    in_square(tmp_path, story)


def test_a_ledger_that_was_lost_after_a_clock_ran_ahead_locks_no_unit_out(tmp_path: Path):
    """The unit has taken a number of 2035; the hub knows nothing of it any more."""
    ahead = 315_000_000

    async def story(square: Square) -> None:
        order = await square.give()
        await square.pass_on()
        assert order.n < ahead
        square.tell(order.n, "refused", why="number", last=ahead)
        await square.pass_on()
        assert [one.state for one in await square.orders.of(["NT-1"])] == ["refused"]
        assert (await square.give()).n == ahead + 1
        assert (await square.give()).n == ahead + 2
        # no word of a unit leaves it, or another one, without numbers
        other = await square.give(unit="NT-2")
        square.tell(other.n, "refused", "NT-2", why="number", last=wire.MOST_NUMBER - 1)
        square.tell(other.n, "refused", "NT-2", why="number", last="9")
        await square.pass_on()
        assert (await square.give(unit="NT-2")).n == other.n + 1

    in_square(tmp_path, story)


@pytest.mark.parametrize(
    "slipped_in",
    [
        {"n": wire.MOST_NUMBER},  # the unit would take no number after it, ever
        {"until": int(NOW) + 3600},
        {"verb": "restart"},
        {"mac": "0" * 64},
    ],
    ids=str,
)
def test_what_every_order_has_is_no_field_of_one(tmp_path: Path, slipped_in: dict[str, Any]):
    """Whoever may have a unit speak may not restart it, nor use up its numbers."""

    async def story(square: Square) -> None:
        for fields in (slipped_in, {"message": "polite_zh", **slipped_in}):
            with pytest.raises(UserError, match=f"^{next(iter(slipped_in))} of the order say"):
                await square.give(fields=fields)
        await square.pass_on()
        assert square.sent == [] and square.audited == []

    in_square(tmp_path, story)
