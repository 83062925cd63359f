"""What a hub takes for a release, before any box hears of it; and how it is asked to."""

import asyncio
import random
import time
from contextlib import closing
from pathlib import Path

import pytest
import some_releases
from in_chinese import english_in, run_in_chinese
from updated_units import Fleet, fleet, squares

from noisetamer import cli
from noisetamer.base import language
from noisetamer.base.errors import UserError
from noisetamer.hub.registry import Units
from noisetamer.hub.store.writer import Store
from noisetamer.hub.updates import command, releases
from noisetamer.hub.updates.book import FILE, Book
from noisetamer.proof import key_list
from noisetamer.unit.files import release_file, release_stamp

NOW = time.time()
ROOT = some_releases.key("root").public


def refused(*files: Path, keys: key_list.KeyList | None = None, now: float = NOW) -> str:
    with pytest.raises(UserError) as error:
        releases.of_releases(files, ROOT, keys, now)
    return str(error.value)


def test_a_release_of_two_boards_is_taken_with_a_body_for_each(tmp_path: Path):
    files = [
        some_releases.stamped(tmp_path / board, some_releases.signed(board=board))
        for board in ("esp32_c3", "esp32_s3")
    ]
    load, bodies = releases.of_releases(files, ROOT, None, NOW)
    assert (load.name, load.number, load.boards) == ("release 2", 2, ["esp32_c3", "esp32_s3"])
    assert {body.sha256: body.size for body in load.bodies} == {
        digest: len(whole) for digest, whole in bodies.items()
    }
    assert load.for_unit("esp32_s3") == ("esp32_s3", "")
    assert load.for_unit("esp8266") == ("", "other board")
    assert load.for_unit("") == ("", "board unknown")


def test_whatever_a_box_would_refuse_the_hub_does(tmp_path: Path):
    good, of_it = some_releases.signed(), tmp_path / "good"
    some_releases.stamped(of_it, good)
    at = tmp_path / "at"

    def wrong(whole: bytes, **stamp: object) -> str:
        return refused(some_releases.stamped(at, whole, **stamp))  # type: ignore[arg-type]

    assert "is not signed yet" in wrong(some_releases.unsigned())
    assert "not signed by the root" in wrong(some_releases.signed(by="thief"))
    assert "not signed by the stamp key" in wrong(good, by="thief")
    assert "of another release" in wrong(good, of=some_releases.signed(3))
    assert "has run out" in wrong(good, until=NOW - 1)
    assert "longer than any box believes" in wrong(good, until=NOW + 9 * 86_400)
    other = some_releases.stamped(tmp_path / "three", some_releases.signed(3, "esp32_s3"))
    assert "of several releases" in refused(of_it, other)
    twice = some_releases.stamped(tmp_path / "twice", good)
    assert "the second one for esp32_c3" in refused(of_it, twice)
    release_stamp.beside(of_it).write_bytes(release_stamp.beside(of_it).read_bytes() + b" ")
    assert "no time stamp" in refused(of_it)
    release_stamp.beside(of_it).unlink()
    assert "noisetamer update stamp" in refused(of_it)


def test_no_changed_byte_of_a_release_or_its_stamp_is_taken(tmp_path: Path):
    """A small part of all single bytes; each ends in a sentence."""
    file = some_releases.stamped(tmp_path / "good", some_releases.signed())
    chance = random.Random(4)
    for one in (file, release_stamp.beside(file)):
        good = one.read_bytes()
        for at in chance.sample(range(len(good)), 120):
            bad = bytearray(good)
            bad[at] ^= 1 << chance.randrange(8)
            one.write_bytes(bytes(bad))
            refused(file)
        one.write_bytes(good)
    releases.of_releases([file], ROOT, None, NOW)


def test_a_stamp_key_that_was_revoked_stamps_nothing(tmp_path: Path):
    file = some_releases.stamped(tmp_path / "good", some_releases.signed())
    public = some_releases.key("stamp").public
    others = key_list.added(
        key_list.empty(), "another", "stamp", some_releases.key("thief").public, 0
    )
    assert "not in this hub's key list" in refused(file, keys=others)
    listed = key_list.added(key_list.empty(), "Tuesday", "stamp", public, 0)
    releases.of_releases([file], ROOT, listed, NOW)
    lost = key_list.revoked(listed, "Tuesday", int(NOW - 60), "the laptop was stolen")
    assert "the laptop was stolen" in refused(file, keys=lost)


def hub(folder: Path, of: dict[str, str]) -> None:
    """What a hub has left in its folder."""
    Store(folder / "hub.sqlite").close()
    units = Units(folder / "units.sqlite")
    for id, square in of.items():
        units.enrol(id, square=square)
    some_releases.root_file(folder)


def push(folder: Path, *words: str) -> int:
    return cli.run(["update", "push", "--data", str(folder), *words])


