"""python -m noisetamer.hub: the hub alone, as `noisetamer hub` runs it."""

import argparse
import sys

from noisetamer.base.errors import UserError
from noisetamer.hub.command import add_options, run_command

parser = argparse.ArgumentParser(prog="noisetamer hub")
add_options(parser)
try:
    sys.exit(run_command(parser.parse_args()))
except UserError as error:
    print(f"noisetamer hub: {error}", file=sys.stderr)
    sys.exit(2)
