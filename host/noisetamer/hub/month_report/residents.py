"""The pages for residents: plain words, big pictures, no names. Pure."""

import statistics

from noisetamer.hub.month_report import blocks
from noisetamer.hub.month_report.blocks import Block
from noisetamer.hub.month_report.facts import BeforeAfter, Box, MonthFacts
from noisetamer.hub.month_report.wording import Words
from noisetamer.hub.open_day.question import Question

CALENDAR, EVENING, WEEK, HUNDRED = "calendar", "evening", "week", "hundred"
"""Pictures, by name."""

# Of fewer warnings a share says nothing.
FEWEST = 10
_MOST_QUESTIONS = 12
_MOST_PACTS = 12


def pages(facts: MonthFacts, words: Words) -> list[Block]:
    """All of them."""
    say = words.say
    main = facts.boxes[0]
    below = words.title_of_month()
    if not facts.whole:
        below += say("up_to", when=f"{facts.month.local(facts.until):%Y-%m-%d %H:%M}")
    camera = say("recorded_camera_on" if facts.camera else "recorded_camera_off")
    simulated = any(box.simulated for box in facts.boxes)
    return [
        blocks.head(
            say("title", square=facts.square), below, say("simulated") if simulated else ""
        ),
        blocks.box("", _in_short(facts, words)),
        blocks.heading(say("calendar")),
        blocks.words(_of_box(facts, main, words) + say("calendar_how"), big=True),
        blocks.picture(CALENDAR),
        blocks.new_page(),
        blocks.heading(say("evening")),
        blocks.words(_evening(main, words), big=True),
        blocks.picture(EVENING),
        blocks.heading(say("week")),
        blocks.words(say("week_how"), big=True),
        blocks.picture(WEEK),
        blocks.new_page(),
        blocks.heading(say("warnings")),
        *_warnings(facts, words),
        blocks.heading(say("before_after")),
        blocks.words(before_after(facts, words), big=True),
        *_pacts(facts, words),
        *_open_day(facts, words),
        blocks.new_page(),
        blocks.heading(say("recorded")),
        blocks.items([say("recorded_levels"), say("recorded_doings"), camera], big=True),
        blocks.heading(say("not_recorded"), 2),
        blocks.items([say(f"not_recorded_{n}") for n in range(1, 4)], big=True),
        blocks.heading(say("cannot_know")),
        blocks.items(
            [
                *(say(f"cannot_know_{n}") for n in range(1, 6)),
                *(words.blind_spot(one) for one in facts.blind_spots),
            ],
            big=True,
        ),
        blocks.heading(say("ask")),
        *_ask(facts, words),
    ]


def _in_short(facts: MonthFacts, words: Words) -> list[str]:
    """What one has to know, a sentence each."""
    main = facts.boxes[0]
    said = [_typical(main, words)]
    overs = [day.over for day in main.days if day.over is not None]
    if overs and main.whole.valid:
        said.append(
            words.say(
                "short_over",
                over=words.lasts(sum(overs)),
                share=words.share(sum(overs), main.whole.valid),
                days=sum(over > 0 for over in overs),
            )
        )
    of = facts.warnings.together
    said.append(words.count("short_warned", of.given))
    if (quiet := of_a_hundred(facts)) is not None:
        said.append(words.say("short_quiet", n=quiet))
    if facts.complaints.known_since is not None:
        said.append(words.count("short_complaints", facts.complaints.count))
    said.append(words.say("short_heard", share=words.share(main.whole.valid, main.whole.seconds)))
    return said


def _typical(main: Box, words: Words) -> str:
    levels = [day.evening for day in main.days if day.evening is not None]
    if not levels:
        return words.say("short_level_unknown", of=len(main.days))
    return words.say(
        "short_level",
        level=f"{statistics.median(levels) / 10:.0f}",
        days=len(levels),
        of=len(main.days),
    )


def _of_box(facts: MonthFacts, main: Box, words: Words) -> str:
    """Whose figures the pictures are, where there are several."""
    if len(facts.boxes) == 1:
        return ""
    return words.say("of_box", box=words.box(main), count=len(facts.boxes))


def _evening(main: Box, words: Words) -> str:
    known = [slot.days for slot in main.evening if slot.days]
    if not known:
        return words.say("evening_unknown")
    return words.say("evening_how", least=min(known), most=max(known))


