"""A box that is given a release: it takes what is signed, tries it, and goes back by itself."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import releases
import updates
from ordered_box import OrderedBox, told
from releases import Made
from stand import START, Ran
from unix_port import files_of

from noisetamer.virtual.firmware_process import BoxDiedError, ResetCause
from tamer import trial, update
from tamer.record import release

pytestmark = pytest.mark.device

NEXT = releases.version("0.2.0")
# A release that gives itself less time.
IMPATIENT = {
    "/tamer/trial.mpy": releases.changed("tamer/trial.py", **{"_LOOK = 600": "_LOOK = 30"})
}


class Box:
    """On the stand, from one order to the next."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.ordered = OrderedBox(folder / "box", releases.root_key(), **settings)
        self.files = releases.files_of(folder / "box" / "content")
        self.starts: list[Ran] = []
        self.last_words = ""
        self._n = 0

    def given(self, made: Made, seconds: int = 32) -> list[tuple[Any, ...]]:
        """What it tells of a release, until it has come to rest."""
        self._n += 1
        self.ordered.send(12, self._n, "update", made.whole, 300, **made.told)
        cause = ResetCause.POWER_ON
        self.starts = []
        while len(self.starts) < 12:
            try:
                ran = self.ordered.run(seconds, cause=cause)
            except BoxDiedError as died:
                # It stands at the interpreter's prompt, and nobody feeds the watchdog.
                self.starts.append(Ran([]))
                self.last_words = str(died)
                cause = ResetCause.WATCHDOG
                continue
            self.starts.append(ran)
            if ran.reset is None:
                found = [each[2:] for ran in self.starts for each in told(ran)]
                assert found, f"it told nothing of it: {self.last_words or 'and did not die'}"
                return found
            cause = ran.reset
        raise AssertionError(f"it never comes to rest: {self.last_words}")

    @property
    def boot(self) -> dict[str, Any]:
        """The record of its last start."""
        return self.starts[-1].events("boot")[0]

    def detail(self) -> str:
        """Of the last it told of an order."""
        (*_, last) = [each for ran in self.starts for each in ran.events("order")]
        return last["detail"]

    def flash(self) -> dict[str, str]:
        """SHA-256 by path."""
        return files_of(self.ordered.stand.flash)


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


def test_a_release_is_tried_proves_itself_and_is_then_what_the_box_mends_itself_from(
    tmp_path: Path,
):
    box = Box(tmp_path)
    old = "/tamer/hear/kernel/kernel_fpu.mpy"
    files = {**box.files, **NEXT, "/tamer/more/new.mpy": b"M", "/policy.json": b'{"name":"x"}'}
    voice = box.flash()["/voices/polite_zh.wav"]
    files["/voices/more.wav"] = b"RIFF"
    del files[old]
    made = releases.made(files, START, new_root="root 2")
    assert box.given(made) == [("taken", None), ("done", None)]
    # To look at it, to try it, and one more for a voice, which wants memory.
    assert [ran.reset is None for ran in box.starts] == [False, False, False, True]
    assert (box.boot["firmware"], box.boot["release"]) == ("0.2.0", 7)
    assert "files" not in box.boot
    assert box.starts[-1].samples_lost() == 0
    there = box.flash()
    assert digests(files).items() <= there.items()
    assert there["/factory.tree"] == hashlib.sha256(made.whole).hexdigest()
    assert there["/root.key"] == digests(releases.root_key("root 2"))["root.key"]
    assert there["/voices/polite_zh.wav"] == voice
    assert {old, "/new.tree", "/new.order", "/policy.new", "/order.part"} & there.keys() == set()
    # It mends itself from it, older ones are refused, and the old root signs nothing any more.
    assert "files" not in box.ordered.run(5).events("boot")[0]
    assert box.given(releases.made(files, START, root="root 2"))[-1] == ("refused", "older")
    assert box.given(releases.made(files, START, 8))[-1] == ("refused", "signature")


CRASHES = {
    "at import": {"/tamer/act/panel.mpy": releases.changed("tamer/act/panel.py", end="\n1 / 0\n")},
    "hangs": {
        "/tamer/unit.mpy": releases.changed(
            "tamer/unit.py", end="\nimport time\nwhile True:\n    time.sleep(1)\n"
        )
    },
}


