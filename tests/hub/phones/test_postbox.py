"""What is kept for phones that come for it later."""

from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.phones.postbox import KEEP_MESSAGES, KEEP_SECONDS, Postbox

T = 1_775_048_580.0


@pytest.fixture
def box(tmp_path: Path):
    box = Postbox(tmp_path / "phones.sqlite")
    yield box
    box.close()


def put(box: Postbox, id: str, topic: str = "a", t: float = T) -> bool:
    return box.put(id, topic, t, {"message": id}, f"call {id}")


def test_message_comes_back_after_a_restart(tmp_path: Path):
    first = Postbox(tmp_path / "phones.sqlite")
    put(first, "one")
    first.close()
    again = Postbox(tmp_path / "phones.sqlite")
    (kept,) = again.after(["a"], 0)
    assert (kept.id, kept.body, kept.taken) == ("one", {"message": "one"}, False)
    again.close()


def test_same_message_twice_is_one(box: Postbox):
    assert not put(box, "one")
    assert not put(box, "one")
    assert len(box.after(["a"], 0)) == 1
    box.took(["one"], T)
    assert put(box, "one")


def test_is_taken_once(box: Postbox):
    put(box, "one")
    assert box.took(["one"], T) == ["call one"]
    assert box.took(["one"], T + 1) == []


def test_topics_are_apart(box: Postbox):
    for n, topic in enumerate("abcab"):
        put(box, f"{topic}{n}", topic)
    assert [kept.id for kept in box.after(["a", "c"], 0)] == ["a0", "c2", "a3"]


def test_since(box: Postbox):
    for n in range(4):
        put(box, str(n), t=T + n)
    put(box, "other", "b", T)

    def ids(n: int) -> list[str]:
        return [kept.id for kept in box.after(["a"], n)]

    assert ids(box.since(["a"], T + 2)) == ["2", "3"]
    assert ids(box.since(["a"], T + 9)) == []
    assert ids(box.since_id(["a"], "1")) == ["2", "3"]
    assert ids(box.since_id(["a"], "gone")) == ["0", "1", "2", "3"]
    assert ids(box.since_id(["a"], "other")) == ["0", "1", "2", "3"]
    assert ids(box.latest(["a"])) == ["3"]
    assert box.latest(["c"]) == box.newest()


def test_old_and_many_are_let_go(box: Postbox):
    put(box, "old", t=T - KEEP_SECONDS - 1)
    put(box, "other", "b", t=T - KEEP_SECONDS - 1)
    for n in range(KEEP_MESSAGES + 3):
        put(box, str(n))
    kept = box.after(["a"], 0, 1000)
    assert [kept[0].id, len(kept)] == ["3", KEEP_MESSAGES]
    assert box.after(["b"], 0) == []


def test_link_acts_once(box: Postbox):
    assert box.use("call", "acknowledge", T)
    assert not box.use("call", "acknowledge", T + 1)
    assert box.use("call", "say", T + 2)
    assert box.used("call") == {"acknowledge": T, "say": T + 2}


def test_something_else_is_no_postbox(tmp_path: Path):
    (tmp_path / "phones.sqlite").write_text("no database, but long enough to be read as one")
    with pytest.raises(UserError, match=r"phones\.sqlite: is no postbox"):
        Postbox(tmp_path / "phones.sqlite")
