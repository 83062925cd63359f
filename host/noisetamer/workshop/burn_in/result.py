"""The result of a burn-in: canonical JSON, signed by the unit with the key of its own record."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.workshop.burn_in.check import FAILED, PASSED, Check, from_table

_KIND, _VERSION = "noisetamer burn-in", 1


@dataclass(frozen=True)
class Result:
    """at: UTC, ISO 8601; about: what the unit told of itself; minutes: of listening."""

    serial: str
    at: str
    minutes: float
    about: dict[str, Any]
    checks: Sequence[Check]

    @property
    def failed(self) -> list[Check]:
        """In the order in which they were made."""
        return [check for check in self.checks if check.outcome == FAILED]

    @property
    def open(self) -> list[Check]:
        """Neither passed nor failed."""
        return [check for check in self.checks if check.outcome not in (PASSED, FAILED)]

    def to_table(self) -> dict[str, Any]:
        """What is signed, once `canonical` has written it down."""
        return {
            "kind": _KIND,
            "version": _VERSION,
            "serial": self.serial,
            "at": self.at,
            "minutes": self.minutes,
            "unit": self.about,
            "passed": not self.failed,
            "checks": [check.to_table() for check in self.checks],
        }


def canonical(table: dict[str, Any]) -> bytes:
    """The one way of writing it down that is signed: ASCII, sorted keys, no spaces."""
    return json.dumps(table, sort_keys=True, separators=(",", ":")).encode("ascii")


def write(file: Path, result: Result, signature: str) -> str:
    """Keep a result; returns the file's SHA-256. Raises UserError."""
    text = json.dumps({"result": result.to_table(), "hmac_sha256": signature}, indent=1)
    body = text.encode() + b"\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    except OSError as error:
        raise UserError(
            f"{file} cannot be written ({error.strerror or error}): name another place with --out."
        ) from None
    return hashlib.sha256(body).hexdigest()


def read(file: Path) -> tuple[dict[str, Any], str]:
    """(the signed table, its signature). Raises UserError for another file."""
    try:
        body = json_text.loads(file.read_bytes())
        table, signature = body["result"], body["hmac_sha256"]
        if table["kind"] != _KIND or not isinstance(signature, str):
            raise ValueError
        if table["version"] > _VERSION:
            raise UserError(f"{file} was written by a newer Noise Tamer: use the newer one here.")
        from_result(table)
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"{file} is no burn-in result: give the JSON beside the picture."
        ) from None
    return table, signature


def from_result(table: dict[str, Any]) -> Result:
    """Undoes `Result.to_table`. Raises KeyError or TypeError where a field is missing."""
    checks = [from_table(check) for check in table["checks"]]
    return Result(table["serial"], table["at"], table["minutes"], table["unit"], checks)


def is_genuine(table: dict[str, Any], signature: str, chain_keys: Sequence[str]) -> bool:
    """Whether the unit with one of these keys signed just this."""
    text = canonical(table)
    wanted = [hmac.new(key.encode(), text, hashlib.sha256).hexdigest() for key in chain_keys]
    return any(hmac.compare_digest(one, signature) for one in wanted)
