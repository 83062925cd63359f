"""A story in which nothing happens ends with the reason."""

from noisetamer.demo.command import never_loud


def end(loudest: float | None, red: bool = False) -> dict:
    return {"unit": "SIM-0001", "ended": loudest, "limit": 65.0, "red": red}


def test_it_says_how_loud_it_was_and_what_the_limit_was():
    said = never_loud([end(54.0), end(58.24), end(None)])
    assert said
    assert "the loudest second had 58.2 dB, the limit was 65." in said


def test_where_it_was_red_or_nothing_was_heard_there_is_nothing_to_say():
    assert never_loud([end(54.0), end(72.0, red=True)]) is None
    assert never_loud([end(None)]) is None
