"""Makes an evidence bundle out of a hub's folder, beside a hub that runs or without one.

Only the files are read, and only the audit log and the log are written to: first that somebody
asks, and why; then all that the units told; last the bundle's own leaf. Memory is bounded by the
span: 20 bytes a second and unit, and the records of one batch.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.hub.cameras.album import Album
from noisetamer.hub.evidence import (
    attached,
    batches,
    curve,
    keys,
    leaves,
    papers,
    records,
    report,
    tables,
)
from noisetamer.hub.evidence.account import Words
from noisetamer.hub.evidence.attached import InForce, Picture
from noisetamer.hub.evidence.batches import Batches
from noisetamer.hub.evidence.container import Folder
from noisetamer.hub.evidence.facts import Facts, facts
from noisetamer.hub.evidence.proofs import Proofs
from noisetamer.hub.evidence.records import Heard
from noisetamer.hub.evidence.report import About, Quality
from noisetamer.hub.evidence.scope import Asked, Scope, scope
from noisetamer.hub.evidence.tables import Times
from noisetamer.hub.incidents.book import Book
from noisetamer.hub.key_files import keys_of
from noisetamer.hub.log.feeder import flush
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.source import reading
from noisetamer.hub.orders.ledger import Ledger
from noisetamer.hub.orders.voices import Voices
from noisetamer.hub.people.districts import district_at
from noisetamer.hub.people.people import People
from noisetamer.hub.registry import Unit, gone, registered
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.words.i18n import LANGUAGES, Texts, read_texts
from noisetamer.proof import key_list, root
from noisetamer.proof.canonical import json_bytes
from tamer.record.reading import is_dated

FORMAT = "noisetamer-evidence/v1"
MANIFEST, LEAF = "evidence.json", "bundle.json"
README = Path(__file__).with_name("README.txt")

_SPOKEN = ("say", "play")
_MOST_ORDERS = 2000

Progress = Callable[[str, int, int], None]
"""(step, how many are done, of how many); step: waiting, records, reading, drawing, proving,
packing: each has words `evidence_step_...`."""


@dataclass(frozen=True)
class Made:
    """What came of it. index: of its leaf in the log; claims: {language: sentences}."""

    file: Path
    bytes: int
    sha256: str
    index: int
    claims: dict[str, list[str]]


@dataclass
class _Parts:
    """The files of a hub, opened."""

    data: Path
    queries: Queries
    book: Book
    squares: Squares
    people: People
    ledger: Ledger
    album: Album
    units: list[Unit]
    texts: dict[str, Texts]


def make(data: Path, log: Log, asked: Asked, out: Path, progress: Progress) -> Made:
    """Write the bundle. data: the hub's folder. Raises UserError for what the user can mend."""
    with _opened(data) as parts:
        found = scope(asked, parts.book, parts.units, parts.queries)
        if not found.units:
            raise UserError("no unit of this hub was there in that time: there is nothing to show")
        target = found.square if found.incident is None else f"{found.square} #{found.incident.id}"
        detail = {"from": found.since, "until": found.until, "role": asked.role}
        # before it is done: what nobody can write down is not done
        parts.people.audit(
            *(parts.people.clock(), asked.by, "evidence_made", target, asked.reason, detail),
            asked.ip,
        )
        progress("records", 0, 1)
        flush(log, data, found.units)
        with writing(out):
            spool = tempfile.TemporaryDirectory(dir=out.parent, prefix=".evidence-")
        with spool:
            made = _Bundle(parts, log, asked, found, Folder(Path(spool.name), out), progress)
            return made.write(out)


