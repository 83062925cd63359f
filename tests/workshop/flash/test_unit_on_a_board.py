"""One virtual board through the steps: what is on it afterwards, and what a second run does."""

import dataclasses
import datetime
import inspect
import json
import random
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import carton
import pytest
from carton import ledger_file, small_firmware

from noisetamer.base.keys.vault import Vault
from noisetamer.unit.boards import board_file
from noisetamer.unit.files import compiled
from noisetamer.unit.files.firmware_files import Tree
from noisetamer.virtual.board import VirtualBoard
from noisetamer.virtual.board.flash_chip import FlashChip
from noisetamer.workshop.flash.job import FlashOutcome
from noisetamer.workshop.flash.square_file import Setup
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger import chain_keys, secrets_bundle, show
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.port import micropython_image
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.port.session import IDENTITY, Session
from noisetamer.workshop.steps import State, Step
from tamer import saved_state
from tamer.record.seal import Seal, fingerprint

pytestmark = pytest.mark.tools

SERIAL = "SIM-2611-0001"
# In the middle of its first files: MicroPython itself has 24 kB.
FAULT = ("drop-in-write:50000",)


def history(folder: Path, serial: str = SERIAL) -> list[tuple[str, str]]:
    with Ledger.read(ledger_file(folder)) as ledger:
        return [(entry.step, entry.outcome) for entry in ledger.history(serial)]


def on_the_box(folder: Path, question) -> Any:
    """What a function of the board's REPL returns."""
    with carton.virtual_board(folder, "a") as board:
        connection = Connection(Port("port", board.url), 460800)
        try:
            return question(connection.session())
        finally:
            connection.close()


def test_a_blank_board_becomes_a_unit_step_by_step(tmp_path: Path):
    outcome = carton.flash_one(tmp_path)
    assert (outcome.passed, outcome.serial, outcome.reason) == (True, SERIAL, "")
    assert history(tmp_path) == [
        ("flash", "begun"),
        ("identify", "passed"),
        ("image", "begun"),
        ("image", "passed"),
        ("firmware", "begun"),
        ("firmware", "passed"),
        ("identity", "begun"),
        ("identity", "passed"),
        ("setup", "begun"),
        ("setup", "passed"),
        ("start", "passed"),
        ("flash", "passed"),
    ]


@pytest.mark.parametrize("mpy", [None, 1])
def test_files_come_one_by_one_where_nobody_knew_what_its_micropython_takes(tmp_path: Path, mpy):
    def telling_firmware(name: str, chip: str, mpy: int) -> Tree:
        return Tree({"/tamer/made_for.py": b"%d" % mpy, **small_firmware(name, chip, mpy).files})

    assert carton.flash_one(tmp_path, firmware=telling_firmware, mpy=mpy).passed
    made_for = on_the_box(tmp_path, lambda session: session.read("/tamer/made_for.py"))
    assert int(made_for) == compiled.mpy_on("esp32s3", simulated=True)


def test_power_pulled_while_its_first_files_are_written_leaves_none(tmp_path: Path):
    def firmware_with_a_voice(name: str, chip: str, mpy: int) -> Tree:
        voice = random.Random(1).randbytes(60_000)
        return Tree({"/voices/own.wav": voice, **small_firmware(name, chip, mpy).files})

    flash = tmp_path / "boards" / "a" / "flash"
    # A board new to its ledger; and one it knows, erased, that has no life to forget.
    for _ in range(2):
        flash.unlink(missing_ok=True)
        cut = carton.flash_one(tmp_path, faults=FAULT, firmware=firmware_with_a_voice)
        assert cut.reason.startswith("the port went away")
        # As it lies: a board that is powered on makes itself a file system where it finds none.
        with closing(FlashChip(flash, flash.stat().st_size)) as chip:
            assert chip.read(0x202000, 0x1FE000).strip(b"\xff")
            assert not chip.read(0x200000, 0x2000).strip(b"\xff")
        assert carton.flash_one(tmp_path, firmware=firmware_with_a_voice).passed


def counting_firmware(name: str, chip: str, mpy: int) -> Tree:
    """The small one, which also counts its boots as the real one does."""
    files = dict(small_firmware(name, chip, mpy).files)
    count = f"import os\n\n{inspect.getsource(saved_state.count_boot)}"
    begin = "import esp32\nfrom tamer.count import count_boot\ncount_boot(esp32.NVS('tamer'))\n"
    main = files.pop("/main.py")
    return Tree({"/tamer/count.py": count.encode(), **files, "/main.py": begin.encode() + main})


