"""Which orders a box takes, and what it says of the others. Runs in both Pythons."""

import asyncio

import pytest
from chip_memory import ChipMemory

from tamer import saved_orders
from tamer.record import orders
from tamer.tell.orders import Orders

pytestmark = pytest.mark.pure

KEY = "aPeR7-0kz1yX_mQ5r3Jv9tWc2LsB8dHfGhN4uEoIiCk"
UNIT = "SIM-0001"
NOW = 1795431600


class Clock:
    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now


class Box:
    """A unit's gate, and what went through it."""

    def __init__(self, memory=None, key: "str | None" = KEY, now=NOW):
        self.memory = memory or ChipMemory()
        self.told: list = []
        self.done = []
        self.quiet = {}
        self.why: tuple = ()
        self.key = key
        self.clock = Clock(now)
        self.start()

    def start(self):
        self.gate = Orders(
            self.key, UNIT, self.memory, self.clock, self.tell, self.want, self, self.quiet
        )

    def second(self):
        for entry in self.quiet.values():
            entry[0] += 1
        return self.gate.second()

    def tell(self, *values):
        self.told.append(values)

    def want(self, n, part):
        self.told.append(("want", n, part))

    def refusal(self, order):
        return self.why or None

    async def carry_out(self, order, path):
        self.done.append(order["n"])
        return ("done",)

    def order(self, n, verb="examine", key=KEY, unit=UNIT, until=NOW + 60, more=""):
        text = '{"n":%d,"until":%d,"verb":"%s"%s}' % (n, until, verb, more)  # noqa: UP031
        return orders.signed(key, unit, text)

    def gives(self, *messages):
        """What it tells of these."""

        async def give():
            for message in messages:
                self.gate.order(message)
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        before = len(self.told)
        asyncio.run(give())
        return self.told[before:]


def test_an_order_is_obeyed_once():
    box = Box()
    assert box.gives(box.order(7)) == [(7, "examine", "done")]
    ((n, verb, result, why, _, _, _, last, times),) = box.gives(box.order(7))
    assert (n, verb, result, why, last, times) == (7, "examine", "refused", "number", 7, 1)
    assert box.done == [7]


def test_not_even_after_a_restart_nor_out_of_turn():
    box = Box()
    box.gives(box.order(7))
    box.start()
    assert [said[3] for said in box.gives(box.order(7), box.order(6))] == ["number"]
    assert box.gives(box.order(8)) == [(8, "examine", "done")]
    assert box.done == [7, 8]


def test_it_is_remembered_before_it_is_done_or_it_is_not_done():
    box = Box()
    box.memory.full = True
    ((n, _, result, why, _),) = box.gives(box.order(7))
    assert (n, result, why) == (7, "refused", "failed")
    assert box.done == []


def test_what_is_not_the_hubs_or_for_another_unit_is_forged():
    for message in (
        Box().order(7, key=KEY[1:] + KEY[0]),
        Box().order(7, unit="SIM-0002"),
        Box().order(7)[:-3],
        b"",
        b"{}",
        bytes(4096),
    ):
        box = Box()
        ((n, verb, result, why, *_, times),) = box.gives(message)
        assert (n, verb, result, why, times) == (None, None, "refused", "forged", 1)
        assert box.done == []
        assert not box.memory.blobs


def test_a_flood_of_forged_orders_is_told_now_and_then_with_their_number():
    box = Box()
    forged = box.order(7, unit="SIM-0002")
    assert len(box.gives(*[forged] * 50)) == 1
    for _ in range(599):
        assert box.second()
    assert len(box.told) == 1
    assert box.second()
    assert box.told[1][3] == "forged" and box.told[1][-1] == 49
    assert not [box.second() for _ in range(60)][-1]
    # What was told, is remembered by whoever loads it again.
    box.start()
    assert box.gives(forged) == []


def test_what_has_come_to_its_end_meanwhile_is_no_longer_in_the_way():
    box = Box()
    saved_orders.save(box.memory, 5, 5, "policy")
    box.start()
    box.gate._is_under_way = lambda: True
    digest = ',"size":9,"sha256":"%s"' % ("0" * 64)
    assert box.gives(box.order(6, "policy", more=digest))[0][3] == "busy"
    assert saved_orders.load(box.memory) == (6, 5, "policy")
    saved_orders.save(box.memory, 6)
    assert box.gives(box.order(7)) == [(7, "examine", "done")]
    assert saved_orders.load(box.memory) == (7, 0, "")


def test_what_was_lost_for_want_of_memory_is_not_in_the_way_for_ever():
    box = Box()
    digest = ',"size":9,"sha256":"%s"' % ("0" * 64)

    def fetch(n, verb, order):
        raise MemoryError("memory allocation failed")

    box.gate._fetch = fetch
    assert box.gives(box.order(6, "voice", more=',"message":"x"' + digest)) == [
        (6, "voice", "refused", "no memory")
    ]
    assert saved_orders.load(box.memory) == (6, 0, "")
    # Nor where not even that could be written down.
    saved_orders.save(box.memory, 6, 6, "voice")
    box.gate._fetch = lambda n, verb, order: box.tell(n, verb, "taken")
    assert box.gives(box.order(7, "voice", more=',"message":"x"' + digest)) == [
        (7, "voice", "taken")
    ]


def test_a_good_order_goes_through_the_flood():
    box = Box()
    forged = box.order(7, unit="SIM-0002")
    said = box.gives(*[forged] * 20, box.order(8), *[forged] * 20)
    assert said[1:] == [(8, "examine", "done")]


def test_late_early_and_without_the_time():
    for now, why in ((NOW + 61, "late"), (NOW - 3541, "early"), (500, "clock")):
        box = Box(now=now)
        ((n, _, result, said, _),) = box.gives(box.order(7))
        assert (n, result, said) == (7, "refused", why)
        # Its number is used up all the same.
        assert box.gives(box.order(7))[0][3] == "number"
        assert box.done == []


def test_without_a_key_nothing_is_obeyed():
    for key in ("", None):
        box = Box(key=key)
        assert [said[3] for said in box.gives(box.order(7, key=""))] == ["no key"]
        assert box.done == []


def test_unknown_verbs_and_wrong_fields_are_named():
    box = Box()
    assert box.gives(box.order(1, "explode")) == [(1, "explode", "refused", "verb", None)]
    wrong = ',"for":99999999,"reason":"x"'
    assert box.gives(box.order(2, "mute", more=wrong)) == [(2, "mute", "refused", "fields", "for")]
    unnumbered = orders.signed(KEY, UNIT, '{"n":"3","until":1795431609}')
    assert box.gives(unnumbered) == [(None, None, "refused", "fields", "n")]
    for odd in ("[]", "{}", "7", "null", '""'):
        one = '{"n":1,"until":1795431660,"verb":VERB}'.replace("VERB", odd)
        said = Box().gives(orders.signed(KEY, UNIT, one))
        assert said == [(1, None, "refused", "verb", None)], odd
    lacks = orders.signed(KEY, UNIT, '{"n":3,"verb":"examine"}')
    assert box.gives(lacks)[0][:4] == (3, "examine", "refused", "late")
    assert box.done == []


def test_the_boxs_own_limits_come_last_and_their_reason_is_told():
    box = Box()
    box.why = "muted", None
    said = box.gives(box.order(1, "say", more=',"message":"polite_zh"'))
    assert said == [(1, "say", "refused", "muted", None)]


def test_it_is_let_go_a_while_after_the_last_message():
    box = Box()
    box.gives(box.order(1))
    lasts = [box.second() for _ in range(40)]
    assert lasts == [True] * 9 + [False] * 31
