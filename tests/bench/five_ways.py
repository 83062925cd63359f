"""The five ways of looking over a year: each in DuckDB, beside the same query in SQLite.

    python tests/bench/five_ways.py [--data DIR]

DIR: of a hub, as `noisetamer year --out DIR` makes one; its facts are made anew first, how long
that takes is told, and what its year.json says was put in is counted in them. Without it the facts
of 20 squares and a year are made up. Each question is asked as the page asks it, figures and
intervals included; both engines must say the same, and DuckDB within 300 ms. Told is the fastest
of several, since the machine is shared, and the CPU time of DuckDB's. Exit code 1 where anything
of this is not so.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from made_facts import Asked, duckdb_of, rows, sqlite_of

from noisetamer.hub.around import around_of
from noisetamer.hub.facts.file import FILE, FactsFile
from noisetamer.hub.toolbox.associate import Associate, associate
from noisetamer.hub.toolbox.classify import Classify, classify
from noisetamer.hub.toolbox.collide import Collide, collide
from noisetamer.hub.toolbox.compare import Compare, compare
from noisetamer.hub.toolbox.pick import Pick
from noisetamer.hub.toolbox.scope import Scope
from noisetamer.hub.toolbox.sieve import Sieve, sift

ASKED_MS = 300
TIMES = 7
_LOOP_SECONDS = 0.01


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, help="of a hub")
    options.add_argument("--squares", type=int, default=20)
    options.add_argument("--days", type=int, default=365)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.data:
            cold(given.data)
            with FactsFile(given.data / FILE).using() as facts:
                return against(facts, given.data / "year.json") | beside(facts, Path(folder))
        made = rows(1, given.squares, given.days)
        began = time.perf_counter()
        facts = duckdb_of(made, Path(folder) / FILE)
        print(f"made-up facts put into DuckDB: {time.perf_counter() - began:.1f} s")
        return beside(facts, Path(folder))


def cold(data: Path) -> None:
    """All of it anew, then once more; how late a thread is that wants to run meanwhile."""
    (data / FILE).unlink(missing_ok=True)
    around, late, over = around_of(data), [0.0], threading.Event()

    def wait() -> None:
        while not over.is_set():
            began = time.perf_counter()
            time.sleep(_LOOP_SECONDS)
            late.append(time.perf_counter() - began - _LOOP_SECONDS)

    beside = threading.Thread(target=wait)
    beside.start()
    for what in ("cold", "again"):
        began, cpu = time.perf_counter(), time.process_time()
        around.facts.refresh()
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"{what}: {took:.1f} s, {cpu:.1f} s of CPU")
    over.set()
    beside.join()
    late.sort()
    print(
        f"another thread was late by {1000 * late[len(late) // 2]:.1f} ms (median), "
        f"{1000 * late[int(0.99 * len(late))]:.1f} ms (99 of 100), {1000 * late[-1]:.0f} ms (most)"
    )
    print(f"{FILE}: {(data / FILE).stat().st_size / 1e6:.1f} MB")
    around.close()


def against(facts: Any, file: Path) -> int:
    """What a simulated year was made of, beside the facts of it; 1 where they differ."""
    if not file.is_file():
        return 0
    told = json.loads(file.read_text(encoding="utf-8"))
    put_in = told["squares"]
    # rounds go on after it
    until = int(datetime.fromisoformat(f"{told['until']}T00:00+08:00").timestamp())
    counted = {
        "valid seconds": (
            "SELECT sum(valid) FROM levels",
            sum(one["seconds"]["valid"] for one in put_in),
        ),
        "incidents of boxes": (
            "SELECT count(*) FROM stretches",
            sum(one["incidents"]["count"] for one in put_in),
        ),
        "complaints": (
            "SELECT count(*) FROM complaints",
            sum(one["complaints"][part] for one in put_in for part in ("before", "after")),
        ),
        "missed visits": (
            f"SELECT count(*) FROM visits WHERE made IS NULL AND t<{until}",
            sum(len(one.get("patrols", {}).get("missed", ())) for one in put_in),
        ),
    }
    failed = False
    for what, (query, expected) in counted.items():
        (found,) = facts.execute(query).fetchone()
        failed |= found != expected
        print(f"{what}: {found:,}, put in: {expected:,}{'' if found == expected else '   WRONG'}")
    return int(failed)


def beside(facts: Any, folder: Path) -> int:
    """Every question in both; 1 where one is slow, or they differ."""
    began = time.perf_counter()
    other = sqlite_of(facts, folder / "facts.sqlite")
    print(f"the same into SQLite, with indexes: {time.perf_counter() - began:.1f} s")
    engines = Asked(facts), Asked(other)
    counts = {
        table: facts.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("hours", "incidents", "warnings", "complaints", "playing", "visits")
    }
    print(", ".join(f"{n:,} {table}" for table, n in counts.items()))
    failed = False
    print(f"{'':34}{'DuckDB':>10}{'its CPU':>10}{'SQLite':>10}   ms, the fastest of {TIMES}")
    for name, (look, asked) in questions(engines[0]).items():
        found, took, spent = [], [], []
        for engine in engines:
            answers, times = [], []
            for _ in range(TIMES):
                began, cpu = time.perf_counter(), time.process_time()
                answers.append(look(engine, asked))
                times.append(1000 * (time.perf_counter() - began))
                spent.append(1000 * (time.process_time() - cpu))
            found.append(_rounded(asdict(answers[0])))
            took.append(min(times))
        wrong = []
        if found[0] != found[1]:
            wrong.append("THEY DIFFER")
        if took[0] >= ASKED_MS:
            wrong.append(f"SLOWER THAN {ASKED_MS} ms")
        failed |= bool(wrong)
        cpu = min(spent[:TIMES])
        print(
            f"{name:34}{took[0]:10.0f}{cpu:10.0f}{took[1]:10.0f}   {', '.join(wrong)}", flush=True
        )
    return int(failed)


def questions(ask: Asked) -> dict[str, tuple[Callable[..., Any], Any]]:
    """Over all squares and the whole time, which is what costs most."""
    everything = Scope()
    ((first, last),) = ask("SELECT min(day), max(day) FROM hours")
    middle = (first + last) // 2
    ((group,),) = ask("SELECT min(group_id) FROM playing")
    noise, complaint, playing = Pick("noise"), Pick("complaint"), Pick("playing")
    halves = Scope(None, first, middle), Scope(None, middle + 1, last)
    evening, night = Scope(since=18, until=22), Scope(since=22, until=6)
    dry = {"louder": 60.0, "rain": "no", "playing": "yes"}
    return {
        "sieve: loud dry hours of groups": (sift, Sieve(everything, "hours", dry)),
        "sieve: all hours": (_hundred, Sieve(everything, "hours")),
        "sieve: incidents of a group": (sift, Sieve(everything, "incidents", {"group": group})),
        "sieve: missed visits": (sift, Sieve(everything, "visits", {"missed": "yes"})),
        "associate: complaint < noise": (
            *(associate, Associate(everything, complaint, noise, 30, "before")),
        ),
        "associate: noise, group": (
            associate,
            Associate(everything, noise, playing, 15, "around"),
        ),
        "associate: over the limit, rain": (
            *(associate, Associate(everything, Pick("loud"), Pick("rain"), 60, "around")),
        ),
        "collide: complaints, permits": (collide, Collide(everything, complaint, playing)),
        "collide: permits without noise": (
            *(collide, Collide(everything, playing, noise, shown="one")),
        ),
        "collide: check-ins, noise, by day": (
            *(collide, Collide(everything, Pick("check_in"), noise, "day")),
        ),
        "compare: evenings, nights, LAeq": (compare, Compare(night, evening, "level")),
        "compare: halves, complaints": (compare, Compare(*halves, "complaints")),
        "compare: halves, obeyed": (compare, Compare(*halves, "obeyed")),
        "classify: by rules": (
            *(classify, Classify(everything, ("night", "again", "bass", "far_over", "long"))),
        ),
        "classify: by likeness": (classify, Classify(everything, kinds=5)),
    }


def _hundred(ask: Asked, asked: Sieve) -> Any:
    """As a page shows it."""
    return sift(ask, asked, 100)


def _rounded(found: Any) -> Any:
    if isinstance(found, float):
        return round(found, 6)
    if isinstance(found, dict):
        return {name: _rounded(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_rounded(one) for one in found]
    return found


if __name__ == "__main__":
    sys.exit(main())
