"""The appendix for the office: every figure with what it is of, and where its limit comes from.
Pure."""

from collections.abc import Mapping, Sequence

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.month_report import blocks, station
from noisetamer.hub.month_report.blocks import Block, Cell
from noisetamer.hub.month_report.facts import Achieved, Box, Day, Levels, MonthFacts
from noisetamer.hub.month_report.residents import before_after
from noisetamer.hub.month_report.wording import Words
from noisetamer.hub.trials.analysis import Trial

COVERAGE = "coverage {number}"
"""Picture of a box, by its number."""

# The hub's page of incidents has all of them.
MOST_INCIDENTS = 300
_MOST_CHECKS = 40


def pages(facts: MonthFacts, words: Words, policies: Mapping[str, str | None]) -> list[Block]:
    """All of them. policies: {first digits of a hash: name, None where its text is not here}"""
    say = words.say
    found = [
        blocks.new_page(),
        blocks.head(say("office"), f"{facts.square} · {words.title_of_month()}"),
        blocks.words(say("office_how"), faint=True),
    ]
    for number, box in enumerate(facts.boxes):
        found += _levels(box, words)
        found += _coverage(facts, box, number, words)
    found += _incidents(facts, words)
    found += _warnings(facts, words)
    found += _complaints(facts, words)
    found += _pacts(facts, words)
    found += _rounds(facts, words)
    for box in facts.boxes:
        found += _checks(box, words)
    found += _station(facts, words)
    found += _policies(facts, words, policies)
    found += [
        blocks.heading(say("method"), 2),
        blocks.items([say(f"method_{n}") for n in range(1, 7)]),
        blocks.heading(say("verify"), 2),
        blocks.items(_verify(facts, words)),
    ]
    return found


def _heads(words: Words, *names: str) -> list[str]:
    return [words.say(f"column_{name}") for name in names]


def _levels(box: Box, words: Words) -> list[Block]:
    rows = [
        [f"{day.date:%m-%d}", *_of_levels(day.levels, words), _over(day, words)]
        for day in box.days
    ]
    overs = [day.over for day in box.days if day.over is not None]
    total = words.lasts(sum(overs)) if overs else words.unknown
    rows.append([words.say("month"), *_of_levels(box.whole, words), total])
    names = ("LAeq", "L10", "L50", "L90", "LAFmax", "Ld", "Ln", "Ldn")
    return [
        blocks.heading(words.say("levels", box=words.box(box)), 2),
        blocks.table(
            [*_heads(words, "day", "heard"), *names, words.say("column_over")],
            rows,
            (1, 1, *[1] * 8, 1.4),
            tuple(range(1, 11)),
            last=True,
        ),
        blocks.words(words.say("levels_how"), faint=True),
    ]


def _of_levels(of: Levels, words: Words) -> list[str]:
    levels = (of.LAeq, of.L10, of.L50, of.L90, of.LAFmax, of.Ld, of.Ln, of.Ldn)
    return [words.share(of.valid, of.seconds), *map(words.level, levels)]


def _over(day: Day, words: Words) -> str:
    if day.over is None or not day.levels.valid:
        return words.unknown
    return words.lasts(day.over)


def _coverage(facts: MonthFacts, box: Box, number: int, words: Words) -> list[Block]:
    counts = {words.say("valid"): box.whole.valid}
    counts |= {words.reason(reason): seconds for reason, seconds in box.lost.items()}
    rows = [
        [what, f"{seconds:,}", words.lasts(seconds), words.share(seconds, facts.seconds)]
        for what, seconds in counts.items()
    ]
    wall = sum(counts.values())
    rows.append(
        [words.say("wall"), f"{wall:,}", words.lasts(wall), words.share(wall, facts.seconds)]
    )
    return [
        blocks.heading(words.say("coverage", box=words.box(box)), 2),
        blocks.picture(COVERAGE.format(number=number)),
        blocks.table(
            _heads(words, "reason", "seconds", "time", "share"),
            rows,
            (2, 1, 1, 1),
            (1, 2, 3),
            last=True,
        ),
    ]


