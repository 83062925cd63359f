"""Virtual boards behind real ports. Importing this teaches pyserial the board:// scheme."""

from typing import TYPE_CHECKING

import serial

if TYPE_CHECKING:
    from noisetamer.virtual.board.board import VirtualBoard
    from noisetamer.virtual.board.fake_image import make_image

__all__ = ["VirtualBoard", "make_image"]

if __name__ not in serial.protocol_handler_packages:
    serial.protocol_handler_packages.append(__name__)


def __getattr__(name: str) -> object:
    # Loaded on demand: a program that only opens a port needs neither.
    if name == "VirtualBoard":
        from noisetamer.virtual.board.board import VirtualBoard

        return VirtualBoard
    if name == "make_image":
        from noisetamer.virtual.board.fake_image import make_image

        return make_image
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
