"""Python loads this at its start where this folder is on PYTHONPATH: programs that know nothing
of virtual boards can then open board://."""

import sys
from pathlib import Path

import serial

sys.path.append(str(Path(__file__).parents[4]))
serial.protocol_handler_packages.append("noisetamer.virtual.board")