def test_boots_of_a_board_erased_and_flashed_again_have_new_numbers(tmp_path: Path):
    def last_boot() -> int:
        return on_the_box(tmp_path, lambda session: session.call(IDENTITY, "boot"))

    def flashed(hour: int) -> FlashOutcome:
        at = datetime.datetime(2026, 11, 23, hour, tzinfo=datetime.UTC)
        return carton.flash_one(tmp_path, firmware=counting_firmware, now=lambda: at)

    lives = []
    for hour in (9, 10):
        assert flashed(hour).serial == SERIAL
        with Ledger.read(ledger_file(tmp_path)) as ledger:
            given = ledger.history(SERIAL, "identity")[-1].facts["boot"]
        last = last_boot()
        assert given <= last
        # Plugged in again and flashed again, it counts on.
        assert flashed(hour).passed
        assert last_boot() > last
        lives.append(range(given, last_boot() + 1))
        (tmp_path / "boards" / "a" / "flash").unlink()
    first, second = lives
    assert first[-1] < second[0]


def test_a_second_run_on_a_good_unit_changes_nothing(tmp_path: Path):
    carton.flash_one(tmp_path)
    before = history(tmp_path)
    flash = tmp_path / "boards" / "a" / "flash"
    written = flash.stat().st_mtime_ns
    again = carton.flash_one(tmp_path)
    assert (again.passed, again.changed, again.serial) == (True, False, SERIAL)
    assert history(tmp_path) == before
    assert flash.stat().st_mtime_ns == written


def test_secrets_are_in_the_chips_own_memory_and_in_no_file(tmp_path: Path):
    place = Setup("Square", {"ssid": "net", "key": "pass phrase"}, {"host": "h", "port": 1}, b"0")
    carton.flash_one(tmp_path, setup=place, steps=STEPS[:-1])
    with Ledger.read(ledger_file(tmp_path)) as ledger:
        unit = ledger.unit(SERIAL)
        secrets = Vault(tmp_path / "ledger.key").open_secrets(SERIAL, unit.secrets)

    def found(session: Session) -> tuple[str, list[bytes]]:
        session.call(IDENTITY, "serial")
        stored = session.run("print(_stored('mqtt').decode())").decode().strip()
        return stored, [session.read(path) or b"" for path in session.hashes(["/"])]

    stored, files = on_the_box(tmp_path, found)
    assert stored == secrets.mqtt
    whole = b"".join(files) + ledger_file(tmp_path).read_bytes()
    for secret in (secrets.mqtt, secrets.chain, secrets.command):
        assert secret.encode() not in whole
    # The key of the Wi-Fi must be in the settings, but not in the ledger for everybody to read.
    assert b"pass phrase" not in ledger_file(tmp_path).read_bytes()


def test_a_unit_is_given_another_key_beside_the_one_it_has(tmp_path: Path):
    carton.flash_one(tmp_path)

    def keys() -> list[str]:
        with Ledger.read(ledger_file(tmp_path)) as ledger:
            vault = Vault(tmp_path / "ledger.key")
            return list(chain_keys.of_unit(ledger, vault, ledger.unit(SERIAL)))

    def kept(session: Session) -> list[str]:
        session.call(IDENTITY, "serial")
        told = "print(*(_stored(key).decode() or '-' for key in ('chain', 'chain_new')))"
        return session.run(told).decode().split()

    (first,) = keys()
    assert on_the_box(tmp_path, kept) == [first, "-"]
    carton.flash_one(tmp_path, rekey=True)
    assert keys()[0] == first
    newer = keys()[-1]
    assert on_the_box(tmp_path, kept) == [first, newer]
    with Ledger.read(ledger_file(tmp_path)) as ledger:
        told = ledger.chain_keys(SERIAL)
        page = "\n".join(show.page(ledger, SERIAL))
        units = secrets_bundle.gather(ledger, Vault(tmp_path / "ledger.key"), [SERIAL])
    assert [one.fingerprint for one in told] == [fingerprint(first), fingerprint(newer)]
    assert told[0].first_link == Seal(first).first_link(SERIAL).hex()
    assert f"first link {told[1].first_link}" in page
    assert newer not in page
    assert (units[0].first_link, units[0].newer_chain) == (told[0].first_link, (newer,))
    # whether it has taken it from there or not: nothing is to be done
    assert not carton.flash_one(tmp_path).changed
    on_the_box(tmp_path, lambda session: session.call(IDENTITY, "keep", {"chain": newer}))
    assert not carton.flash_one(tmp_path).changed
    # erased: the newest it has
    (tmp_path / "boards" / "a" / "flash").unlink()
    carton.flash_one(tmp_path)
    assert on_the_box(tmp_path, kept) == [newer, newer]


def test_what_calibration_left_in_the_settings_stays(tmp_path: Path):
    carton.flash_one(tmp_path)
    calibrated = {"calibration": -1.25, "unit": "stale"}

    def calibrate(session: Session) -> None:
        session.put("/settings.json", json.dumps(calibrated).encode())

    on_the_box(tmp_path, calibrate)
    assert carton.flash_one(tmp_path).passed
    settings = json.loads(on_the_box(tmp_path, lambda session: session.read("/settings.json")))
    assert settings["calibration"] == -1.25
    assert settings["unit"] == SERIAL