def _incidents(facts: MonthFacts, words: Words) -> list[Block]:
    title = blocks.heading(words.count("incidents", len(facts.incidents)), 2)
    if not facts.incidents:
        return [title, blocks.words(words.say("incidents_none"))]
    shown = facts.incidents
    if len(shown) > MOST_INCIDENTS:
        longest = sorted(
            shown, key=lambda one: (-((one.end or one.begin) - one.begin), one.number)
        )
        kept = {one.number for one in longest[:MOST_INCIDENTS]}
        shown = tuple(one for one in shown if one.number in kept)
    rows: list[list[Cell]] = []
    for one in shown:
        address = f"{facts.page}/incidents/{one.number}" if facts.page else ""
        rows.append(
            [
                blocks.link(f"#{one.number}", address),
                words.moment(one.begin),
                words.unknown if one.end is None else words.lasts(one.end - one.begin),
                words.say(f"kind_{one.kind}"),
                words.say(f"stage_{one.stage}") if one.stage else words.unknown,
                words.level(one.level),
                words.limit(one.limit),
                str(one.warnings),
            ]
        )
    heads = _heads(
        words, "number", "begin", "lasted", "kind", "stage", "highest", "limit", "warnings"
    )
    found = [
        title,
        blocks.table(heads, rows, (0.8, 1.2, 1.2, 1, 1.2, 0.9, 0.8, 0.8), (5, 6, 7)),
    ]
    if len(shown) < len(facts.incidents):
        of = {"shown": len(shown), "count": len(facts.incidents)}
        found.append(blocks.words(words.say("incidents_more", **of), faint=True))
    return found


def _warnings(facts: MonthFacts, words: Words) -> list[Block]:
    of = facts.warnings
    title = blocks.heading(words.say("ways"), 2)
    if not of.ways:
        return [title, blocks.words(words.say("warnings_none"))]
    rows = [_way(way, words) for way in of.ways]
    rows.append([words.say("all"), "", *_way(of.together, words)[2:]])
    heads = _heads(
        words, "stage", "message", "given", "failed", "judged", "quiet", "share_quiet", "median"
    )
    relapses = {"relapses": of.relapses, "over": of.over, "spells": of.spells}
    return [
        title,
        blocks.table(
            heads, rows, (1, 2.4, 0.7, 0.8, 0.8, 0.8, 1.7, 1), (2, 3, 4, 5, 6, 7), last=True
        ),
        blocks.words(
            words.say("ways_relapse", **relapses, share=words.interval(of.relapse_share))
        ),
        blocks.words(words.say("ways_how"), faint=True),
        *(block for one in facts.trials for block in _trial(one, words)),
    ]


def _trial(of: Trial, words: Words) -> list[Block]:
    """Incidents dealt by lot: since the trial began, as its arms are compared over all of it."""
    rows = [
        [
            one.name,
            str(one.incidents),
            _seconds(one.noise, words),
            _seconds(one.took, words),
            words.interval(one.alone),
            words.interval(one.relapsed),
        ]
        for one in of.arms
    ]
    heads = _heads(words, "arm", "incidents", "noise", "took", "alone", "relapsed")
    since = f"{words.month.local(of.first):%Y-%m-%d}"
    return [
        blocks.words(words.say("trial", name=of.name, since=since, count=of.incidents)),
        blocks.table(heads, rows, (1.4, 0.8, 1.5, 1.5, 1.5, 1.5), (1, 2, 3, 4, 5)),
        blocks.words(_compared(of, words)),
    ]


def _compared(of: Trial, words: Words) -> str:
    if not of.compared:
        return words.say("trial_wait", count=of.next_look or "–")
    said = []
    for pair in of.compared:
        key = "trial_found" if pair.found else "trial_not_found"
        shown = _seconds(pair.difference, words)
        said.append(words.say(key, one=pair.one, other=pair.other, difference=shown))
    return " ".join(said)


