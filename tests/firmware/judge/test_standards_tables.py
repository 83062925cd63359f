"""The firmware's tables are the standards' own."""

from noisetamer.sound.standards import gb
from tamer.judge import policy
from tamer.judge.area_limits import LIMITS
from tamer.judge.background import corrected
from tamer.judge.rules import ruling

NIGHT = 1795536000  # 2026-11-25 00:00 in China


def test_the_firmware_knows_the_limits_of_the_standards_and_no_others():
    table: dict[str, dict[str, tuple[int, int]]] = {}
    for row in gb.area_limits():
        table.setdefault(row.standard, {})[row.name] = round(row.day * 10), round(row.night * 10)
    assert table == LIMITS


def test_sudden_noise_at_night_has_the_limit_of_the_standard():
    for row in gb.area_limits():
        read = policy.read({"area": {"standard": row.standard, "class": row.name}})
        if row.night_sudden is not None:
            assert ruling(read, NIGHT).sudden == row.night_sudden * 10


def test_the_background_is_taken_off_as_the_standard_does():
    for row in gb.background_corrections():
        for difference in range(row.least, (row.most or row.least + 30) + 1):
            assert corrected(700, 7000 - 100 * difference) == 700 + 10 * row.correction
    least = min(row.least for row in gb.background_corrections())
    assert corrected(700, 7000 - 100 * (least - 1)) is None
