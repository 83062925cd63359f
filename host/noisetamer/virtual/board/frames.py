"""Frames of the board:// scheme, both ways: kind, length of the body, body."""

import struct

FRAME = struct.Struct(">cI")

DATA = b"d"
LINES = b"l"  # one byte: DTR in bit 0, RTS in bit 1
BAUD = b"b"  # big-endian word
DONE = b"k"  # the board has acted on LINES or BAUD
OPENED = b"o"  # first of all: one byte, 0 or the errno of a refusal