def test_bands_that_the_chip_has_no_time_for_are_said_though_the_board_passes(tmp_path: Path):
    """As the firmware says it in its boot record; and no more once it no longer does."""
    refusal = '"bands": "octaves" takes too long'

    def refusing(board: str, chip: str, mpy: int) -> Tree:
        files = dict(small_firmware(board, chip, mpy).files)
        files["/tamer/small.py"] += b"BOOT['files'] = {'settings.json': %r}\n" % refusal
        return Tree(files)

    told = carton.flash_one(tmp_path, firmware=refusing)
    assert told.passed
    assert told.left == f"its settings.json: {refusal}"
    assert carton.flash_one(tmp_path).left == ""


def test_of_spoilt_settings_the_calibration_stays_by_the_firmwares_copy(tmp_path: Path):
    carton.flash_one(tmp_path)

    def spoil(session: Session) -> None:
        session.put("/settings.json", b'{"calibration": -1.')
        copy = json.dumps({"calibration": -1.25, "unit": SERIAL}).encode()
        session.run(
            f"import esp32; n = esp32.NVS('tamer'); n.set_blob('settings', {copy}); n.commit()"
        )

    on_the_box(tmp_path, spoil)
    assert carton.flash_one(tmp_path).passed
    settings = json.loads(on_the_box(tmp_path, lambda session: session.read("/settings.json")))
    assert settings["calibration"] == -1.25
    assert settings["unit"] == SERIAL


def test_a_newer_micropython_and_firmware_keep_identity_and_calibration(tmp_path: Path):
    carton.flash_one(tmp_path)
    on_the_box(tmp_path, lambda session: session.run("open('/settings.json', 'a').close()"))

    def newer_firmware(name: str, chip: str, mpy: int) -> Tree:
        before = small_firmware(name, chip, mpy).files
        return Tree({"/tamer/new.py": b"pass", **before})

    newer = micropython_image.read(carton.small_image(tmp_path, "v1.30.0"))
    outcome = carton.flash_one(
        tmp_path,
        image=newer,
        board=dataclasses.replace(carton.REFERENCE, version="v1.30.0"),
        firmware=newer_firmware,
    )
    assert (outcome.passed, outcome.serial) == (True, SERIAL)
    # Written again: neither identity nor set-up, which are where the image is not.
    assert history(tmp_path).count(("identity", "begun")) == 1
    assert history(tmp_path).count(("setup", "begun")) == 1
    assert history(tmp_path).count(("image", "begun")) == 2


def test_files_of_an_older_firmware_go_voices_of_ones_own_stay(tmp_path: Path):
    carton.flash_one(tmp_path)

    def leave(session: Session) -> None:
        for path in ("/tamer/small.mpy", "/tamer/old/left.py", "/voices/own.wav"):
            session.put(path, b"x")

    on_the_box(tmp_path, leave)
    assert carton.flash_one(tmp_path).passed
    there = on_the_box(tmp_path, lambda session: session.hashes(["/tamer", "/voices"]))
    assert "/voices/own.wav" in there
    assert not {"/tamer/small.mpy", "/tamer/old/left.py"} & there.keys()


LOOK = """
import esp32
first = bytearray(1)
for one in esp32.Partition.find(esp32.Partition.TYPE_DATA, label="journal"):
    one.readblocks(0, first, 0)
    print(one.ioctl(4, 0), first[0])
"""


def partition(session: Session) -> str:
    """Block count and first byte of the partition for records, nothing where there is none."""
    return session.run(LOOK).decode().strip()


def test_a_unit_has_a_partition_for_its_records_that_is_blank_at_first(tmp_path: Path):
    with carton.virtual_board(tmp_path, "a") as board:
        # A life before, in another's hands.
        board.flash.write(0x400000, b"\x00" * 5000)
    assert carton.flash_one(tmp_path).passed
    assert on_the_box(tmp_path, partition) == "1024 255"
    with carton.virtual_board(tmp_path, "a") as board:
        board.flash.write(0x400000, b"\x07")
    # What it has not told its hub stays, whatever is renewed.
    newer = micropython_image.read(carton.small_image(tmp_path, "v1.30.0"))
    board_of_it = dataclasses.replace(carton.REFERENCE, version="v1.30.0")
    assert carton.flash_one(tmp_path, image=newer, board=board_of_it).changed
    assert on_the_box(tmp_path, partition) == "1024 7"


