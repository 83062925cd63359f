"""Who plays is looked up for the incidents; where it cannot be, nobody's call waits for it."""

from contextlib import closing
from pathlib import Path

import pytest
from permits_of_tests import EAST, EVENING, SQUARE, at

from noisetamer.hub import serve
from noisetamer.hub.around import around_of
from noisetamer.hub.incidents.roster import Playing


def test_groups_with_a_permit_are_named_with_their_leaders_account(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(around_of(tmp_path)) as around:
        asked = around.permits.apply(EVENING, EAST)
        during = at("2026-11-03 19:30")
        assert serve._playing(around, SQUARE, during) == []
        around.permits.decide(asked.id, "approved", "li")
        assert serve._playing(around, SQUARE, during) == [Playing("东门舞队", "leader-1")]
        assert serve._playing(around, SQUARE, at("2026-11-03 20:30")) == []
        around.permits.close()
        assert serve._playing(around, SQUARE, during) == []
        assert "all leaders are called" in caplog.text
