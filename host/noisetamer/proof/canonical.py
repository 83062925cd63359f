"""One form each, so that nothing can be said twice with other bytes: base64, JSON, numbers."""

import base64
import binascii
import json
import re
from typing import Any

_NUMBER = re.compile(r"(0|[1-9][0-9]{0,18})\Z", re.ASCII)


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def base64_bytes(text: str) -> bytes:
    """Standard Base 64 (RFC 4648, section 4) with its padding, and nothing else: no white space,
    no trailing bits that are not zero. Raises ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"is no base64: {error}") from None
    if base64_text(data) != text:
        raise ValueError("is not base64's one form: its last letter has further bits")
    return data


def json_bytes(value: object) -> bytes:
    """UTF-8, sorted keys, no white space. Raises ValueError for NaN and its kin."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def json_value(data: bytes) -> Any:
    """Raises ValueError for what is not in that form."""
    try:
        value = json.loads(data)
        same = json_bytes(value) == data
    except RecursionError:
        raise ValueError("brackets are nested too deep") from None
    if not same:
        raise ValueError("is not JSON in its one form")
    return value


def number(text: str) -> int:
    """A decimal without leading zeros, of at most 19 digits. Raises ValueError."""
    if not _NUMBER.match(text):
        raise ValueError(f"{text[:30]!r} is no number")
    return int(text)