def _seconds(of: Interval, words: Words) -> str:
    return words.interval(of, 1, " s")


def _way(of: Achieved, words: Words) -> list[str]:
    return [
        words.say(f"stage_{of.stage}") if of.stage else words.unknown,
        words.way(of.stage, of.message),
        *(f"{n:,}" for n in (of.given, of.failed, of.judged, of.quiet)),
        words.interval(of.share) if of.judged else words.unknown,
        words.unknown if of.median is None else words.lasts(of.median),
    ]


def _complaints(facts: MonthFacts, words: Words) -> list[Block]:
    of = facts.complaints
    found: list[Block] = [blocks.heading(words.say("complaints"), 2)]
    if of.known_since is None:
        return [*found, blocks.words(words.say("complaints_none"))]
    sources = words.say("list").join(
        words.say("source", source=words.say(f"source_{name}"), count=count)
        for name, count in of.sources.items()
    )
    told = words.say("complaints_count", count=of.count, sources=sources or words.say("none"))
    found += [blocks.words(told), blocks.words(before_after(facts, words))]
    if of.change is not None:
        change = of.change
        rows = [
            [words.say("before"), *_rate(change.before, change.days_before, words)],
            [words.say("after"), *_rate(change.after, change.days_after, words)],
        ]
        ratio = words.interval(change.ratio, 100)
        found += [
            blocks.table(
                _heads(words, "time", "complaints", "days", "a_week"),
                rows,
                (2, 1, 1, 1),
                (1, 2, 3),
            ),
            blocks.words(words.say("ratio", ratio=ratio, n=change.ratio.n)),
            blocks.words(words.say("ratio_how"), faint=True),
        ]
    return [*found, *(blocks.words(words.blind_spot(one)) for one in facts.blind_spots)]


def _rate(count: int, days: int, words: Words) -> list[str]:
    return [f"{count:,}", f"{days:,}", f"{7 * count / days:.1f}" if days else words.unknown]


def _pacts(facts: MonthFacts, words: Words) -> list[Block]:
    title = blocks.heading(words.say("permits"), 2)
    if not facts.pacts:
        return [title, blocks.words(words.say("permits_none"))]
    rows = [
        [
            *(one.group or words.unknown, one.place, words.days_of_week(one.days)),
            *(words.hours(one.since, one.until), words.limit(one.limit)),
            *(str(n) for n in (one.kept, one.broken, one.unknown)),
            words.level(one.loudest),
        ]
        for one in facts.pacts
    ]
    heads = _heads(words, "group", "place", "days_of", "hours", "limit")
    heads += [words.say(f"pact_{name}") for name in ("kept", "broken", "unknown")]
    heads.append(words.say("column_loudest"))
    return [
        title,
        blocks.table(heads, rows, (1.4, 1.4, 1.4, 1.2, 0.7, 0.7, 0.7, 0.7, 0.9), (4, 5, 6, 7, 8)),
        blocks.words(words.say("pacts_how"), faint=True),
    ]


def _rounds(facts: MonthFacts, words: Words) -> list[Block]:
    title = blocks.heading(words.say("rounds"), 2)
    if not facts.rounds:
        return [title, blocks.words(words.say("rounds_none"))]
    rows = [
        [
            one.name,
            *(str(n) for n in (one.due, one.done, one.weak)),
            words.share(one.done, one.due),
            words.say("list").join(f"{name} × {times}" for name, times in one.missed[:5])
            or words.say("none"),
        ]
        for one in facts.rounds
    ]
    heads = _heads(words, "round", "due", "done", "weak", "share", "missed")
    return [title, blocks.table(heads, rows, (1.4, 0.7, 0.7, 0.8, 0.8, 3), (1, 2, 3, 4))]


