"""The certificate of one calibration, as a dict that JSON carries, and its two files."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.certificate.result import Result
from noisetamer.workshop.calibrate.certificate.uncertainty import K
from noisetamer.workshop.calibrate.unit.instrument import Instrument

STATEMENT = (
    "Indicative instrument: no accuracy class, not verified, no penalty evidence. The offset "
    "holds for the microphone as it was coupled; case, windscreen and place add to U."
)

METHODS = {
    "calibrator": "with a sound calibrator",
    "check": "check with a sound calibrator, nothing adjusted",
    "beside": "beside a reference meter",
    "frequency": "per frequency, beside a reference microphone",
}


@dataclass(frozen=True)
class Circumstances:
    """Who, where, when (aware of its zone), and how long it holds."""

    operator: str
    place: str
    at: datetime
    valid_days: int = 365

    @property
    def due(self) -> date:
        """Day by which the unit is to be calibrated again."""
        return (self.at + timedelta(days=self.valid_days)).date()


def certificate(
    result: Result, instrument: Instrument, reference: Reference, where: Circumstances
) -> dict[str, Any]:
    """Everything that is known, numbers rounded to what they are worth."""
    at = where.at.astimezone(UTC)
    before = instrument.calibration
    return {
        "version": 1,
        "number": _number(instrument.serial, at, result.method),
        "method": METHODS[result.method],
        "kind": result.method,
        "unit": {
            "serial": instrument.serial,
            "firmware": instrument.firmware,
            "microphone": instrument.microphone,
        },
        "reference": reference.as_json(),
        "operator": where.operator,
        "place": where.place,
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "due": where.due.isoformat(),
        "calibration_before": round(before, 2),
        "change": _rounded(result.change),
        "offset": None if result.change is None else round(before + result.change, 2),
        "U": _rounded(result.U),
        "k": K,
        "deviation": _rounded(result.deviation),
        "equaliser": result.equaliser,
        "budget": [asdict(component) for component in result.budget],
        "summary": result.summary,
        "readings": {
            name: [round(float(value), 3) for value in column]
            for name, column in result.readings.items()
        },
        "notes": result.notes,
        "statement": STATEMENT,
    }


def write(contents: dict[str, Any], folder: Path) -> tuple[Path, str]:
    """Write NUMBER.json and NUMBER.pdf; returns (PDF, SHA-256 of the JSON, hex).

    Raises UserError where they cannot be written; one that is there is never overwritten.
    """
    from noisetamer.workshop.calibrate.certificate import certificate_page  # it loads matplotlib

    data, page = (folder / f"{contents['number']}.{suffix}" for suffix in ("json", "pdf"))
    content = json.dumps(contents, ensure_ascii=False, indent=1).encode() + b"\n"
    digest = hashlib.sha256(content).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with data.open("xb") as file:
            file.write(content)
        with page.open("xb") as file:
            certificate_page.save(contents, digest, file)
    except FileExistsError as error:
        raise UserError(
            f"{error.filename}: is there already and is kept; give another --out"
        ) from None
    except OSError as error:
        raise UserError(
            f"{folder}: the certificate cannot be written: {error.strerror or error}; choose "
            "another place with --out"
        ) from None
    return page, digest


def _rounded(value: float | None) -> float | None:
    # Adding 0 turns -0.0 into 0.0.
    return None if value is None else round(value, 2) + 0.0


def _number(serial: str, at: datetime, method: str) -> str:
    """Fit for the name of a file, and of one run only."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", serial)
    return f"{plain}-{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}Z-{method}"