def _warnings(facts: MonthFacts, words: Words) -> list[Block]:
    of, all_of_it = facts.warnings.together, facts.warnings
    if not of.given:
        return [blocks.words(words.say("warnings_none"), big=True)]
    lines = [words.count("warnings_given", of.given)]
    if of.judged < of.given:
        lines.append(words.count("warnings_unjudged", of.given - of.judged))
    if all_of_it.spells:
        lines.append(
            words.say("warnings_alone", spells=f"{all_of_it.spells:,}", alone=all_of_it.alone)
        )
    if all_of_it.over:
        lines.append(words.count("warnings_relapses", all_of_it.relapses))
    if (quiet := of_a_hundred(facts)) is None:
        few = words.say("warnings_few", judged=of.judged)
        return [blocks.words(few, big=True), blocks.items(lines, big=True)]
    value = words.say("hundred", n=quiet)
    if of.share.low is not None and of.share.high is not None:
        sure = words.say(
            "hundred_sure", low=f"{100 * of.share.low:.0f}", high=f"{100 * of.share.high:.0f}"
        )
        lines.insert(0, sure)
    return [blocks.beside(HUNDRED, value, lines)]


def before_after(facts: MonthFacts, words: Words) -> str:
    """One honest sentence."""
    if facts.complaints.known_since is None:
        return words.say("change_none")
    change = facts.complaints.change
    if change is None:
        return words.say("change_no_before", since=words.day(facts.complaints.known_since))
    return _change(change, words)


def _change(of: BeforeAfter, words: Words) -> str:
    counts = {
        "before": of.before,
        "days_before": of.days_before,
        "after": of.after,
        "days_after": of.days_after,
        "split": words.day(of.split),
    }
    ratio = of.ratio
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return words.say("change_few", **counts)
    low, high = (100 * (end - 1) for end in (ratio.low, ratio.high))
    if high < 0:
        said = words.say("change_fell", low=f"{-high:.0f}", high=f"{-low:.0f}", **counts)
    elif low > 0:
        said = words.say("change_rose", low=f"{low:.0f}", high=f"{high:.0f}", **counts)
    else:
        said = words.say("change_unsure", low=f"{low:+.0f}", high=f"{high:+.0f}", **counts)
    return said + words.say(f"change_season_{of.season}")


def _pacts(facts: MonthFacts, words: Words) -> list[Block]:
    """By place and hours: a pact is known by them, and no group need be named."""
    if not facts.pacts:
        return []
    rows = [
        [
            one.place,
            words.hours(one.since, one.until),
            words.limit(one.limit),
            *(str(n) for n in (one.kept, one.broken, one.unknown)),
        ]
        for one in facts.pacts[:_MOST_PACTS]
    ]
    heads = [words.say(f"pact_{name}") for name in ("place", "hours", "limit")]
    heads += [words.say(f"pact_{name}") for name in ("kept", "broken", "unknown")]
    found = [
        blocks.heading(words.say("pacts")),
        blocks.words(words.say("pacts_how"), big=True),
        blocks.table(heads, rows, (2, 1.3, 0.8, 0.8, 0.8, 0.8), (2, 3, 4, 5), big=True),
    ]
    if more := len(facts.pacts) - _MOST_PACTS:
        found += [blocks.words(words.say("more", count=more), faint=True)] if more > 0 else []
    return found


def _open_day(facts: MonthFacts, words: Words) -> list[Block]:
    of = facts.open_day
    title = words.say("open_day")
    if of.held is None:
        return [blocks.heading(title), blocks.words(words.say("open_day_none"), big=True)]
    rows = [[one.text, _answer(one, words)] for one in of.questions[:_MOST_QUESTIONS]]
    found = [
        blocks.heading(words.say("open_day_on", day=words.day(of.held))),
        blocks.table([words.say("question"), words.say("answer")], rows, (1, 1.2), big=True),
    ]
    if (more := len(of.questions) - _MOST_QUESTIONS) > 0:
        found.append(blocks.words(words.say("more", count=more), faint=True))
    return found


def _answer(one: Question, words: Words) -> str:
    if one.done is not None:
        said = words.say("answer_done", day=words.day(one.done))
        return f"{said} {one.answer}".strip()
    until = words.say("answer_until", day=words.day(one.until)) if one.until else ""
    return " ".join(filter(None, (words.say("answer_open"), until, one.answer)))


def _ask(facts: MonthFacts, words: Words) -> list[Block]:
    said = [facts.contact or words.say("ask_nobody")]
    if facts.open_day.next is not None:
        said.append(words.say("next_open_day", day=words.day(facts.open_day.next)))
    return [blocks.box("", said, "good-pale")]


def of_a_hundred(facts: MonthFacts) -> int | None:
    """How many of a hundred warnings were followed by quiet; None where too few are known."""
    of = facts.warnings.together
    if of.judged < FEWEST or of.share.value is None:
        return None
    return round(100 * of.share.value)