def test_a_unit_from_before_there_was_one_keeps_its_files_and_has_none(tmp_path: Path):
    assert carton.flash_one(tmp_path).passed
    stock = micropython_image.read(carton.small_image(tmp_path))
    with carton.virtual_board(tmp_path, "a") as board:
        board.flash.erase(stock.file_system_at, 2 * 4096)
        for at, content in stock.parts[:2]:
            board.flash.erase(at, len(content))
            board.flash.write(at, content)
    assert carton.flash_one(tmp_path).passed
    assert on_the_box(tmp_path, partition) == ""
    again = carton.flash_one(tmp_path)
    assert (again.passed, again.changed) == (True, False)


def test_a_board_with_another_life_forgets_it(tmp_path: Path):
    # Some other project's MicroPython, of the same version.
    carton.flash_one(tmp_path, steps=STEPS[:1])
    ledger_file(tmp_path).unlink()
    on_the_box(tmp_path, lambda session: session.put("/boot.py", b"print(1)"))
    outcome = carton.flash_one(tmp_path)
    assert outcome.passed
    there = on_the_box(tmp_path, lambda session: session.hashes(["/boot.py"]))
    assert there == {
        "/boot.py": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }


def test_a_unit_of_another_ledger_is_not_made_over(tmp_path: Path):
    carton.flash_one(tmp_path, batch=Batch("SIM", "2610"))
    ledger_file(tmp_path).unlink()
    outcome = carton.flash_one(tmp_path)
    assert not outcome.passed
    assert "it says it is SIM-2610-0001, which this ledger does not know" in outcome.reason


def test_a_board_put_in_for_another_meanwhile_gets_no_identity(tmp_path: Path):
    assert carton.flash_one(tmp_path / "elsewhere", "b", steps=STEPS[:1]).passed
    with carton.virtual_board(tmp_path / "elsewhere", "b") as other:

        def look(bench) -> State:
            bench.connection.close()
            bench.connection.port = Port("port", other.url)
            return State({})

        steps = (STEPS[0], Step("swap", look), *STEPS[1:])
        outcome = carton.flash_one(tmp_path, steps=steps)
    assert (outcome.passed, outcome.step) == (False, "identity")
    assert outcome.reason.startswith("another board is on its port than the one that began (24:")


def test_without_a_square_file_a_unit_keeps_the_set_up_it_has(tmp_path: Path):
    place = Setup("Square", {"ssid": "net", "key": "k"})
    carton.flash_one(tmp_path, setup=place)
    again = carton.flash_one(tmp_path)
    assert (again.passed, again.changed) == (True, False)


def test_a_step_of_ones_own_is_done_once_and_logged(tmp_path: Path):
    done = []

    def look(bench) -> State:
        if bench.passed("burn-in"):
            return State({})
        return State({}, "two minutes of everything", lambda: done.append(1) or {"gaps": 0})

    steps = (*STEPS[:-1], Step("burn-in", look), STEPS[-1])
    for _ in range(2):
        assert carton.flash_one(tmp_path, steps=steps).passed
    assert done == [1]
    with Ledger.read(ledger_file(tmp_path)) as ledger:
        assert ledger.history(SERIAL, "burn-in")[-1].facts == {"gaps": 0}


def test_a_dry_run_writes_nothing(tmp_path: Path):
    outcome = carton.flash_one(tmp_path, dry=True)
    assert outcome.passed
    assert outcome.plan[0].startswith("write MicroPython v1.29.0")
    assert outcome.plan[1:] == ["then firmware", "then identity", "then setup", "then start"]
    # The file holds the complement: all holes.
    assert not (tmp_path / "boards" / "a" / "flash").read_bytes().strip(b"\0")
    with Ledger.read(ledger_file(tmp_path)) as ledger:
        assert ledger.history(SERIAL, "image") == []


def test_two_boards_with_one_mac_are_not_one_unit(tmp_path: Path):
    twins = {
        name: VirtualBoard("esp32s3", tmp_path / "boards" / name, mac="24:0a:c4:00:00:01")
        for name in ("a", "b")
    }
    with twins["a"], twins["b"]:
        outcomes = carton.flash_boards(tmp_path, twins, carton.order(tmp_path))
    refused = [outcome for outcome in outcomes if not outcome.passed]
    assert len(refused) == 1
    assert "is on another port too" in refused[0].reason


@pytest.mark.parametrize(
    ("made_as", "reason"),
    [
        ("esp32_c3", "this is an ESP32-C3 .*, the board esp32_s3 has an esp32s3"),
        ("esp32_wrover", "this is an ESP32-D0WD.*, the board esp32_s3 has an esp32s3"),
    ],
)
def test_a_chip_the_firmware_cannot_serve_is_refused(tmp_path: Path, made_as: str, reason: str):
    outcome = carton.flash_one(tmp_path, made_as=board_file.read(made_as))
    assert (outcome.passed, outcome.serial) == (False, "")
    assert re.search(reason, outcome.reason)