@pytest.mark.parametrize("how", CRASHES)
def test_a_signed_release_that_crashes_costs_some_starts_and_is_told(tmp_path: Path, how: str):
    box = Box(tmp_path)
    before = box.flash()
    made = releases.made({**box.files, **NEXT, **CRASHES[how]}, START)
    assert box.given(made) == [("taken", None), ("refused", "went back")]
    assert box.detail() in ("its starts crashed", "its starts were in vain")
    # To look at it, to try it three times at most, and as before.
    assert len(box.starts) <= 2 + 3 + 1
    assert (box.boot["firmware"], box.boot["release"]) == ("0.1.0", 0)
    assert "files" not in box.boot
    assert box.starts[-1].seconds()
    assert digests(box.files).items() <= box.flash().items()
    assert before.keys() == box.flash().keys() - {"/journal/1"}


def test_what_does_not_prove_itself_in_time_goes_back(tmp_path: Path):
    box = Box(tmp_path, reached=False)
    made = releases.made({**box.files, **NEXT, **IMPATIENT}, START)
    assert box.given(made, 40) == [("taken", None), ("refused", "went back")]
    assert box.detail() == "the hub was not reached"
    assert box.boot["firmware"] == "0.1.0"
    assert box.starts[-1].seconds()


@pytest.mark.parametrize("module", ["tell/orders", "obey", "update", "release_check"])
def test_a_release_that_could_take_no_other_goes_back(tmp_path: Path, module: str):
    box = Box(tmp_path)
    broken = {f"/tamer/{module}.mpy": releases.changed(f"tamer/{module}.py", end="\n1 / 0\n")}
    made = releases.made({**box.files, **NEXT, **broken}, START)
    assert box.given(made) == [("taken", None), ("refused", "went back")]
    assert box.detail() == "it could take no other: divide by zero"
    assert box.boot["firmware"] == "0.1.0"
    assert box.starts[-1].seconds()


@pytest.mark.parametrize(
    ("self_test", "heard", "is_reached", "missing"),
    [
        ("the FPU kernel answers wrong; integer kernel", 60, True, "self-test"),
        ("passed", 19, True, "19 seconds"),
        ("passed", 20, False, "hub"),
        ("passed", 20, True, None),
    ],
)
def test_what_a_release_has_to_show(
    self_test: str, heard: int, is_reached: bool, missing: str | None
):
    told = trial._missing(self_test, heard, is_reached)
    assert (missing in told) if missing and told else told is missing


def test_a_running_box_and_its_next_start_let_a_stamp_hold_as_long():
    assert update._MOST_FRESH == release.MOST_FRESH


def test_a_box_without_a_root_key_takes_none(tmp_path: Path):
    box = Box(tmp_path)
    box.ordered = OrderedBox(tmp_path / "other")
    assert box.given(releases.made({**box.files, **NEXT}, START)) == [("refused", "no key")]
    assert len(box.starts) == 1


def test_what_is_not_right_is_refused_by_name_and_the_box_measures_on(tmp_path: Path):
    box = Box(tmp_path)
    files = {**box.files, **NEXT}
    good = releases.made(files, START)
    swapped = good.whole[:-3000] + bytes(8) + good.whole[-2992:]
    for made, why in (
        (releases.made(files, START, fresh=-1), "stale"),
        (releases.made(files, START, fresh=30 * 86400), "stale"),
        (releases.made(files, START, root="another"), "signature"),
        (releases.made(files, START, mpy=12038), "board"),
        (Made(swapped, good.told), "spoilt"),
    ):
        assert box.given(made, 26)[-1] == ("refused", why)
        assert box.boot["firmware"] == "0.1.0"
        assert box.starts[-1].seconds()


@pytest.mark.parametrize("how", updates.HOWS)
def test_power_cut_at_any_write_leaves_the_old_firmware_or_the_new_one_whole(
    tmp_path: Path, how: str
):
    updates.lay_out(tmp_path)
    writes, *_ = updates.cut_short(tmp_path, how, 5, 23)
    assert writes > 100


def test_of_a_signed_release_no_byte_and_no_word_beside_it_can_be_another(tmp_path: Path):
    updates.lay_out(tmp_path)
    assert updates.poisoned(tmp_path, 1, 54).keys() == {"spoilt", "signature"}
