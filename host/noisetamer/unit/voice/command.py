"""The command line of the messages: `noisetamer voice add|say|list`."""

import argparse
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from noisetamer.base.errors import UserError
from noisetamer.base.output import spare
from noisetamer.sound.recording.recording import read
from noisetamer.unit.policy.messages import VOICES
from noisetamer.unit.voice import catalogue, espeak
from noisetamer.unit.voice.prepare import Prepared, prepare
from noisetamer.unit.voice.preview import preview


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `noisetamer voice` takes."""
    verbs = parser.add_subparsers(dest="voice_verb", required=True, metavar="VERB")

    add = verbs.add_parser("add", help="make a message of a recording")
    add.add_argument("file", type=Path, help="a sound file, 8 to 192 kHz")
    add.add_argument("--channel", type=int, metavar="N", help="counted from 1")
    add.add_argument("--name", metavar="N", help="of the message (default: the file's)")
    add.add_argument("--text", default="", help="what it says, for page and panel")

    say = verbs.add_parser("say", help="make a message of a text, by espeak-ng")
    say.add_argument("text", help="what is to be said")
    say.add_argument("--name", metavar="N", help="keep it under this name")

    shown = verbs.add_parser("list", help="the messages there are")
    shown.add_argument("name", nargs="?", help="only this one")

    for verb in (add, say):
        verb.add_argument(
            "--language", choices=sorted(espeak.SPEAKERS), help="default: by the text's characters"
        )
        verb.add_argument("--replace", action="store_true", help="a message of the same name")
    for verb in (add, say, shown):
        verb.add_argument(
            "--voices", type=Path, default=VOICES, metavar="DIR", help="where the messages are"
        )
        verb.add_argument(
            "--preview", type=Path, metavar="FILE.wav", help="as it leaves the loudspeaker"
        )
        verb.add_argument(
            "--volume", type=_volume, default=0.0, metavar="DB", help="of the preview, re full"
        )


def run_command(arguments: argparse.Namespace) -> int:
    """Raises UserError for what the user can mend."""
    {"add": _add, "say": _say, "list": _list}[arguments.voice_verb](arguments)
    return 0


def _add(arguments: argparse.Namespace) -> None:
    file: Path = arguments.file
    name = _name_of(file) if arguments.name is None else arguments.name
    catalogue.must_be_free(arguments.voices, name, arguments.replace)
    if arguments.preview:
        spare([file], arguments.preview)
    recording = read(file, arguments.channel)
    for note in recording.notes:
        print(f"note: {note}")
    message = prepare(recording.samples, recording.rate, str(file))
    language = arguments.language or (espeak.language_of(arguments.text) if arguments.text else "")
    made = f"recording {file.name}"
    _keep(arguments, name, message, arguments.text, language, made)


def _say(arguments: argparse.Namespace) -> None:
    if not arguments.text.strip():
        raise UserError("there is no text to say; give one in quotes")
    if arguments.name is None and arguments.preview is None:
        raise UserError("give --name to keep the message, or --preview to hear it first")
    if arguments.name is not None:
        catalogue.must_be_free(arguments.voices, arguments.name, arguments.replace)
    language = arguments.language or espeak.language_of(arguments.text)
    speech = espeak.say(arguments.text, language)
    message = prepare(speech.samples, speech.rate, f'"{arguments.text}"')
    made = speech.made
    if arguments.name is not None:
        _keep(arguments, arguments.name, message, arguments.text, language, made)
        return
    with tempfile.TemporaryDirectory() as folder:
        catalogue.put(Path(folder), "said", message, arguments.text, language, made)
        _preview(arguments, catalogue.file_of(Path(folder), "said"))


def _list(arguments: argparse.Namespace) -> None:
    entries = catalogue.entries(arguments.voices)
    name: str | None = arguments.name
    if name is None:
        if arguments.preview:
            raise UserError("say which message is to be heard: voice list NAME --preview FILE")
        _show(arguments.voices, entries)
        return
    if name not in entries:
        there = ", ".join(entries)
        raise UserError(f"{arguments.voices}: there is no message {name}; there is: {there}")
    _show(arguments.voices, {name: entries[name]})
    if arguments.preview:
        _preview(arguments, catalogue.file_of(arguments.voices, name))


def _keep(
    arguments: argparse.Namespace,
    name: str,
    message: Prepared,
    text: str,
    language: str,
    made: str,
) -> None:
    entry = catalogue.put(arguments.voices, name, message, text, language, made)
    _show(arguments.voices, {name: entry})
    if arguments.preview:
        _preview(arguments, catalogue.file_of(arguments.voices, name))


def _preview(arguments: argparse.Namespace, message: Path) -> None:
    spare([message], arguments.preview)
    preview(message, arguments.volume, arguments.preview)
    print(f"{arguments.preview}: as it leaves the loudspeaker at {arguments.volume:g} dB")


def _show(folder: Path, entries: dict[str, catalogue.Entry]) -> None:
    table = Table("name", box=None, pad_edge=False)
    table.add_column("text", overflow="fold")
    for column in ("s", "LUFS", "bytes"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, entry in entries.items():
        size = catalogue.file_of(folder, name).stat().st_size
        table.add_row(name, entry.text, f"{entry.length:.1f}", f"{entry.loudness:.1f}", str(size))
    Console(highlight=False).print(table)


def _name_of(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")[:32]


def _volume(text: str) -> float:
    volume = float(text)
    if not -60 <= volume <= 0:
        raise argparse.ArgumentTypeError("a volume is from -60 to 0 dB re full")
    return volume
