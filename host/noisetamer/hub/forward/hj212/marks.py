"""What a period of ours is marked with: N, F, D, T or B (HJ 212-2017 table 9). Pure.

A period of which enough is valid is N, whatever the rest was: the levels are those of the valid
seconds. Another is marked by what took most of it. To HJ 212 the hub is the data logger and the
box its instrument. M, C and S never come: a box tells of no maintenance, reports nothing while
it is calibrated on the bench, and nobody types a level.
"""

from collections.abc import Mapping

from tamer.record.reading import REASONS, VALID

NOT_RECEIVED = "not received"

MARK: Mapping[str, str] = {
    "power": "F",
    "gap": "D",
    "microphone": "D",
    "overload": "T",
    # No mark means these. F says that it did not measure the square then, which is so.
    "under-range": "F",
    "own voice": "F",
    "wind": "F",
    "rain": "F",
    "clock": "F",
    NOT_RECEIVED: "B",
}
"""{why seconds do not count: mark}."""

assert MARK.keys() == {*REASONS, NOT_RECEIVED} - {REASONS[VALID]}


def of(coverage: float, reasons: Mapping[str, int], least: float) -> str:
    """coverage: valid of all seconds, 0 to 1; reasons: {why: s}; least: coverage that is enough.

    Seconds that were never received count as B, those the box told of by what it said.
    """
    if coverage >= least and coverage > 0:
        return "N"
    by_mark: dict[str, int] = {}
    for why, seconds in reasons.items():
        mark = MARK.get(why, "D")
        by_mark[mark] = by_mark.get(mark, 0) + seconds
    return max(by_mark, key=lambda mark: (by_mark[mark], mark), default="B")
