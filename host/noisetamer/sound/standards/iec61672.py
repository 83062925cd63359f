"""Tables 3 and 4 of IEC 61672-1:2013."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class WeightingRow:
    """Frequencies in Hz, the rest in dB. `class1`, `class2`: lowest and highest deviation."""

    nominal: float
    exact: float
    A: float
    C: float
    Z: float
    class1: tuple[float, float]
    class2: tuple[float, float]


@dataclass(frozen=True)
class ToneburstRow:
    """One burst of 4 kHz: what `quantity` reads relative to the steady level, in dB."""

    quantity: Literal["LAFmax-LA", "LASmax-LA", "LAE-LA"]
    milliseconds: float
    reference: float
    class1: tuple[float, float]
    class2: tuple[float, float]


def weightings() -> list[WeightingRow]:
    """Table 3: 34 frequencies from 10 Hz to 20 kHz."""
    return [
        WeightingRow(
            nominal=float(row["freq_hz_nominal"]),
            exact=1000.0 * 10.0 ** (n / 10.0),
            A=float(row["A_dB"]),
            C=float(row["C_dB"]),
            Z=float(row["Z_dB"]),
            class1=_limits(row, "class1"),
            class2=_limits(row, "class2"),
        )
        for n, row in enumerate(_rows("iec61672_weighting.csv"), start=-20)
    ]


def tonebursts() -> list[ToneburstRow]:
    """Table 4: LAFmax, LAE and LASmax of bursts from 1 s down to 0.25 ms."""
    rows = []
    for row in _rows("iec61672_toneburst.csv"):
        quantity = row["quantity"]
        assert quantity in ("LAFmax-LA", "LASmax-LA", "LAE-LA")
        rows.append(
            ToneburstRow(
                quantity=quantity,
                milliseconds=float(row["burst_ms"]),
                reference=float(row["reference_dB"]),
                class1=_limits(row, "class1"),
                class2=_limits(row, "class2"),
            )
        )
    return rows


def _limits(row: dict[str, str], name: str) -> tuple[float, float]:
    return float(row[f"{name}_minus"]), float(row[f"{name}_plus"])


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
