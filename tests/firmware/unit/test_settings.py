"""A spoilt settings file keeps no box from its work: the last good copy stands in for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tamer import kept_file, settings
from tamer.judge import policy

pytestmark = pytest.mark.host

GOOD = {
    "unit": "NT1-2611-0007",
    "calibration": -1.25,
    "equaliser": [1.02, [[0.1, 0.5], [0.01, -0.2]]],
    "bands": "octaves",
    "self_check": {"since": 200, "tones": [500, 1000]},
    "wifi": {"ssid": "广场", "key": "pass phrase"},
    "hub": {"host": "192.168.1.10", "port": 8883, "name": "hub.local", "ca": "/hub.der"},
    "ntp": ["192.168.1.1", "ntp.aliyun.com"],
    "console": True,
}


class Memory:
    """The chip's own, with a count of what is written to it."""

    def __init__(self, **blobs: bytes):
        self.blobs = blobs
        self.commits = 0

    def get_blob(self, key: str, buffer: bytearray) -> int:
        if key not in self.blobs or len(self.blobs[key]) > len(buffer):
            raise OSError(-0x1102)
        buffer[: len(self.blobs[key])] = self.blobs[key]
        return len(self.blobs[key])

    def set_blob(self, key: str, value: bytes) -> None:
        self.blobs[key] = bytes(value)

    def commit(self) -> None:
        self.commits += 1


def load(folder: Path, content: bytes | dict | None, memory: Memory | None = None):
    """(settings, what is wrong) of a file with this content."""
    file = folder / "settings.json"
    file.unlink(missing_ok=True)
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return settings.load(str(file), memory)


def spoilt() -> dict[str, bytes]:
    """{what is wrong with it: a settings file}"""
    whole = json.dumps(GOOD).encode()
    wrong: dict[str, Any] = {
        "calibration as text": {"calibration": "1.5"},
        "calibration null": {"calibration": None},
        "calibration true": {"calibration": True},
        "calibration in tenths": {"calibration": -125},
        "hub as text": {"hub": "192.168.1.10"},
        "hub without its authority": {"hub": {"host": "h", "port": 8883, "name": "h"}},
        "port as text": {"hub": {**GOOD["hub"], "port": "8883"}},
        "one time server, not a list": {"ntp": "pool.ntp.org"},
        "wifi without a key": {"wifi": {"ssid": "广场"}},
        "wifi as a list": {"wifi": ["广场", "pass phrase"]},
        "self-check true": {"self_check": True},
        "tones as text": {"self_check": {"tones": "1000"}},
        "unit as a number": {"unit": 7},
        "no unit": {"unit": ""},
        "equaliser as a number": {"equaliser": 1.0},
        "half a shelf": {"equaliser": [1.0, [[0.1]]]},
        "unknown bands": {"bands": "thirds"},
        "policy null": {"policy": None},
        "console as text": {"console": "yes"},
    }
    files = {name: json.dumps({**GOOD, **keys}).encode() for name, keys in wrong.items()}
    return files | {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "a flipped bit": whole.replace(b"{", b"{"[:0] + bytes([ord("{") ^ 1]), 1),
        "zeroed": bytes(len(whole)),
        "not a number": whole.replace(b"-1.25", b"NaN"),
        "a list": b"[1, 2]",
        "no table": b"7",
        "a sound": b"RIFF" + bytes(60000),
        "nested without end": b"[" * 2000,
        "endless": b" " * 100_000 + whole,
    }


def test_good_settings_are_taken_and_copied_once(tmp_path: Path):
    memory = Memory()
    for _ in range(3):
        found, fault = load(tmp_path, GOOD, memory)
        assert fault is None
        assert {key: found[key] for key in GOOD if key != "hub"} == {
            key: value for key, value in GOOD.items() if key != "hub"
        }
    assert memory.commits == 1


@pytest.mark.parametrize("name", spoilt())
def test_the_last_good_copy_stands_in_for_a_spoilt_file_and_is_not_spoilt_by_it(
    name: str, tmp_path: Path
):
    memory = Memory()
    good, _ = load(tmp_path, GOOD, memory)
    for _ in range(2):
        found, fault = load(tmp_path, spoilt()[name], memory)
        assert found == good
        assert fault and fault.endswith("; the last good copy is used")
    assert load(tmp_path, GOOD, memory) == (good, None)
    assert memory.commits == 1


