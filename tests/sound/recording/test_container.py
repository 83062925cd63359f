"""Headers that do not say what is there."""

import os
import re
import struct
from typing import Any

import numpy as np
import pytest
import soundfile
from recorders import RATE, chunk, ds64, fmt, noise, pcm, wav

from noisetamer.base.errors import UserError
from noisetamer.sound.recording import container
from noisetamer.sound.recording.plain import CUT, Kind
from noisetamer.sound.recording.recording import read, stream
from noisetamer.sound.recording.span import Span

SOUND = noise()
BYTES = pcm(SOUND)
LENGTH = len(BYTES)
MINUS_ONE = 0xFFFFFFFF
RIFF_AND_FMT = 12 + 24

NO_SIZE = "does not say how long its sound is, .* all 2.0 s that are there are taken"
MORE = "holds 1.0 s more than its header says"
LESS = "is shorter than its header says; what is there is taken"
EXTENSIBLE = chunk(
    b"fmt ",
    struct.pack("<HHIIHHHHIH", 0xFFFE, 1, RATE, 2 * RATE, 2, 16, 22, 16, 4, 1)
    + bytes.fromhex("000000001000800000aa00389b71"),
)
FACT = chunk(b"fact", struct.pack("<I", len(SOUND) - 500))
LIST = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"square"))


def data(size=None, body=BYTES, **how):
    return chunk(b"data", body, size=size, **how)


