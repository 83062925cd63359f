"""What the hub stores, decides and deletes becomes leaves: each once, in time, over restarts."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evening import EAST, Evening
from growing_log import signer

from noisetamer.base.errors import UserError
from noisetamer.hub.log.feeder import CONTENT_DAYS, SOON_SECONDS, USUAL_SECONDS, Feeder, flush
from noisetamer.hub.log.log import Log
from noisetamer.hub.orders.ledger import Ledger, Order
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.people import People
from noisetamer.hub.store.writer import Stored
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.notes import verifier_key

KEY = signer("hub/noisetamer/0")


class Fed:
    """A hub's files, and what feeds its log of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.evening = Evening(folder)
        self.people = People(folder / "people.sqlite", lambda: self.evening.now)
        self.ledger = Ledger(folder / "orders.sqlite")
        append = self.evening.store.append
        self.feeder = self.started()

        def told(*arguments: Any) -> Stored:
            stored = append(*arguments)
            self.feeder.on_stored(stored)
            return stored

        setattr(self.evening.store, "append", told)  # noqa: B010

    def started(self) -> Feeder:
        log = Log(self.folder / "log", self.folder / "log.sqlite", KEY, lambda: self.evening.now)
        feeder = Feeder(self.folder, log, lambda: self.evening.now)
        feeder.begin()
        return feeder

    def restart(self) -> None:
        self.feeder.close()
        self.feeder = self.started()

    def turn(self) -> None:
        while self.feeder.turn():
            pass

    def order(self, verb: str = "volume", **fields: Any) -> Order:
        order = Order(
            *(EAST, 0, self.evening.now, int(self.evening.now) + 60, "wang", "property"),
            *("too loud", verb, fields, {}, "given"),
        )

        def audit(one: Order) -> None:
            told = {**one.fields, **one.note, "n": one.n, "verb": verb}
            self.people.audit(one.at, one.by, "order", EAST, one.reason, told)

        return self.ledger.add(order, None, audit)

    def found(self, kind: str, **fields: Any) -> list[dict[str, Any]]:
        return [one.fields for one in self.feeder.log.find(kind, **fields)]

    def close(self) -> None:
        self.feeder.close()
        self.ledger.close()
        self.people.close()
        self.evening.incidents.close_file()
        self.evening.store.close()


@pytest.fixture
def fed(tmp_path: Path) -> Iterator[Fed]:
    found = Fed(tmp_path)
    yield found
    found.close()


def test_a_hub_that_starts_says_so_with_the_last_checkpoint_it_knows(fed: Fed):
    note = fed.feeder.log.checkpoint()
    fed.restart()
    first, second = fed.found("start")
    assert (first["why"], first["checkpoint"], first["origin"]) == ("started", None, KEY.name)
    assert second["checkpoint"] == note
    # upkeep begins its work again after a fault: that is no start
    fed.feeder.begin()
    assert len(fed.found("start")) == 2


def test_records_are_due_ten_minutes_after_the_first_and_one_after_a_stage(fed: Fed):
    fed.evening.store_only("seconds", LAeq=[500] * 10)
    fed.evening.now += USUAL_SECONDS - 1
    fed.turn()
    assert fed.found("batch") == []
    fed.evening.now += 1
    fed.turn()
    assert [(one["first"], one["last"]) for one in fed.found("batch")] == [(1, 1)]
    fed.evening.store_only("seconds", LAeq=[500] * 10)
    fed.evening.now += 5
    fed.evening.stage("red")
    fed.evening.now += SOON_SECONDS - 1
    fed.turn()
    assert len(fed.found("batch")) == 1
    fed.evening.now += 1
    fed.turn()
    assert [(one["first"], one["last"]) for one in fed.found("batch")] == [(1, 1), (2, 3)]
    fed.evening.now += 5000
    fed.turn()
    assert len(fed.found("batch")) == 2, "nothing came since"


def test_what_was_not_due_when_the_hub_ended_is_with_the_next_start(fed: Fed):
    fed.evening.store_only("seconds", LAeq=[500] * 10)
    fed.restart()
    fed.turn()
    assert [(one["first"], one["last"]) for one in fed.found("batch")] == [(1, 1)]


def test_evidence_has_all_at_once(fed: Fed):
    fed.evening.store_only("seconds", LAeq=[500] * 10)
    fed.order()
    signed: list[str] = []
    fed.feeder.subscribe(signed.append)
    flush(fed.feeder.log, fed.folder, [EAST])
    note = asyncio.run(fed.feeder.checkpoint())
    assert signed == [note]
    assert checkpoint_in(note).size == fed.feeder.log.size
    assert len(fed.found("batch")) == len(fed.found("order")) == 1
    assert asyncio.run(fed.feeder.checkpoint()) == note
    assert signed == [note], "told once"


