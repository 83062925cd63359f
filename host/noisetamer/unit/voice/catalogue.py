"""The messages of a folder: a WAV each, and voices.json with what they say."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.unit.voice import adpcm
from noisetamer.unit.voice.prepare import RATE, Prepared

TABLE = "voices.json"

_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")


class Entry(NamedTuple):
    """What is known of a message. length in s, loudness in LUFS; made: by whom or from what."""

    text: str
    language: str
    length: float
    loudness: float
    made: str


def entries(folder: Path) -> dict[str, Entry]:
    """Every message by its name. Raises UserError where table and files do not agree."""
    if not (folder / TABLE).exists():
        raise UserError(f"{folder}: has no {TABLE}; give the folder of the messages (--voices)")
    table = _table(folder)
    there = {file.stem for file in folder.glob("*.wav")}
    for name in sorted(there ^ table.keys()):
        missing = f"file {name}.wav" if name in table else f"entry in {TABLE}"
        raise UserError(f"{folder}: {name} has no {missing}; make it again (noisetamer voice add)")
    return dict(sorted(table.items()))


def file_of(folder: Path, name: str) -> Path:
    """The WAV of a message, whether it exists or not."""
    return folder / f"{name}.wav"


def must_be_free(folder: Path, name: str, replace: bool) -> None:
    """Raises UserError for a name that is not allowed, or taken without `replace`."""
    if not _NAME.fullmatch(name):
        raise UserError(
            f'"{name}" cannot be a message\'s name: small letters, digits and _, at most 32'
        )
    if file_of(folder, name).exists() and not replace:
        raise UserError(
            f"{folder}: there is a message {name} already; choose another --name or --replace it"
        )


def put(folder: Path, name: str, message: Prepared, text: str, language: str, made: str) -> Entry:
    """Write a message and its entry, over one of the same name."""
    entry = Entry(text, language, message.length, message.loudness, made)
    return put_wav(folder, name, adpcm.wav(message.samples, RATE), entry)


def put_wav(folder: Path, name: str, wav: bytes, entry: Entry) -> Entry:
    """The same of a message that is a WAV already."""
    folder.mkdir(parents=True, exist_ok=True)
    table = _table(folder)
    table[name] = entry
    file_of(folder, name).write_bytes(wav)
    rows = {one: entry._asdict() for one, entry in sorted(table.items())}
    body = json.dumps(rows, ensure_ascii=False, indent=2)
    (folder / TABLE).write_text(body + "\n", encoding="utf-8")
    return table[name]


def _table(folder: Path) -> dict[str, Entry]:
    path = folder / TABLE
    if not path.exists():
        return {}
    try:
        rows = json_text.loads(path.read_text(encoding="utf-8"))
        return {name: Entry(**row) for name, row in rows.items()}
    except (ValueError, TypeError, AttributeError) as wrong:
        raise UserError(f"{path}: is not a table of messages ({wrong}); restore it") from None
