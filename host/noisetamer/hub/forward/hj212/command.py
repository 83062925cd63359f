"""HJ 212 on the command line: `noisetamer forward hj212`, frames explained and a platform to try
with.
"""

import argparse
import asyncio
import re
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.hub.forward.hj212 import codes, crc, dry_run, explain, settings
from noisetamer.hub.forward.hj212.frame import Frame, Malformed
from noisetamer.hub.forward.hj212.simulator import Simulator, request


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of `noisetamer forward hj212`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--dry-run", action="store_true", help="print what would be sent, each field explained"
    )
    what.add_argument(
        "--explain", metavar="FRAME", help="a frame from elsewhere; -: standard input"
    )
    what.add_argument("--platform", type=int, metavar="PORT", help="be a platform, to try with")
    dry = parser.add_argument_group("of --dry-run")
    dry.add_argument(
        "--data", type=Path, metavar="DIR", help="the hub's; without it sample values"
    )
    dry.add_argument("--only", default="", metavar="NAME", help="this destination of forward.toml")
    dry.add_argument("--unit", default="", metavar="ID", help="this unit (default: each)")
    dry.add_argument(
        "--kind",
        choices=dry_run.KINDS,
        action="append",
        help="of data (default: minute); again for more",
    )
    dry.add_argument(
        "--version", choices=("2017", "2025"), default="2025", help="of the sample (%(default)s)"
    )
    how = parser.add_argument_group("of frames without a forward.toml")
    how.add_argument("--crc", choices=crc.KINDS, default="standard", help="(%(default)s)")
    how.add_argument("--key-file", type=Path, metavar="FILE", help="holds the SM4 key")
    acting = parser.add_argument_group("of --platform")
    acting.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="(%(default)s)")
    acting.add_argument(
        "--hold",
        type=int,
        default=0,
        metavar="N",
        help="answer nothing the first N times it comes",
    )
    acting.add_argument(
        "--ask",
        action="append",
        default=[],
        metavar="CN[:DATA]",
        help="once a device has said something: 1011, or 1062:RtdInterval=60; again for more",
    )
    acting.add_argument(
        "--for", dest="seconds", type=float, metavar="S", help="end by itself after so many s"
    )


def run(arguments: argparse.Namespace) -> int:
    """Raises UserError."""
    key = _key(arguments.key_file)
    if arguments.platform is not None:
        return _act(arguments, key)
    kinds = arguments.kind or ["minute"]
    if arguments.explain is not None:
        text = sys.stdin.read() if arguments.explain == "-" else arguments.explain
        # logs and papers write the end as four characters, or leave it out
        data = text.strip().removesuffix(r"\r\n").encode() + b"\r\n"
        _show(dry_run.Written("", data, arguments.crc, key))
    elif arguments.data is None:
        for one in dry_run.samples(arguments.version, arguments.crc, key, kinds):
            _show(one)
    else:
        for one in dry_run.of_hub(arguments.data, arguments.only, arguments.unit, kinds):
            _show(one)
    return 0


def _key(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        key = settings.key_of(file.read_text().strip())
    except UnicodeDecodeError:
        raise UserError(f"{file}: is not UTF-8 text") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror or error}") from None
    if key is None:
        raise UserError(f"{file}: holds no key of 16 characters or 32 hexadecimal digits")
    return key


def _show(one: dry_run.Written) -> None:
    """A frame and its parts. Raises UserError."""
    console = Console(highlight=False, soft_wrap=True)
    if one.said:
        console.print(say(one.said), markup=False, style="bold")
    if not one.data:
        return
    try:
        parts = list(explain.parts(one.data, one.crc, one.key))
    except Malformed as why:
        raise UserError(f"it is no frame of HJ 212: it {why}") from None
    console.print(one.data.decode().rstrip(), markup=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("field", "value", "meaning"):
        table.add_column(say(heading), no_wrap=heading == "field", overflow="fold")
    for part in parts:
        table.add_row(Text(say(part.name)), Text(part.written), Text(say(part.meaning)))
    Console(highlight=False).print(table)
    console.print()


def _act(arguments: argparse.Namespace, key: bytes | None) -> int:
    """Be a platform until interrupted. Raises UserError."""
    asked = [_asked(text) for text in arguments.ask]
    try:
        asyncio.run(_serve(arguments, key, asked))
    except OSError as error:
        raise UserError(
            f"--platform {arguments.platform}: {error.strerror or error}; give another port"
        ) from None
    return 0


def _asked(text: str) -> tuple[str, str]:
    command, _, area = text.partition(":")
    if not re.fullmatch(r"\d{4}", command):
        raise UserError(f"--ask {text}: begins with a command of four digits, such as 1011")
    return command, area


async def _serve(
    arguments: argparse.Namespace, key: bytes | None, asked: list[tuple[str, str]]
) -> None:
    waiting = list(asked)

    def told(way: str, data: bytes, one: Frame | Malformed) -> None:
        if isinstance(one, Malformed):
            meant = f"it is no frame of HJ 212: it {one}"
        else:
            meant = codes.COMMANDS.get(one.CN, "not known here")
        text = data.decode("utf-8", "replace").rstrip()
        arrow = "<" if way == "in" else ">"
        # at once: whoever tries a device looks on, or reads a file that is cut off
        print(f"{time.strftime('%H:%M:%S')} {arrow} {text}  ({say(meant)})", flush=True)

    simulator = Simulator(
        arguments.crc, key, lambda one, times: times <= arguments.hold, told=told
    )
    await simulator.start(arguments.platform, arguments.bind)
    what = "a platform of HJ 212 at {place}, crc = {given}; Ctrl-C ends it"
    place = f"{arguments.bind}:{simulator.port}"
    print(say(what, place=place, given=arguments.crc), flush=True)
    try:
        async with asyncio.timeout(arguments.seconds):
            await simulator.until(lambda heard: bool(heard.frames), float("inf"))
            for number, (command, area) in enumerate(waiting, 1):
                device = simulator.heard.frames[-1]
                await simulator.ask(
                    device.MN, request(device, command, area, time.time() + number / 1000)
                )
            await asyncio.Event().wait()
    except TimeoutError:
        pass
    finally:
        await simulator.close()
