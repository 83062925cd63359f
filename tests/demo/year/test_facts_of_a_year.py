"""The facts of a simulated year are what was put in, and the five ways say the same in SQLite."""

import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from made_facts import Asked, sqlite_of
from small_year import SmallYear

from noisetamer.hub.around import around_of
from noisetamer.hub.facts.file import FILE, FactsFile
from noisetamer.hub.toolbox.associate import Associate, associate
from noisetamer.hub.toolbox.classify import Classify, classify
from noisetamer.hub.toolbox.collide import Collide, collide
from noisetamer.hub.toolbox.pick import Pick
from noisetamer.hub.toolbox.scope import Scope
from noisetamer.hub.toolbox.sieve import Sieve, sift


def test_what_was_put_in_is_found_by_every_way(a_year: SmallYear, tmp_path: Path):
    data = shutil.copytree(a_year.data, tmp_path / "hub")
    around = around_of(data)
    around.facts.refresh()
    around.close()
    put_in, everything = a_year.true["squares"], Scope()
    until = int(datetime.fromisoformat(f"{a_year.true['until']}T00:00+08:00").timestamp())
    with FactsFile(data / FILE).using() as facts:
        ask = Asked(facts)
        ((valid,),) = ask("SELECT sum(valid) FROM levels")
        assert valid == sum(one["seconds"]["valid"] for one in put_in)
        ((told,),) = ask("SELECT count(*) FROM stretches")
        assert told == sum(one["incidents"]["count"] for one in put_in)
        complaints = sift(ask, Sieve(everything, "complaints"))
        assert complaints.count == sum(
            one["complaints"][part] for one in put_in for part in ("before", "after")
        )
        missed = sift(ask, Sieve(everything, "visits", {"missed": "yes"}))
        assert len([row for row in missed.rows if row[1] < until]) == sum(
            len(one.get("patrols", {}).get("missed", ())) for one in put_in
        )
        together = associate(
            ask, Associate(everything, Pick("complaint"), Pick("noise"), 60, "before")
        )
        # Of what was before the box nobody can say whether it was too loud.
        assert together.left_out == sum(one["complaints"]["before"] for one in put_in)
        assert together.chance is not None and together.share and together.share > together.chance
        other = Asked(sqlite_of(facts, ":memory:"))
        for look, asked in (
            (collide, Collide(everything, Pick("complaint"), Pick("playing"))),
            (associate, Associate(everything, Pick("complaint"), Pick("noise"), 60, "before")),
            (classify, Classify(everything, ("night", "again", "bass", "long"))),
        ):
            assert asdict(look(ask, asked)) == asdict(look(other, asked))  # type: ignore[arg-type]
