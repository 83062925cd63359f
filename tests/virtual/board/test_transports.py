"""Programs that know no board:// reach a board by RFC 2217, a bare socket or a device file."""

from pathlib import Path

import pytest
from real_tools import esptool, flash, mpremote

from noisetamer.virtual.board import VirtualBoard

pytestmark = pytest.mark.tools


def test_one_rfc2217_port_for_esptool_and_mpremote(tmp_path: Path):
    with VirtualBoard("esp32", flash(tmp_path / "board", "esp32")) as board:
        url = board.rfc2217_url
        assert "ESP32-D0WD-V3" in esptool(board, "--no-stub", "read-mac", url=url)
        # esptool let go of reset with DTR off, so MicroPython runs again.
        assert mpremote(board, "eval", "6*7", url=url).strip() == "42"


def test_a_socket_or_a_device_file_needs_the_boot_button(tmp_path: Path):
    with VirtualBoard("esp32c3", flash(tmp_path / "board", "esp32c3")) as board:
        board.unplug()
        board.plug(boot_button=True)
        assert "ESP32-C3" in esptool(board, "flash-id", url=board.socket_url)
        path = board.pty()
        assert "ESP32-C3" in esptool(board, "--before", "no-reset", "read-mac", url=path)
        board.unplug()
        board.plug()
        assert mpremote(board, "eval", "6*7", url=board.pty()).strip() == "42"