@pytest.mark.parametrize("name", spoilt())
def test_without_a_copy_a_spoilt_file_leaves_a_box_that_trusts_no_level_of_its_own(
    name: str, tmp_path: Path
):
    memory = Memory(serial=b"NT1-2611-0007")
    found, fault = load(tmp_path, spoilt()[name], memory)
    assert fault
    assert found["calibration"] is None
    assert (found["unit"], found["hub"]) == ("NT1-2611-0007", None)
    assert "settings" not in memory.blobs


def test_a_fault_says_which_key_and_what_it_must_be(tmp_path: Path):
    _, fault = load(tmp_path, {**GOOD, "calibration": "1.5"})
    assert fault == "calibration must be a number of dB, at most 40"
    _, fault = load(tmp_path, b"{" + b" " * 5000)
    assert fault == "larger than 3000 bytes"


def test_a_file_that_went_missing_is_said_one_that_never_was_is_not(tmp_path: Path):
    memory = Memory()
    found, fault = load(tmp_path, None, memory)
    assert (found["calibration"], fault) == (0.0, None)
    good, _ = load(tmp_path, GOOD, memory)
    assert load(tmp_path, None, memory) == (good, "missing; the last good copy is used")


def test_what_an_editor_puts_before_the_text_is_no_fault(tmp_path: Path):
    found, fault = load(tmp_path, b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert (found["calibration"], fault) == (-1.25, None)


def test_an_open_network_has_no_key(tmp_path: Path):
    found, fault = load(tmp_path, {**GOOD, "wifi": {"ssid": "广场", "key": ""}})
    assert (found["wifi"]["key"], fault) == ("", None)


def test_a_change_is_said_once_and_becomes_the_copy(tmp_path: Path):
    memory = Memory()
    load(tmp_path, GOOD, memory)
    changed = {**GOOD, "calibration": 0.5}
    found, fault = load(tmp_path, changed, memory)
    assert (found["calibration"], fault) == (0.5, "changed since the last start")
    assert load(tmp_path, changed, memory)[1] is None
    assert load(tmp_path, b"", memory)[0]["calibration"] == 0.5


def test_a_memory_without_room_costs_the_copy_and_nothing_else(tmp_path: Path):
    class Full(Memory):
        def commit(self) -> None:
            raise OSError(-0x1105)

    found, fault = load(tmp_path, GOOD, Full())
    assert (found["unit"], fault) == (GOOD["unit"], None)


def test_the_hubs_secret_comes_from_the_chips_memory_unless_the_file_has_one(tmp_path: Path):
    memory = Memory(mqtt=b"secret of the chip")
    assert load(tmp_path, GOOD, memory)[0]["hub"]["secret"] == "secret of the chip"
    own = {**GOOD, "hub": {**GOOD["hub"], "secret": "its own"}}
    assert load(tmp_path, own, memory)[0]["hub"]["secret"] == "its own"
    assert b"secret of the chip" not in memory.blobs["settings"]


def test_so_does_the_key_of_its_orders(tmp_path: Path):
    memory = Memory(command=b"key of the chip")
    assert load(tmp_path, GOOD, memory)[0]["hub"]["command"] == "key of the chip"
    own = {**GOOD, "hub": {**GOOD["hub"], "command": "its own"}}
    assert load(tmp_path, own, memory)[0]["hub"]["command"] == "its own"
    assert b"key of the chip" not in memory.blobs["settings"]
    assert load(tmp_path, GOOD, Memory())[0]["hub"]["command"] == ""


def test_a_spoilt_policy_gives_way_to_the_last_good_one_not_to_the_shipped(tmp_path: Path):
    memory, file = Memory(), tmp_path / "policy.json"

    def read(content: bytes):
        file.write_bytes(content)
        return kept_file.read(str(file), memory, "policy", policy.MOST_BYTES, policy.read)

    good, fault, _ = read(b'{"name": "Square", "limit": {"day": 55}}')
    assert fault is None
    many = json.dumps({"venue": [{"name": f"stage {i}"} for i in range(400)]}).encode()
    for content in (b'{"name": "Squ', b"[" * 3000, many, b'{"limit": {"dya": 55}}'):
        found, fault, _ = read(content)
        assert found == good
        assert fault and fault.endswith("; the last good copy is used")
