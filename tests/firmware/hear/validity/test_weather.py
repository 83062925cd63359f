"""Cups and a rain contact, handed in made: what they feel voids the seconds it is felt in."""

from pathlib import Path

import pytest
from folders import ON_BOX
from stand import Stand

from tamer.record.reading import MISSING, POWER, RAIN, VALID, WIND, reason

pytestmark = pytest.mark.device


def test_gusts_and_rain_void_their_seconds_and_no_others(tmp_path: Path):
    calm, storm = [2.0] * 6, [9.0] * 6
    box = Stand(tmp_path, ON_BOX / "main_weather.py", gusts=[*calm, *storm, *calm], rain=[15, 17])
    heard = box.run(18).seconds()
    told = [reason(second) for second in heard]
    assert told[0] == POWER
    # A gust is a mean of 3 s: two stormy seconds of three are enough.
    assert told[1:7] == [VALID] * 6
    assert told[7:13] == [WIND] * 6
    assert told[13:15] == [VALID] * 2
    assert told[15:17] == [RAIN] * 2
    assert all(second.LAeq != MISSING for second in heard)
