"""WAV files in the shapes that recorders leave, bytes by bytes."""

import struct
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8_000


def noise(seconds: float = 2.0, rms: float = 0.05, seed: int = 3) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, rms, round(seconds * RATE))


def pcm(samples: NDArray[np.float64], bits: int = 16) -> bytes:
    """Little-endian, of samples re full scale; frames by channels, or one channel."""
    steps = np.rint(samples * 2.0 ** (bits - 1)).astype("<i4").reshape(-1, 1)
    return steps.view(np.uint8)[:, : bits // 8].tobytes()


def chunk(name: bytes, body: bytes, *, size: int | None = None, pad: bool = True) -> bytes:
    """size: the stated one, where it is not the true one."""
    stated = len(body) if size is None else size
    return name + struct.pack("<I", stated) + body + b"\0" * (pad and len(body) % 2)


def fmt(rate: int = RATE, bits: int = 16, channels: int = 1) -> bytes:
    frame = channels * bits // 8
    body = struct.pack("<HHIIHH", 1, channels, rate, rate * frame, frame, bits)
    return chunk(b"fmt ", body)


def wav(path: Path, *chunks: bytes, size: int | None = None, family: bytes = b"RIFF") -> Path:
    body = b"".join(chunks)
    stated = len(body) + 4 if size is None else size
    path.write_bytes(family + struct.pack("<I", stated) + b"WAVE" + body)
    return path


def ds64(riff: int, data: int) -> bytes:
    return chunk(b"ds64", struct.pack("<QQQI", riff, data, 0, 0))


def bext(
    description: str = "",
    originator: str = "",
    date: str = "2026-11-23",
    clock: str = "19:00:00",
    samples_since_midnight: int = 0,
) -> bytes:
    """EBU Tech 3285, version 1."""
    body = description.encode().ljust(256, b"\0") + originator.encode().ljust(32, b"\0")
    body += bytes(32) + date.encode() + clock.encode()
    return chunk(b"bext", body + struct.pack("<QH", samples_since_midnight, 1) + bytes(254))


def xl2(rate: int = RATE) -> bytes:
    """As firmware 4.71 writes it."""
    return bext(
        "0dBFS = 128.1 dBSPL\r\nTime Zone: UTC+08:00",
        "NTi Audio XL2 A2A-00000-E0",
        samples_since_midnight=19 * 3600 * rate,
    )


def audiomoth(comment: str) -> bytes:
    body = b"INFO" + chunk(b"ICMT", comment.encode().ljust(384, b"\0"))
    return chunk(b"LIST", body + chunk(b"IART", b"AudioMoth 24F319055FDF2F5B".ljust(32, b"\0")))


def xl2_log(levels: list[float], begin: str = "2026-11-23 19:00:00", zone: str = "+08:00") -> str:
    """As firmware 4.71 writes it, less most columns: each stamp is its interval's end, and a
    summary that looks like a row follows."""
    start = datetime.fromisoformat(begin)
    rows = []
    for number, level in enumerate(levels, 1):
        t = start + timedelta(seconds=number)
        rows.append(f"\t{t:%Y-%m-%d}  \t{t:%H:%M:%S}  \t00:00:00  \t{level:.1f}    \t70.0    ")
    return "\n".join(
        [
            "XL2 Broadband Logging:\t\tsquare\\2026-11-23_SLM_000_123_Log.txt        ",
            "----------------------",
            "",
            "# Hardware Configuration",
            "\tDevice Info:    \tXL2, SNo. A2A-00000-E0, FW4.71 Type Approved",
            f"\tTime Zone:      \tUTC{zone}",
            "",
            "# Broadband LOG Results",
            "\tDate        \tTime      \tTimer     \tLAeq_dt \tLAeq    ",
            "\t[YYYY-MM-DD]\t[hh:mm:ss]\t[hh:mm:ss]\t[dB]    \t[dB]    ",
            *rows,
            "",
            "# Broadband LOG Results over whole log period",
            rows[-1],
            "",
            "#CheckSum",
            "\t00000000000000000000000000000000",
            "",
        ]
    )
