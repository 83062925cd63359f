"""python -m noisetamer.virtual.board, as somebody tries it."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest
from mpremote.transport_serial import SerialTransport
from real_tools import answer, flash
from waiting import DEADLINE

pytestmark = pytest.mark.tools

COMMAND = (sys.executable, "-m", "noisetamer.virtual.board")


@pytest.mark.parametrize("started_by", [[], ["nohup"]], ids=["a shell", "nohup"])
def test_it_tells_its_addresses_and_its_interpreter_ends_with_it(
    started_by: list[str], tmp_path: Path
):
    with subprocess.Popen(
        [*started_by, *COMMAND, flash(tmp_path / "board")], stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout
            said = [program.stdout.readline() for _ in range(4)]
            assert said[0].startswith("ESP32-S3, MAC 24:0a:c4:")
            transport = SerialTransport(said[3].split()[-1])
            transport.enter_raw_repl()
            assert answer(transport, "print(6 * 7)") == "42"
            transport.exec_raw_no_follow("import time\nwhile True:\n    time.sleep(1)")

            threads = Path(f"/proc/{program.pid}/task").glob("*/children")
            (interpreter,) = (int(child) for file in threads for child in file.read_text().split())
            alive = os.pidfd_open(interpreter)
        finally:
            program.kill()
        assert select.select([alive], [], [], DEADLINE)[0]
        os.close(alive)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--board", "esp8266"), "There is no board file esp8266.py in boards/; there is: esp32_"),
        (("--fault", "gremlin"), "no fault is called 'gremlin'"),
    ],
)
def test_what_it_does_not_know_it_refuses(arguments: tuple[str, ...], reason: str, tmp_path: Path):
    ran = subprocess.run(
        [*COMMAND, tmp_path, *arguments], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith(reason)
    assert ran.stderr.count("\n") == 1