def test_orders_and_what_became_of_them(fed: Fed):
    order = fed.order(level=-6)
    policy = fed.order("policy", size=10, sha256="ab" * 32)
    fed.turn()
    (told,) = fed.found("order", unit=EAST, n=order.n)
    assert (told["by"], told["verb"], told["fields"]) == ("wang", "volume", {"level": -6})
    assert told["reason"] == "too loud"
    (told,) = fed.found("policy", unit=EAST, n=policy.n)
    assert told["fields"]["sha256"] == "ab" * 32
    assert fed.found("effect") == []
    fed.ledger.told(order, "done", fed.evening.now, detail="-6 dB", effect=(1, 77))
    fed.restart()
    fed.turn()
    fed.turn()
    (effect,) = fed.found("effect")
    assert (effect["order"], effect["state"], effect["told"]) == (order.n, "done", [1, 77])


def test_an_incident_is_told_as_it_changes_and_the_boxs_own_words_are_in_its_records(fed: Fed):
    fed.evening.stage("red")
    fed.evening.incidents.acknowledge(fed.evening.noise.id, "wang", fed.evening.now)
    fed.turn()
    told = fed.found("incident", incident=fed.evening.noise.id)
    assert [one["what"] for one in told if one["what"] in ("opened", "acknowledged")] == [
        "opened",
        "acknowledged",
    ]
    assert "stage" not in {one["what"] for one in told}
    assert {(one["square"], one["cause"]) for one in told} == {("东门广场", "noise")}


def test_logins_keys_and_deletions_come_from_the_audit_log_whose_last_hash_they_carry(fed: Fed):
    fed.people.accounts.add("wang", "property", By("hub"))
    fed.people.audit(fed.evening.now, "wang", "picture_seen", "7", detail={"picture": 3})
    fed.people.audit(fed.evening.now, "wang", "contact_quiet", "wang")
    fed.people.audit(fed.evening.now, "hub", "picture_deleted", "7", detail={"sha256": "00"})
    fed.turn()
    (key,) = fed.found("key")
    assert (key["what"], key["target"]) == ("account_added", "wang")
    (look,) = fed.found("look")
    assert (look["what"], look["by"], look["detail"]) == ("picture_seen", "wang", {"picture": 3})
    (deletion,) = fed.found("deletion")
    n, hash = fed.people.log.head()
    assert deletion["audit"] == [n, hash.hex()]


def test_a_new_reference_of_the_self_check_is_what_the_hub_knows_of_a_calibration(fed: Fed):
    said = {"tones": [1000], "levels": [700], "background": 400}
    fed.evening.tell("self-check", verdict="good", deviations=[0], **said)
    fed.evening.tell("self-check", verdict="reference", **said)
    fed.turn()
    (told,) = fed.found("calibration", unit=EAST)
    assert (told["what"], told["seq"], told["fields"]["levels"]) == ("reference", 2, [700])


def test_what_strict_json_cannot_say_keeps_nothing_from_the_log(fed: Fed):
    fed.people.audit(fed.evening.now, "wang", "camera", "x", detail={"zoom": float("nan")})
    fed.turn()
    assert fed.found("policy")[0]["detail"] == '{"zoom": NaN}'


def test_contents_about_people_are_deleted_after_two_years_and_the_log_says_so(fed: Fed):
    fed.people.audit(fed.evening.now, "wang", "login", "wang")
    fed.evening.store_only("seconds", LAeq=[500] * 10)
    flush(fed.feeder.log, fed.folder, [EAST])
    (index,) = (one.index for one in fed.feeder.log.find("look"))
    fed.evening.now += CONTENT_DAYS * 86_400 + 1
    fed.turn()
    assert fed.feeder.log.content(index) is None
    assert fed.found("deletion")[0]["indexes"] == [index]
    assert len(fed.found("batch")) == 1
    asyncio.run(fed.feeder.checkpoint())
    assert fed.feeder.log.proof(index, fed.feeder.log.size)


def test_a_log_that_cannot_be_written_keeps_what_is_due(fed: Fed, tmp_path: Path):
    fed.evening.store_only("seconds", LAeq=[500] * 10)
    fed.evening.now += USUAL_SECONDS
    broken, working = Log(tmp_path / "no" / "log", tmp_path / "no" / "x", KEY), fed.feeder.log
    (tmp_path / "no").write_text("a file")
    fed.feeder.log = broken
    with pytest.raises((UserError, OSError)):
        fed.turn()
    fed.feeder.log = working
    fed.turn()
    assert len(fed.found("batch")) == 1


def test_no_name_can_be_found_by_trying_and_entries_tell_none(fed: Fed):
    fed.people.audit(fed.evening.now, "wang", "login", "wang")
    fed.turn()
    (look,) = fed.feeder.log.find("look")
    assert "wang" not in fed.feeder.log.leaf(look.index).entry.decode()
    guess = {key: value for key, value in look.fields.items() if key != "salt"}
    guessed = json.dumps(guess, sort_keys=True, separators=(",", ":")).encode()
    assert hashlib.sha256(guessed).digest() != fed.feeder.log.leaf(look.index).digest
    assert len(look.fields["salt"]) == 32
    assert verifier_key(str(fed.feeder.log.key)).name == KEY.name
