"""Pack the glyphs of the panel:  noisetamer glyphs [--policy FILE] [--text TEXT]"""

import argparse
import sys
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.unit.files import glyphs
from noisetamer.unit.files.glyph_sources import UNIFONT
from noisetamer.unit.policy import file


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy", action="append", default=[], metavar="FILE", help="pack its panel's text too"
    )
    parser.add_argument("--text", action="append", default=[], help="pack its characters too")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; say which characters are not packed"
    )
    parser.add_argument(
        "--font", type=Path, default=UNIFONT, metavar="FILE", help="GNU Unifont, .hex format"
    )
    parser.add_argument(
        "--out", type=Path, default=glyphs.FONTS, metavar="DIR", help="where the packed files go"
    )


def run_command(arguments: argparse.Namespace) -> int:
    own = [file.load(policy).policy().panel.text for policy in arguments.policy] + arguments.text
    if not arguments.check:
        files = {
            "small": glyphs.small(),
            "large": glyphs.large(),
            "unifont": glyphs.letters(glyphs.shipped_texts() + own, arguments.font),
        }
        try:
            arguments.out.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (arguments.out / f"{name}.glyphs").write_bytes(content)
                print(f"{name}.glyphs: {len(content)} bytes")
        except OSError as error:
            raise UserError(f"{arguments.out} cannot be written: {error.strerror}.") from None
    lacking = glyphs.boxes("".join(own), arguments.out)
    for character in lacking:
        print(f"{character} (U+{ord(character):04X}) will be a box", file=sys.stderr)
    return 1 if lacking else 0
