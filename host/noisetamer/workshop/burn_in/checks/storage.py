"""Checks of what keeps: flash and memory."""

from typing import Any

from noisetamer.workshop.burn_in.check import Check, Fault, judged
from noisetamer.workshop.burn_in.context import KEEPS, Context
from noisetamer.workshop.burn_in.limits import limit

_PIECE, _PIECES = 4096, 64

_FLASH_ANEW = "erase it with 'esptool erase-flash' and flash it again"

_SMALLER = "flash it again, and with a smaller policy; where it stays so, this board needs PSRAM"


def flash(context: Context) -> list[Check]:
    """A file written, read back, and removed."""
    return [judge_flash(context.unit.call(KEEPS, "keep_and_read", _PIECES, context.seed))]


def judge_flash(facts: dict[str, Any]) -> Check:
    """facts: room; bytes, wrong (pieces), write_ms, read_ms where there was room."""
    most = limit("flash_wrong")
    kB = _PIECES * _PIECE // 1000
    measured: dict[str, Any] = {"room_kB": facts["room"] // 1000}
    if "wrong" not in facts:
        full = Fault(
            f"{facts['room'] // 1000} kB are free, {kB} kB are to be written", _FLASH_ANEW
        )
        return judged("flash", str(most), [full], "", measured)
    measured |= {
        "kB": kB,
        "wrong_bytes": facts["wrong"] * _PIECE,
        "write_kB_s": _speed(facts["bytes"], facts["write_ms"]),
        "read_kB_s": _speed(facts["bytes"], facts["read_ms"]),
    }
    pieces = facts["bytes"] // _PIECE
    wrong = Fault(
        f"{facts['wrong']} of {pieces} sectors read back otherwise than they were written",
        "its flash chip is bad, put the board aside",
    )
    fast = measured["write_kB_s"]
    well = f"{kB} kB read back as written" + (f", at {fast:.0f} kB/s" if fast else "")
    return judged("flash", str(most), [wrong] if facts["wrong"] else [], well, measured)


def memory(context: Context) -> list[Check]:
    """What the heaps have left with all of the firmware loaded."""
    return [judge_memory(context.unit.call(KEEPS, "memory"))]


def judge_memory(facts: dict[str, Any]) -> Check:
    """facts: free, used; inside: free, longest, least, or None."""
    least, longest = limit("heap_free"), limit("system_longest")
    free, inside = facts["free"] / 1000, facts["inside"]
    measured: dict[str, Any] = {"heap_free_kB": round(free), "heap_used_kB": facts["used"] // 1000}
    well = f"{free:.0f} kB of heap are left"
    faults = [] if least.keeps(free) else [Fault(f"{well}, it needs {least.least:g}", _SMALLER)]
    if inside:
        piece = inside["longest"] / 1000
        measured |= {
            "system_free_kB": inside["free"] // 1000,
            "system_longest_kB": round(piece),
            "system_least_kB": inside["least"] // 1000,
        }
        well += f", {piece:.0f} kB in one piece for TLS"
        if not longest.keeps(piece):
            faults.append(
                Fault(f"the system's longest piece has {piece:.0f} kB, TLS wants more", _SMALLER)
            )
    return judged("memory", f"heap {least}; system {longest}", faults, well, measured)


def _speed(size: int, ms: int) -> float | None:
    """kB/s; None where no time was seen to pass."""
    return round(size / ms, 1) if ms else None