def test_what_is_pushed_is_taken_by_the_hub_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    of = squares(12, random.Random(1))
    hub(tmp_path, of)
    monkeypatch.setattr(command, "ANSWER_SECONDS", 0.0)
    file = some_releases.stamped(tmp_path / "two.release", some_releases.signed())
    assert cli.run(["update", "status", "--data", str(tmp_path)]) == 0
    assert "nothing was rolled out" in capsys.readouterr().out
    assert push(tmp_path, str(file), "--cohorts", "2", "--seed", "1", "--hours", "22:30-04") == 0
    assert "no hub runs here" in capsys.readouterr().out
    with fleet(tmp_path, of) as made:
        made.now = NOW
        asyncio.run(_turned(made))
        assert made.state().number == 2
        assert made.state().plan.hours == (22.5, 4.0)
        assert len(made.state().of(0)) == 2
    assert cli.run(["update", "stop", "--data", str(tmp_path), "--reason", "rain"]) == 0
    with fleet(tmp_path, of) as made:
        made.now = NOW
        asyncio.run(_turned(made))
    capsys.readouterr()
    assert cli.run(["update", "status", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("Release 2: stopped by command line\nIts time stamp holds until ")
    assert "\n  Cohort 1  2 in it, 0 may fail  waiting 2\n" in told
    assert cli.run(["--lang", "zh", "update", "status", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("版本 2：已由 命令行 停止\n时间戳有效至 ")
    assert "\n  第 1 批  共 2 台，允许失败 0 台  等待 2\n" in told
    assert cli.run(["update", "status", "--data", str(tmp_path), "--json"]) == 1


def test_in_chinese_no_sentence_stays_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    of = squares(4, random.Random(1))
    hub(tmp_path, of)
    monkeypatch.setattr(command, "ANSWER_SECONDS", 0.0)
    file = some_releases.stamped(tmp_path / "two.release", some_releases.signed())
    names = (*of, *of.values(), "polite_zh")

    def said(*words: object) -> str:
        ran = run_in_chinese("update", words[0], "--data", tmp_path, *words[1:])
        assert (ran.out or ran.wrong) and english_in(ran, *names) == [], ran
        return ran.out + "".join(ran.wrong)

    said("status")
    said("push", "--voice", "polite_zh")
    said("push", file)
    with fleet(tmp_path, of) as made:
        made.now = NOW
        asyncio.run(_turned(made))
        told = said("status")
        assert told.startswith("语音 polite_zh：")
        with closing(Book(tmp_path / FILE)) as book:
            refused = book.answered(2) or ""
        assert language.say_in("zh", refused).startswith("正在推送语音 polite_zh：")
    said("stop", "--reason", "rain")
    for words in (
        (),
        ("--voice", "Nobody"),
        ("--policy", tmp_path / "none.toml"),
        (file, "--square", "Nowhere"),
        (file, "--failures", "All"),
        (file, "--at-once", "0"),
        (file, "--soak", "1"),
        (file, "--hours", "1"),
        (file, "--cohorts", "0"),
        (tmp_path / "none.release",),
    ):
        said("push", *words)


async def _turned(made: Fleet) -> None:
    await made.updates.turn()


def test_a_new_stamp_of_what_is_rolled_out_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    of = squares(4, random.Random(1))
    hub(tmp_path, of)
    monkeypatch.setattr(command, "ANSWER_SECONDS", 0.0)
    whole = some_releases.signed()
    file = some_releases.stamped(tmp_path / "two.release", whole, until=NOW + 3600)
    with fleet(tmp_path, of) as made:
        made.now = NOW
        assert push(tmp_path, str(file)) == 0
        asyncio.run(_turned(made))
        # it holds too short to be sent
        assert [one.key for one in made.updates.troubles()] == ["update_stamp_over"]
        assert not any(unit.attempt for unit in made.state().units.values())
        some_releases.stamped(file, whole)
        assert push(tmp_path, str(file)) == 0
        asyncio.run(_turned(made))
        assert made.updates.troubles() == []
        (current,) = asyncio.run(made.updates.history())
        assert current.load.until == release_stamp.read(release_stamp.beside(file)).until
        assert any(unit.attempt for unit in made.state().units.values())


def test_a_policy_and_a_message_go_the_same_way():
    load, bodies = releases.of_policy("square")
    ((digest, body),) = bodies.items()
    assert (load.verb, load.number, load.bodies[0].sha256) == ("policy", 0, digest)
    assert body.startswith(b"{")
    load, _ = releases.of_voice("polite_zh", Path("none"))
    assert (load.verb, load.bodies[0].fields) == ("voice", {"message": "polite_zh"})
    with pytest.raises(UserError, match="no message shout"):
        releases.of_voice("shout", Path("none"))


def test_what_is_wrong_with_a_push_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    hub(tmp_path, {"NT-1": "People's Square"})
    file = str(some_releases.stamped(tmp_path / "two.release", some_releases.signed()))
    other = str(some_releases.root_file(tmp_path, "thief"))
    for words, sentence in (
        ((), "Give the files of a release"),
        ((file, "--voice", "polite_zh"), "Give the files of a release"),
        ((str(tmp_path / "none"),), "cannot be read"),
        ((file, "--root", other), "another root than this hub holds to"),
        ((file, "--cohorts", "1,few"), "--cohorts 1,few"),
        ((file, "--failures", "many"), "--failures many"),
        ((file, "--failures", "nan"), "--failures nan"),
        ((file, "--at-once", "0"), "--at-once 0"),
        ((file, "--patience", "long"), "--patience long"),
        ((file, "--soak", "0min"), "--soak 0min"),
        ((file, "--hours", "02:75-05"), "--hours 02:75-05"),
        ((file, "--hours", "05-05"), "--hours 05-05"),
        ((file, "--hours", "25-03"), "--hours 25-03"),
        ((file, "--square", "Nowhere"), "There is no square Nowhere"),
    ):
        assert push(tmp_path, *words) == 2
        said = capsys.readouterr().err
        assert sentence in said and said.count("\n") == 1, said
    (tmp_path / "root.pub").unlink()
    assert push(tmp_path, file) == 2
    assert "no root key to verify" in capsys.readouterr().err
    with closing(command.Book(tmp_path / "updates.sqlite")) as book:
        assert book.asked() == []
    assert release_file.unpacked(Path(file).read_bytes())
