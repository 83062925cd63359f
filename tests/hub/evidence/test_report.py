"""Two pages, one in each language, however much there is to say."""

import pypdfium2
import pytest
from told_records import TIMES, T

from noisetamer.hub.evidence import curve, papers, report
from noisetamer.hub.evidence.account import Words
from noisetamer.hub.evidence.facts import Facts, Loudest, Spell, Warned
from noisetamer.hub.evidence.records import Told
from noisetamer.hub.words.i18n import LANGUAGES, read_texts
from tamer.record.reading import REASONS

pytestmark = pytest.mark.host
UNITS = [f"NT1-2611-000{number}-ABCDEFGH" for number in range(5)]
DAY = 86_400


def of(unit: str) -> Facts:
    """All that can be wrong in a long time."""
    return Facts(
        unit=unit,
        since=T,
        until=T + DAY,
        seconds=DAY,
        valid=DAY // 3,
        not_valid={reason: 1234 + number for number, reason in enumerate(REASONS[1:])},
        limits=((T, 650), (T + 100, 550), (T + 200, 600)),
        over=1234,
        spells=tuple(Spell(t, t + 50) for t in range(T, T + 3000, 100)),
        loudest=Loudest(T, 912),
        warnings=tuple(Warned(T + n, n, "long", "firm", n % 2 == 0, 1234) for n in range(50)),
        handed=(),
        own_voice=(),
        stages=(),
        ordered=((T, 7),),
    )


def test_however_much_there_is_to_say_each_language_has_one_page():
    texts = read_texts()
    places = {unit: "人民公园东南角文化广场第三舞台" for unit in UNITS}
    messages = {"long": "为了他人正常生活，请您现在就降低音量，" * 5}
    words = [Words(texts[language], TIMES, messages, places) for language in LANGUAGES]
    found = [of(unit) for unit in UNITS]
    quality = report.Quality(
        clocks={
            unit: Told(T, 1, 1, "clock", {"source": "hub", "step": 12}, b"") for unit in UNITS
        },
        checks={},
        policies={f"{n:012x}": "很长的策略名称" * 5 if n % 2 else None for n in range(9)},
        findings=["gap"] * 5 + ["break"] * 3,
        chained=True,
        pictures=None,
    )
    about = report.About("广场" * 20, 17, T, T + DAY, "hub" * 20, T + DAY)
    pages = [report.page(one, about, found, quality, {}) for one in words]
    drawn = papers.draw(
        {
            "report": report.report(pages, words, loud=True),
            "series": [
                vars(curve.Series(unit, T, T + DAY, [], [(T, 65.0)], [(T, "red")], [], []))
                for unit in UNITS
            ],
            "shown": report.UNITS,
            "utc_offset": TIMES.utc_offset,
            "words": [curve.words_of(one.texts) for one in words],
        }
    )
    document = pypdfium2.PdfDocument(drawn[papers.REPORT])
    assert len(document) == 2
    for page, last in zip(document, ("没有记录的时间里", "nothing was recorded"), strict=True):
        assert last in "".join(page.get_textpage().get_text_bounded().splitlines())
    assert drawn[papers.CURVE].startswith(b"<?xml")
