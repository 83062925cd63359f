"""python -m noisetamer.virtual.board: one board to try things on by hand."""

import argparse
import sys
import threading
from contextlib import suppress
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.unit.boards import check
from noisetamer.virtual.board import VirtualBoard
from noisetamer.virtual.board.acoustics import tone
from noisetamer.virtual.board.faults import KINDS
from noisetamer.virtual.board.sound import Sound


def main() -> int:
    """The exit code: 0 after Ctrl-C, 2 for impossible options."""
    parser = argparse.ArgumentParser(
        prog="python -m noisetamer.virtual.board",
        description="a virtual board until Ctrl-C",
        epilog="faults: " + "; ".join(f"{name}: {kind.does}" for name, kind in KINDS.items()),
    )
    parser.add_argument("folder", type=Path, help="keeps its flash")
    parser.add_argument("--board", default="esp32_s3", metavar="NAME", help="a file in boards/")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[:VALUE]")
    parser.add_argument(
        "--tone", type=_tone, metavar="HZ:DB", help="a calibrator on its microphone"
    )
    parser.add_argument("--boot", action="store_true", help="plug it in with its boot button held")
    arguments = parser.parse_args()
    try:
        with VirtualBoard.of(
            check.working(arguments.board),
            arguments.folder,
            faults=tuple(arguments.fault),
            sound=arguments.tone,
        ) as board:
            if arguments.boot:
                board.unplug()
                board.plug(boot_button=True)
            print(f"{board.chip.title}, MAC {board.mac}")
            print(f"any program with pyserial:  {board.rfc2217_url}")
            print(f"fast, without DTR and RTS:  {board.socket_url}")
            print(f"programs of noisetamer:     {board.url}", flush=True)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    except UserError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


def _tone(text: str) -> Sound:
    hertz, dB = text.split(":")
    return tone(float(hertz), float(dB))


if __name__ == "__main__":
    sys.exit(main())