SHAPES = {
    "plain": ([fmt(), data()], {}, ""),
    "cut by a power loss, sizes of 0": ([fmt(), data(0)], {"size": 0}, NO_SIZE),
    "written into a pipe": ([fmt(), data(MINUS_ONE)], {"size": MINUS_ONE}, NO_SIZE),
    "written into a pipe by sox": ([fmt(), data(0x7FFFF000)], {"size": 0x7FFFF024}, NO_SIZE),
    "its header renewed a second ago": ([fmt(), data(LENGTH // 2)], {}, MORE),
    "cut while it was copied": ([fmt(), data(3 * LENGTH)], {}, LESS),
    "a chunk after the sound": ([fmt(), data(), LIST], {}, ""),
    "a chunk after the sound, cut": ([fmt(), data(), LIST[:-3]], {}, ""),
    "filled up to a sector": ([fmt(), data(), bytes(512)], {}, ""),
    "an odd chunk and its pad byte": ([fmt(), chunk(b"note", b"odd"), data()], {}, ""),
    "an odd chunk, none": ([fmt(), chunk(b"note", b"odd", pad=False), data()], {}, ""),
    "of a fact that is not so": ([EXTENSIBLE, FACT, data()], {}, ""),
    "a place left free by a Zoom": ([fmt(), chunk(b"LIST", bytes(393_164)), data()], {}, ""),
    "RF64": ([ds64(0, LENGTH), fmt(), data(MINUS_ONE)], {"family": b"RF64"}, ""),
    "BW64": ([ds64(0, LENGTH), fmt(), data(MINUS_ONE)], {"family": b"BW64"}, ""),
    "BW64 of sizes -1": (
        [chunk(b"ds64", b"\xff" * 24 + bytes(4)), fmt(), data(MINUS_ONE)],
        {"family": b"BW64", "size": MINUS_ONE},
        NO_SIZE,
    ),
    "RF64 of sizes 0": ([ds64(0, 0), fmt(), data(MINUS_ONE)], {"family": b"RF64"}, NO_SIZE),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_there_is_read_to_the_last_sample(tmp_path, shape):
    chunks, how, note = SHAPES[shape]
    recording = read(wav(tmp_path / "a.wav", *chunks, **how))
    assert recording.samples == pytest.approx(SOUND, abs=2**-15)
    assert len(recording.notes) == bool(note)
    if note:
        (said,) = recording.notes
        assert re.search(note, said)


def test_sound_of_24_bits_and_odd_length_without_its_pad_byte(tmp_path):
    sound = noise(2)[:-1]
    body = pcm(sound, 24)
    assert len(body) % 2
    path = wav(tmp_path / "a.wav", fmt(bits=24), data(body=body, pad=False), LIST)
    recording = read(path)
    assert recording.samples == pytest.approx(sound, abs=2**-23)
    assert recording.notes == ()


def test_a_header_and_no_sound_is_said_to_be_just_that(tmp_path):
    for chunks in ([fmt(), data(0, b"")], [fmt(), data(0, b""), LIST]):
        with pytest.raises(UserError, match="holds no samples, only a header; copy it from"):
            read(wav(tmp_path / "a.wav", *chunks))


PACKED = [
    ("WAV", "GSM610", 0.03),
    ("WAV", "IMA_ADPCM", 0.02),
    ("WAV", "MS_ADPCM", 0.01),
    ("WAV", "ULAW", 0.01),
    ("WAV", "ALAW", 0.01),
    ("WAV", "G721_32", 0.01),
    ("WAV", "NMS_ADPCM_24", 0.02),
    ("AU", "G723_40", 0.01),
    ("AIFF", "GSM610", 0.03),
    ("W64", "PCM_24", 1e-6),
    ("RF64", "PCM_16", 1e-4),
    ("CAF", "ALAC_16", 1e-4),
    ("FLAC", "PCM_16", 1e-4),
    ("OGG", "VORBIS", 0.02),
]


@pytest.mark.parametrize(("kind", "packing", "error"), PACKED, ids=lambda value: str(value))
def test_packed_sound_is_read_in_blocks_also_from_its_middle(tmp_path, kind, packing, error):
    t = np.arange(16_000) / 8_000
    tone = 0.5 * np.sin(2 * np.pi * 440 * t)
    path = tmp_path / "a.wav"
    soundfile.write(path, tone, 8_000, packing, format=kind)
    whole = read(path).samples
    assert len(whole) == pytest.approx(16_000, abs=1_100)
    assert np.sqrt(np.mean(np.square(whole[:15_000] - tone[:15_000]))) < error
    part = read(path, span=Span(1.0, 1.5)).samples
    assert part == pytest.approx(whole[8_000:12_000], abs=error)


@pytest.mark.parametrize(
    ("kind", "note"), [("FLAC", "damaged or cut"), ("AIFF", LESS), ("AU", LESS)]
)
def test_another_kind_of_file_that_was_cut_is_read_as_far_as_it_goes(tmp_path, kind, note):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.tile(SOUND, 5), 8_000, "PCM_16", format=kind)
    assert read(path).notes == ()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    recording = read(path)
    n = len(recording.samples)
    assert 32_000 < n < 41_000
    assert recording.samples == pytest.approx(np.tile(SOUND, 5)[:n], abs=2**-15)
    assert note in recording.notes[0]


@pytest.mark.parametrize("kind", ["WAV", "AIFF", "FLAC"])
def test_one_that_is_cut_while_it_is_read_is_said_to_be(tmp_path, kind):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.tile(SOUND[:, None], (15, 2)), 8_000, "PCM_16", format=kind)
    size = path.stat().st_size
    heard = []

    class Cuts:
        def begin(self, rate: int, subtype: str, width: int) -> Kind:
            return "int32"

        def take(self, samples: Any) -> None:
            os.truncate(path, size * 3 // 4)
            heard.append(len(samples))

    assert stream(path, Cuts(), 2).notes == (f"{path}: {CUT}",)
    assert 65_536 <= sum(heard) < 240_000


def test_a_stream_that_does_not_say_its_length_is_whole(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, SOUND, 8_000, "PCM_16")
    body = bytearray(path.read_bytes())
    # STREAMINFO: 36 bits of total samples; 0 is unknown (RFC 9639, 8.2).
    body[21] &= 0xF0
    body[22:26] = bytes(4)
    path.write_bytes(body)
    recording = read(path)
    assert (len(recording.samples), recording.notes) == (len(SOUND), ())


@pytest.mark.parametrize("packing", ["GSM610", "G721_32", "MS_ADPCM", "NMS_ADPCM_32"])
def test_packed_sound_ends_where_it_ended(tmp_path, packing):
    path, n = tmp_path / "a.wav", 16_001
    tone = 0.01 * np.sin(2 * np.pi * 440 * np.arange(n) / 8_000)
    soundfile.write(path, tone, 8_000, packing)
    recording = read(path)
    assert len(recording.samples) == n
    assert abs(recording.samples).max() < 0.03


def test_gsm_610_cut_by_a_power_loss(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(), 8_000, "GSM610")
    whole = read(path).samples
    body = bytearray(path.read_bytes())
    at = body.index(b"data")
    body[at + 4 : at + 8] = bytes(4)
    path.write_bytes(body)
    recording = read(path)
    assert np.array_equal(recording.samples, whole)
    assert "does not say how long its sound is" in recording.notes[0]


PHONES = {
    "an iPhone's": (b"\0\0\0\x1cftypM4A " + bytes(99), r"M4A.*ffmpeg -i \"a.wav\" \"a.wav\""),
    "an old phone's": (b"#!AMR\n" + bytes(99), "AMR.*ffmpeg -i"),
    "a header never written": (bytes(600) + BYTES, "begins with zeros .* ffmpeg -f s24le"),
}


@pytest.mark.parametrize("name", PHONES)
def test_what_is_not_read_here_comes_with_the_command_that_helps(tmp_path, name):
    body, says = PHONES[name]
    path = tmp_path / "a.wav"
    path.write_bytes(body)
    with pytest.raises(UserError, match=says):
        read(path)


def test_more_than_4_GiB_have_a_header_of_their_own(tmp_path):
    path = wav(tmp_path / "a.wav", fmt(), chunk(b"data", BYTES, size=0))
    size = 5 << 30
    with path.open("r+b") as file:
        file.truncate(RIFF_AND_FMT + 8 + size)  # sparse
    found = container.look(path)
    assert found is not None
    assert (found.sound_at, found.sound_size) == (RIFF_AND_FMT + 8, size)
    with path.open("rb") as file:
        mended: Any = container.Mended(file, found)
        with soundfile.SoundFile(mended) as sound:
            assert sound.frames == size // 2


def test_any_header_gives_a_recording_or_one_sentence(tmp_path):
    chance = np.random.default_rng(7)
    shapes = [
        wav(tmp_path / f"{n}.wav", *chunks, **how).read_bytes()[: RIFF_AND_FMT + 4_000]
        for n, (chunks, how, _) in enumerate(SHAPES.values())
    ]
    path, heard, refused = tmp_path / "a.wav", 0, 0
    for n in range(600):
        body = bytearray(shapes[n % len(shapes)])
        for _ in range(chance.integers(1, 5)):
            at = int(chance.integers(0, min(len(body), 110)))
            match chance.integers(4):
                case 0:
                    body[at] = chance.integers(256)
                case 1:
                    odd = [0, 1, 3, 0x7FFFFFFF, 0x80000000, MINUS_ONE][chance.integers(6)]
                    body[at : at + 4] = struct.pack("<I", odd)
                case 2:
                    del body[at : at + int(chance.integers(1, 9))]
                case 3:
                    del body[max(at, 13) :]
        path.write_bytes(body or b"R")
        try:
            recording = read(path)
        except UserError as error:
            refused += 1
            assert str(error).startswith(f"{path}: ")
            assert "\n" not in str(error)
        else:
            heard += 1
            assert np.isfinite(recording.samples).all()
    assert min(heard, refused) > 50
