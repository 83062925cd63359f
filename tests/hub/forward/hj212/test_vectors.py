"""The frames that the standards and others' programs print come out byte for byte.

vectors.json has them with their sources. Of the examples for which HJ 212-2017 prints no check it
is ours, held against annex A's own algorithm, bit by bit.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hj212_reference import check

from noisetamer.hub.forward.hj212 import cipher, crc, frame
from noisetamer.hub.forward.hj212.frame import Frame, Malformed

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text())
FRAMES: list[dict[str, Any]] = [one for one in VECTORS["frames"] if "code" not in one]


def _bytes(vector: dict[str, Any]) -> bytes:
    segment = vector["segment"].encode()
    return b"##%04d%s%s\r\n" % (len(segment), segment, vector["check"].encode())


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["source"][:40])
def test_each_is_read_and_comes_out_byte_for_byte(vector: dict[str, Any]):
    assert check(vector["segment"].encode()) == vector["check"]
    read = frame.read(_bytes(vector))
    if "Flag=" in vector["segment"]:  # frames of 2005 have none
        assert frame.write(read) == _bytes(vector)
    assert read.groups()[:1] != [[]]


def test_each_says_what_it_is():
    day = frame.read(_bytes(next(one for one in FRAMES if "C.28" in one["source"])))
    assert (day.CN, day.ST, day.flag, day.version, day.wants_answer) == (
        *("2031", "23", 5, "2017"),
        True,
    )
    assert day.values()["Ln-NightData"] == "52.5" and len(day.values()) == 25
    newest = frame.read(_bytes(next(one for one in FRAMES if "A.1," in one["source"])))
    assert (newest.version, newest.wants_answer, newest.area) == ("2025", True, "")
    packet = frame.read(_bytes(next(one for one in FRAMES if "packet 2" in one["source"])))
    assert (packet.number, packet.of) == (2, 2)


def test_the_blank_that_the_standard_prints_once_is_nothing():
    without, with_it = (one for one in FRAMES if "C.25" in one["source"])
    assert without["check"] == "0880" and with_it["check"] == "1E00"
    assert frame.read(_bytes(with_it)).values() == frame.read(_bytes(without)).values()


@pytest.mark.parametrize("vector", VECTORS["altered"], ids=lambda vector: vector["check"])
def test_examples_that_somebody_altered_are_no_frames(vector: dict[str, Any]):
    with pytest.raises(Malformed, match=f"has the check {vector['check']} and should"):
        frame.read(_bytes(vector))


def test_one_whose_flag_has_packet_numbers_that_are_not_there_is_answered_so():
    (vector,) = (one for one in VECTORS["frames"] if "code" in one)
    with pytest.raises(Malformed, match="PNUM and PNO are not both there") as why:
        frame.read(_bytes(vector))
    assert (why.value.code, why.value.frame and why.value.frame.QN) == (6, "20160801085000001")


def test_a_check_of_the_other_kind_is_refused_with_the_setting_that_takes_it():
    segment = FRAMES[0]["segment"].encode()
    other = b"##%04d%s%s\r\n" % (len(segment), segment, crc.of(segment, "modbus").encode())
    with pytest.raises(Malformed, match="right as crc = modbus, and standard is set"):
        frame.read(other)
    assert frame.write(frame.read(other, "modbus"), "modbus") == other
    with pytest.raises(Malformed, match="right as crc = standard, and modbus is set"):
        frame.read(_bytes(FRAMES[0]), "modbus")
    # CRC-16/MODBUS of the catalogue of parametrised CRC algorithms
    assert crc.of(b"123456789", "modbus") == "4B37"


def test_the_check_of_the_standard_has_only_256_values():
    """Half of its register is thrown away before each byte."""
    found = {crc.of(b"%c%c" % (first, last)) for first in range(256) for last in range(0, 256, 5)}
    assert len(found) == 256


def test_sm4_is_that_of_gb_t_32907():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    done = Cipher(algorithms.SM4(key), modes.ECB()).encryptor().update(key)
    assert done.hex() == "681edf34d206965e86b3e94f536e4246"


@pytest.mark.parametrize("vector", VECTORS["encrypted"], ids=lambda vector: vector["check"])
def test_encrypted_examples_come_out_byte_for_byte(vector: dict[str, Any]):
    """Annex A.2 prints the length of the plain text before more than a thousand bytes."""
    plain = next(one for one in FRAMES if one["source"] == vector["plain"])
    key = vector["key"].encode()
    turned = ",".join(f"0x{byte:02X}" for byte in bytes.fromhex(vector["cipher"]))
    head = plain["segment"].partition("CP=&&")[0]
    printed = (
        f"##{vector['length']}{head}CP=&&{{{turned}}}{vector['rest']}&&{vector['check']}\r\n"
    ).encode()
    read = frame.read(printed, key=key)
    assert read == frame.read(_bytes(plain))
    assert frame.write(read, key=key) == printed
    sent = frame.write(read, key=key, plain_length=False)
    assert sent == b"##%04d" % (len(printed) - 12) + printed[6:]
    assert frame.read(sent, key=key) == read
    with pytest.raises(Malformed, match="is encrypted, and there is no key"):
        frame.read(printed)
    with pytest.raises(Malformed, match="or the key is another"):
        frame.read(printed, key=b"1" * 16)


def test_what_is_shorter_than_a_block_stays_plain():
    assert cipher.encrypt(b"QnRtn=1", b"0" * 16) == b"QnRtn=1"
    for spoilt in (b"{0xE4,0x3E}", b"{0xE4,", b"{0xZZ}", b"{0xE4,}"):
        with pytest.raises(ValueError, match=r"is not written|whole blocks"):
            cipher.decrypt(spoilt, b"0" * 16)


def test_too_long_a_frame_is_split_between_factors_each_with_the_time():
    """Annex C.49 and C.50."""
    one = frame.read(_bytes(FRAMES[0]))
    factors = ";".join(f"a{number:05d}-Avg=1.0,a{number:05d}-Flag=N" for number in range(60))
    whole = replace(one, area=f"DataTime=20160801080000;{factors}", flag=5)
    with pytest.raises(ValueError, match="a data segment of"):
        frame.write(whole)
    parts = frame.split(whole)
    assert [(part.number, part.of, part.flag) for part in parts] == [(1, 2, 7), (2, 2, 7)]
    assert all(part.area.startswith("DataTime=20160801080000;a") for part in parts)
    assert all(frame.read(frame.write(part)) == part for part in parts)
    joined = [group for part in parts for group in part.groups() if group[0][0] != "DataTime"]
    assert joined == whole.groups()[1:]
    assert frame.split(one) == [one]
    with pytest.raises(ValueError, match="longer than one frame"):
        frame.split(Frame(*("1", "2", "3", "4", "5"), 5, f"i11001-Info={'x' * 960}"))
