"""Who looks at the lamps, and that the unit stays awake meanwhile."""

import threading

import pytest

from noisetamer.base.errors import UserError
from noisetamer.workshop.burn_in.operator import Ammeter, Nobody, Onlooker, Seen


def nothing() -> None:
    pass


def test_a_question_is_asked_until_there_is_an_answer():
    answers = iter(["what?", "", "Yes"])
    assert Onlooker(lambda question: next(answers)).sees("Red", nothing) == Seen(True)


def test_the_unit_is_fed_while_the_technician_thinks():
    fed = threading.Semaphore(0)

    def thinks(question: str) -> str:
        for _ in range(3):
            fed.acquire()
        return "n"

    seen = Onlooker(thinks, feed_every_s=0.001).sees("Red", fed.release)
    assert seen == Seen(False)


def test_readings_are_numbers_with_point_or_comma(capsys: pytest.CaptureFixture[str]):
    answers = iter(["much", "412,5"])
    assert Ammeter(lambda question: next(answers)).sees("Red", nothing) == Seen(None, 412.5)
    assert "Type a number" in capsys.readouterr().err


def test_without_a_terminal_the_way_out_is_named():
    def closed(question: str) -> str:
        raise EOFError

    with pytest.raises(UserError, match="add --unattended"):
        Onlooker(closed).sees("Red", nothing)


def test_an_unattended_run_confirms_nothing():
    assert Nobody().sees("Red", nothing) == Seen(None)
