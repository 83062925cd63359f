"""What a technician reads: whole lines where there is no terminal, and a last line for him."""

import io
import re
import sys
import threading

import pytest

from noisetamer.workshop.flash.job import FlashOutcome, Progress
from noisetamer.workshop.flash.port_table import PortTable, mark, standing, verdict

PASSED = FlashOutcome("usb1", "NT1-2611-0001", passed=True, changed=True)
OPEN = FlashOutcome("usb2", "NT1-2611-0002", passed=True, changed=True, left="1 not run (hub)")
FAILED = FlashOutcome("usb3", "NT1-2611-0003", step="image", reason="it is odd: look at it")


class Written(io.StringIO):
    """Notes each write."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)


def test_without_a_terminal_each_line_is_written_in_one_piece(monkeypatch: pytest.MonkeyPatch):
    out, errors = Written(), Written()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", errors)
    names = [f"usb{n}" for n in range(8)]
    with PortTable(names) as table:
        assert table.ask is None

        def work(name: str) -> None:
            for step, doing in (("image", ""), ("burn-in", "tone"), ("burn-in", "hub")):
                for done in range(3):
                    table.report(Progress(name, "", step, done, 3, doing=doing))
            table.ended(FlashOutcome(name, passed=True, changed=True))

        threads = [threading.Thread(target=work, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(errors.pieces) == 3 * len(names)
    for piece in errors.pieces:
        assert re.fullmatch(r"usb\d -: (image|burn-in, tone|burn-in, hub)\n", piece)
    assert sorted(out.pieces) == [f"PASS no unit on {name}\n" for name in names]


def test_what_is_left_is_no_clean_pass():
    assert [mark(one) for one in (PASSED, OPEN, FAILED)] == ["PASS", "OPEN", "FAIL"]
    assert verdict(PASSED) == "PASS NT1-2611-0001 on usb1"
    assert verdict(OPEN) == "OPEN NT1-2611-0002 on usb2: left: 1 not run (hub)"
    assert verdict(FAILED) == "FAIL NT1-2611-0003 on usb3, image: it is odd: look at it"


def test_the_last_line_says_what_to_do():
    again = "do what the reason says, then run the same command again"
    assert standing([PASSED], 1) == "1 of 1 pass"
    assert standing([PASSED, OPEN], 2) == (
        "2 of 2 pass, 1 of them with something left: 1 not run (hub)"
    )
    assert standing([PASSED, FAILED], 2) == f"1 of 2 pass, 1 failed: {again}"
