"""Ten thousand random frames go to and fro between ours and two public implementations' rules."""

import random

import pytest
from hj212_reference import cems_faults, lua_encode, lua_parse, lua_version_and_answer

from noisetamer.hub.forward.hj212 import codes, frame
from noisetamer.hub.forward.hj212.frame import ANSWER, NUMBERED, VERSIONS, Frame, Malformed, Stream

COUNT = 10_000


def _frame(chance: random.Random) -> Frame:
    version = chance.choice(("2017", "2025"))
    numbered = chance.random() < 0.2
    of = chance.randint(2, 9) if numbered else 0
    flag = VERSIONS[version] << 2 | chance.choice((0, ANSWER)) | (NUMBERED if numbered else 0)
    digits = "".join(chance.choices("0123456789", k=17))
    groups = [[("DataTime", digits[:14])]] if chance.random() < 0.8 else []
    for _ in range(chance.choice((0, 1, 3, 8))):
        code = chance.choice(("LA", "Leq", "L5", "LMx", "a01007", "i11001"))
        group = [(f"{code}-Data", f"{chance.uniform(-10, 140):.1f}")]
        if chance.random() < 0.3:
            group.append((f"{code}-Flag", chance.choice("NFMSDCTB")))
        if chance.random() < 0.1:
            group.append((f"{code}-Info", chance.choice(("//清洗管路//", "//时间校准//"))))
        groups.append(group)
    return Frame(
        *(digits, chance.choice(("21", "23", "36", "91")), chance.choice(tuple(codes.COMMANDS))),
        "".join(chance.choices("0123456789abcXYZ", k=6)),
        "".join(chance.choices("0123456789ABCDEF", k=24)),
        *(flag, frame.area(groups), chance.randint(1, of) if numbered else 0, of),
        version == "2025" and chance.random() < 0.3,
    )


def test_ten_thousand_frames_are_the_same_to_others():
    chance = random.Random(212)
    for _ in range(COUNT):
        ours = _frame(chance)
        data = frame.write(ours)
        theirs = lua_parse(data)
        assert theirs is not None
        assert data == lua_encode(ours.segment)
        assert frame.read(data) == ours
        assert cems_faults(theirs) == []
        assert (theirs["QN"], theirs["MN"], theirs.area) == (ours.QN, ours.MN, ours.area)
        assert (theirs["RF"] == "1", theirs["PNO"]) == (
            ours.backfilled,
            str(ours.number) if ours.of else None,
        )
        version = VERSIONS[ours.version]
        assert lua_version_and_answer(theirs) == (version, ours.wants_answer)


def test_encrypted_ones_come_back_too():
    chance = random.Random(2025)
    for _ in range(500):
        ours = _frame(chance)
        key = chance.randbytes(16)
        for plain_length in (True, False):
            data = frame.write(ours, "modbus", key, plain_length)
            assert frame.read(data, "modbus", key) == ours
            assert list(Stream().feed(data)) == [data]


def test_what_is_spoilt_is_malformed_and_nothing_else():
    chance = random.Random(4)
    pieces = (b"##", b"&&", b";", b"=", b"CP=&&", b"\r\n", b"{0x", b"Flag=7;", b"\xff")
    read = 0
    for _ in range(1000):
        data = bytearray(frame.write(_frame(chance), key=chance.choice((None, b"0" * 16))))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 9)] = chance.choice((*pieces, chance.randbytes(1)))
        try:
            frame.read(bytes(data), key=b"0" * 16)
            read += 1
        except Malformed as why:
            assert why.code in (0, 6)
    assert read < 20


@pytest.mark.parametrize("seed", range(5))
def test_frames_are_found_in_a_stream_however_it_is_cut_and_whatever_lies_between(seed: int):
    chance = random.Random(seed)
    frames, sent = [], b""
    for _ in range(100):
        key = b"0" * 16 if chance.random() < 0.5 else None
        data = frame.write(_frame(chance), key=key)
        frames.append(data)
        noise = chance.choice((b"", b"", b"\r\n", b"##", b"#", b"##00", b"##9z99", b"abc"))
        sent += noise + data
    stream, found = Stream(), []
    while sent:
        length = chance.randint(1, 700)
        found += stream.feed(sent[:length])
        sent = sent[length:]
    assert found == frames