def _checks(box: Box, words: Words) -> list[Block]:
    of = box.station
    found = [
        blocks.heading(words.say("calibration", box=words.box(box)), 2),
        blocks.words(words.say("calibration_unknown")),
    ]
    if of.reference is not None:
        found.append(
            blocks.words(words.say("reference", day=f"{words.month.local(of.reference):%Y-%m-%d}"))
        )
    if not of.checks:
        return [*found, blocks.words(words.say("checks_none"))]
    shown = of.checks[:_MOST_CHECKS]
    rows = [
        [
            words.moment(one.t),
            words.texts.get(f"verdict_{one.verdict}", one.verdict),
            words.level(one.deviation),
        ]
        for one in shown
    ]
    # beside each other: a month of nights has few figures
    half = -(-len(rows) // 2)
    rows += [["", "", ""]] * (2 * half - len(rows))
    both = [[*left, *right] for left, right in zip(rows[:half], rows[half:], strict=True)]
    heads = _heads(words, "night", "verdict", "deviation") * 2
    found.append(blocks.table(heads, both, (1, 2, 1, 1, 2, 1), (2, 5)))
    if more := len(of.checks) - len(shown):
        found.append(blocks.words(words.say("more", count=more), faint=True))
    return found


def _station(facts: MonthFacts, words: Words) -> list[Block]:
    found: list[Block] = [
        blocks.heading(words.say("station"), 2),
        blocks.words(words.say("station_how")),
    ]
    for box in facts.boxes:
        rows = [_verdict(one, words) for one in station.verdicts(box.station)]
        heads = _heads(words, "figure", "value", "of", "limit", "source", "verdict")
        if len(facts.boxes) > 1:
            found.append(blocks.words(words.box(box)))
        found.append(blocks.table(heads, rows, (2, 0.8, 1.5, 0.8, 2.2, 0.9), (1, 3)))
    counts = words.say("hour_counts", share=f"{100 * station.hour_counts_from():.0f} %")
    return [*found, blocks.words(counts, faint=True)]


def _verdict(one: station.Verdict, words: Words) -> list[str]:
    limit, key = one.limit, one.limit.of.replace(" ", "_").replace("-", "_")
    unit = limit.unit
    if limit.least is not None:
        held = f"≥ {limit.least:g} {unit}"
    elif limit.most is not None:
        held = f"≤ {limit.most:g} {unit}"
    else:
        held = words.say("no_limit")
    return [
        words.say(f"station_{key}"),
        words.unknown if one.value is None else _value(one, unit),
        words.say(f"station_{key}_of", count=f"{one.count:,}"),
        held,
        words.say("source_known", source=limit.source, known=words.say(f"known_{limit.known}")),
        words.say(f"verdict_{one.verdict.replace(' ', '_')}"),
    ]


def _value(one: station.Verdict, unit: str) -> str:
    value = one.value or 0.0
    # never the limit itself of what is below it
    if one.limit.least is not None and value < one.limit.least:
        value = min(value, one.limit.least - 0.1)
    return f"{value:.1f} {unit}"


def _policies(facts: MonthFacts, words: Words, names: Mapping[str, str | None]) -> list[Block]:
    rows = []
    for box in facts.boxes:
        for t, hash in box.policies:
            name = names.get(hash)
            shown = words.say("policy_not_here") if name is None else name
            rows.append([words.box(box), words.moment(t), hash, shown or words.say("unnamed")])
    title = blocks.heading(words.say("policies"), 2)
    if not rows:
        return [title, blocks.words(words.say("policies_none"))]
    heads = _heads(words, "box", "first_told", "policy", "name")
    return [title, blocks.table(heads, rows, (2, 1, 1.4, 2))]


def _verify(facts: MonthFacts, words: Words) -> Sequence[str]:
    said = [words.say("verify_evidence")]
    point = facts.checkpoint
    if point is None:
        return [*said, words.say("verify_no_log")]
    of = {"origin": point.origin, "size": f"{point.size:,}", "hash": point.hash}
    return [*said, words.say("verify_log", **of)]