class _Bundle:
    def __init__(
        self,
        parts: _Parts,
        log: Log,
        asked: Asked,
        found: Scope,
        folder: Folder,
        progress: Progress,
    ) -> None:
        self._parts = parts
        self._log = log
        self._asked = asked
        self._scope = found
        self._folder = folder
        self._progress = progress
        self._times = Times(round(asked.utc_offset * 3600))
        self._made = max(asked.made, found.until)
        self._leaves: dict[int, bytes] = {}
        self._proofs = Proofs(folder, log, parts.data)

    def write(self, out: Path) -> Made:
        heard, taken = self._records()
        stage = self._parts.queries.stage_before
        told = [facts(one, stage(one.unit, one.since)) for one in heard]
        policies = attached.policies_in_force(heard, self._scope.square, self._parts.squares)
        pictures = attached.pictures(self._scope, self._parts.album, self._asked.pictures)
        findings = self._findings(taken)
        self._tables(heard, findings)
        self._attach(heard, policies, pictures)
        for index, leaf in leaves.about(self._log, self._scope, self._made).items():
            self._leaves[index] = leaf.content
        for index, content in sorted(self._leaves.items()):
            self._folder.put(f"log/{index}.json", content)
        self._proofs.earlier(sorted(self._leaves))
        chained = all(one.chained for one in taken)
        words = [self._words(language) for language in LANGUAGES]
        self._draw(heard, told, words, self._quality(heard, policies, pictures, findings, chained))
        claims = {one.texts["language"][:2]: one.claims(told) for one in words}
        return self._prove(out, claims)

    def _records(self) -> tuple[list[Heard], list[Batches]]:
        """Read each record once for its file, and once for what it tells."""
        heard, taken = [], []
        units = self._scope.units
        with reading(self._parts.queries.file) as connection:
            for number, unit in enumerate(units):
                self._progress("reading", number, len(units))
                span = self._scope.since, self._scope.until
                found = batches.of_unit(connection, self._log, unit, *span)
                for boot in found.boots:
                    pieces = batches.as_file(batches.records(connection, found, boot))
                    self._folder.put(f"records/{unit}-{boot}.bin", pieces)
                every = (
                    record
                    for boot in found.boots
                    for record in batches.records(connection, found, boot)
                )
                heard.append(records.heard(unit, every, *span))
                taken.append(found)
                self._leaves |= {one.index: one.content for one in found.leaves.values()}
        return heard, taken

    def _findings(self, taken: Sequence[Batches]) -> list[tuple[int, str, int, int, str, str]]:
        """Of chains; of every batch that is not whole there is one."""
        with reading(self._parts.queries.file) as connection:
            found = attached.findings(connection, self._scope)
        told = {(unit, kind) for _, unit, _, _, kind, _ in found}
        for one in taken:
            for leaf in one.leaves.values():
                fields = leaf.fields
                kind = fields["chain"]
                if kind != "whole" and (one.unit, kind) not in told:
                    told.add((one.unit, kind))
                    at = max(self._scope.since, int(fields["received"][0]))
                    name = fields["boot"], fields["first"]
                    detail = json_bytes({"batch": leaf.index, "last": fields["last"]}).decode()
                    found.append((at, one.unit, *name, kind, detail))
        return found

    def _tables(
        self, heard: Sequence[Heard], findings: list[tuple[int, str, int, int, str, str]]
    ) -> None:
        put, times = self._folder.put, self._times
        for one in heard:
            put(f"seconds/{one.unit}.csv", tables.seconds(one, times))
            put(f"events/{one.unit}.csv", tables.events(one, times))
        put("stages.csv", tables.stages(heard, times))
        put("words.csv", tables.words(heard, times))
        put("coverage.csv", tables.coverage(heard, times))
        put("clock.csv", tables.clock(heard, times))
        put("chain.csv", tables.chain(findings, times))
        rows = attached.custody(self._parts.people.log, self._scope, self._parts.people.clock())
        put("custody.csv", attached.custody_table(rows, times))
        put("README.txt", README.read_bytes())

    def _attach(
        self, heard: Sequence[Heard], policies: list[InForce], pictures: list[Picture]
    ) -> None:
        put = self._folder.put
        for policy in policies:
            if policy.body is not None:
                put(f"policy/{policy.hash}.json", policy.body)
        why = {
            language: texts["evidence_calibration_unknown"]
            for language, texts in self._parts.texts.items()
        }
        for one in heard:
            check = self._parts.queries.last_told(one.unit, "self-check", one.until)
            told = [found.fields for found in self._log.find("calibration", unit=one.unit)]
            last = (check.t, check.fields) if check else None
            put(f"calibration/{one.unit}.json", attached.calibration(one, last, told, why))
        if pictures:
            put("pictures/pictures.csv", attached.pictures_table(pictures, self._times))
            for picture in pictures:
                if picture.jpeg is not None:
                    put(picture.member, picture.jpeg)
        listed = self._parts.data / key_list.FILE
        if keys_of(self._parts.data) is not None:
            put("keys/keys.list", listed.read_bytes())
            put("keys/root.pub", (self._parts.data / root.PUBLIC).read_bytes())
        put("keys/log.pub", keys.log_key(self._log.key))

    def _words(self, language: str) -> Words:
        data = self._parts.data
        district = district_at(data / "people.sqlite", self._scope.square)
        voices = Voices(data / "voices").of_district(district)
        messages = {one.name: one.text for one in voices.messages()}
        places = {unit.id: unit.place for unit in self._parts.units if unit.place}
        return Words(self._parts.texts[language], self._times, messages, places)

    def _quality(
        self,
        heard: Sequence[Heard],
        policies: Sequence[InForce],
        pictures: Sequence[Picture],
        findings: Sequence[tuple[int, str, int, int, str, str]],
        chained: bool,
    ) -> Quality:
        checks = {
            one.unit: records.Told(*_name(check), check.kind, check.fields, b"")
            for one in heard
            if (check := self._parts.queries.last_told(one.unit, "self-check", one.until))
        }
        clocks = {
            one.unit: before[-1]
            for one in heard
            if (before := [c for c in one.clocks if is_dated(c.t) and c.t < one.until])
        }
        there = sum(one.jpeg is not None for one in pictures)
        withheld = bool(pictures) and not self._asked.pictures
        return Quality(
            clocks=clocks,
            checks=checks,
            policies={one.hash: None if one.body is None else one.name or "" for one in policies},
            findings=[kind for *_, kind, _ in findings if kind != "none"],
            chained=chained,
            pictures=None if withheld else there,
        )

    def _draw(
        self,
        heard: Sequence[Heard],
        told: Sequence[Facts],
        words: Sequence[Words],
        quality: Quality,
    ) -> None:
        self._progress("drawing", 0, 1)
        found = self._scope
        about = About(
            *(found.square, found.incident and found.incident.id, found.since, found.until),
            *(self._log.origin, self._made),
        )
        ordered = self._ordered()
        pages = [report.page(one, about, told, quality, ordered) for one in words]
        loud = any(one.spells for one in told)
        what: dict[str, Any] = {
            "report": report.report(pages, words, loud),
            "series": [
                curve.series(one, of, words[0].place(one.unit)).__dict__
                for one, of in zip(heard, told, strict=True)
            ],
            "shown": report.UNITS,
            "utc_offset": self._times.utc_offset,
            "words": [curve.words_of(one.texts) for one in words],
        }
        for name, content in papers.draw(what).items():
            self._folder.put(name, content)

    def _ordered(self) -> dict[tuple[str, int], str]:
        """The words that people had units say."""
        orders = self._parts.ledger.latest(self._scope.units, _MOST_ORDERS)
        return {
            (one.unit, one.n): str(one.note.get("text") or one.fields.get("message") or "")
            for one in orders
            if one.verb in _SPOKEN
        }

    def _prove(self, out: Path, claims: dict[str, list[str]]) -> Made:
        self._progress("proving", 0, 1)
        folder, found = self._folder, self._scope
        manifest = json_bytes(
            {
                "format": FORMAT,
                "made": self._made,
                "origin": self._log.origin,
                "from": found.since,
                "until": found.until,
                "utc_offset": self._times.utc_offset,
                "incident": found.incident and found.incident.id,
                "units": sorted(found.units),
                "claims": claims,
                "files": {
                    name: {"size": size, "sha256": digest}
                    for name, (size, digest) in folder.files.items()
                },
            }
        )
        told = {
            "kind": "bundle",
            "at": max(self._made, int(self._parts.people.clock())),
            "manifest": hashlib.sha256(manifest).hexdigest(),
            "incident": found.incident and found.incident.id,
            "square": found.square,
            "by": self._asked.by,
            "role": self._asked.role,
            "reason": self._asked.reason,
        }
        (index,) = self._log.append([told])
        content = self._log.content(index)
        assert content is not None
        folder.put(MANIFEST, manifest)
        folder.put(LEAF, content)
        self._proofs.final(index, sorted(self._leaves))
        self._progress("packing", 0, 1)
        size, digest = _written(folder, out)
        return Made(out, size, digest, index, claims)


def _name(event: Any) -> tuple[int, int, int]:
    return event.t, event.boot, event.seq


def _written(folder: Folder, out: Path) -> tuple[int, str]:
    """The file has its name when it is whole; its bytes and SHA-256."""
    # not beside it: two that are made at once would write into one draft
    draft = folder.folder / "whole.zip"
    with writing(out):
        with draft.open("wb") as file:
            folder.into(file)
            file.flush()
            os.fsync(file.fileno())
        with draft.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = draft.stat().st_size
        draft.replace(out)
    return size, digest


@contextmanager
def _opened(data: Path) -> Iterator[_Parts]:
    if not database.exists(data / "hub.sqlite"):
        raise UserError(f"{data}: is no data folder of a hub; give the one of its --data")
    queries = Queries(data / "hub.sqlite")
    registry = data / "units.sqlite"
    with (
        closing(Book(data / "incidents.sqlite")) as book,
        closing(Squares(data / "squares.sqlite")) as squares,
        closing(People(data / "people.sqlite")) as people,
        closing(Ledger(data / "orders.sqlite")) as ledger,
    ):
        yield _Parts(
            *(data, queries, book, squares, people, ledger),
            *(Album(data, sweep=False), [*registered(registry), *gone(registry)], read_texts()),
        )
