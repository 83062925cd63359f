"""Evidence bundles made by the form alone (proof/BUNDLE.md), with real keys and a real authority.

The hub's own writer has its own tests; this one shares no code with it and none with the verifier,
so what all three agree on is the form.
"""

import csv
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from evidence_evening import Boot, Evening
from evidence_signers import (
    BEGIN,
    Authority,
    Keys,
    b64,
    canonical,
    consistency,
    path,
    pem,
)

from tamer.record import encoding
from tamer.record.reading import MISSING, REASONS, Second

UTC_OFFSET = 8 * 3600
AFTER_MANIFEST = ("evidence.json", "bundle.json", "evidence.tlog-proof", "SHA256SUMS")

Members = dict[str, bytes]


class Bundle:
    """An honest one: its members, and all that went into it."""

    def __init__(
        self,
        told: Evening,
        keys: Keys,
        authority: Authority | None,
        *,
        filler: int = 37,
        cosigned: bool = True,
        rooted: bool = True,
        more: int = 0,
        findings: Iterable[tuple[str, str]] = (),
        changes: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """filler: leaves of others in the log before; more: after the bundle's; findings: (unit,
        kind); changes: {role: fields} of the key list."""
        self.told, self.keys, self.authority = told, keys, authority
        self._findings = list(findings)
        self._chance = random.Random(7)
        self._stretches: list[list[object]] = []
        self.leaves = [f"somebody else's leaf {i}\n".encode() for i in range(filler)]
        early = self.leaves[:]
        self.members: Members = {}
        contents = self._contents()
        m = self.members
        m.update({f"log/{index}.json": content for index, content in contents.items()})
        for unit in told.units:
            self._tables(unit)
        self._common_tables()
        for boot in told.boots:
            data = b"".join(len(r).to_bytes(2) + r for _, r in boot.records)
            m[f"records/{boot.unit}-{boot.boot}.bin"] = data
        for name, policy in told.policy.items():
            m[f"policy/{name}.json"] = policy
        m["keys/log.pub"] = pem(keys.log)
        if rooted:
            stamping = authority.public if authority else None
            m["keys/keys.list"] = keys.listed(stamping, changes or {})
            m["keys/root.pub"] = pem(keys.root)
        m["report.pdf"], m["README.txt"], m["curve.svg"] = (
            b"%PDF-1.7\n",
            "读我\n".encode(),
            b"<svg/>",
        )
        m["pictures/1.jpg"] = self._chance.randbytes(700)
        m["custody.csv"] = "\ufeffat,by,what\n".encode()
        m["calibration/NT-0001.json"] = canonical({"why": "not known"})
        if early:
            m[f"checkpoints/{len(early)}"] = keys.checkpoint(early, BEGIN, cosigned)
        self.made = told.until + 60
        manifest = {
            "format": "noisetamer-evidence/v1",
            "made": self.made,
            "origin": keys.origin,
            "from": told.since,
            "until": told.until,
            "utc_offset": UTC_OFFSET,
            "incident": 12,
            "units": told.units,
            "files": files_of(m),
            "claims": {"en": ["It was too loud."], "zh": ["太响了。"]},
        }
        m["evidence.json"] = canonical(manifest)
        digest = hashlib.sha256(m["evidence.json"]).hexdigest()
        at = self.made + 1
        index, m["bundle.json"] = self._leaf("bundle", at, manifest=digest, to="警官")
        self.leaves += [f"a later leaf {i}\n".encode() for i in range(more)]
        self.checkpoint = keys.checkpoint(self.leaves, at + 9, cosigned)
        m["evidence.tlog-proof"] = self.proof(index)
        for each in contents:
            m[f"proofs/{each}.tlog-proof"] = self.proof(each)
        if early:
            lines = [f"old {len(early)}", *map(b64, consistency(len(early), self.leaves))]
            body = "\n".join(lines).encode() + b"\n\n" + self.checkpoint
            m[f"consistency/{len(early)}"] = body
        if authority:
            m["stamps/authority.pem"] = authority.pem
            for size, raw in ((len(self.leaves), self.checkpoint), *self._early(early)):
                text = raw.split(b"\n\n")[0] + b"\n"
                m[f"stamps/{size}.tsr"] = authority.stamp(text)
        self.data = packed(m)

    def _early(self, early: list[bytes]) -> list[tuple[int, bytes]]:
        return [(len(early), self.members[f"checkpoints/{len(early)}"])] if early else []

    def proof(self, index: int) -> bytes:
        lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(b64, path(index, self.leaves))]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint

    def _leaf(self, kind: str, at: int, **fields: Any) -> tuple[int, bytes]:
        salt = self._chance.randbytes(16).hex()
        content = canonical({"kind": kind, "at": at, "salt": salt, **fields})
        digest = hashlib.sha256(content).hexdigest()
        self.leaves.append(f"noisetamer-leaf/v1\n{kind}\n{at}\n{digest}\n".encode())
        return len(self.leaves) - 1, content

    def _contents(self) -> dict[int, bytes]:
        """Batches of twenty records, and an order."""
        found = dict([self._leaf("order", self.told.since, by="警官", verb="mute")])
        for boot in self.told.boots:
            chain = next((kind for unit, kind in self._findings if unit == boot.unit), "whole")
            for start in range(0, len(boot.records), 20):
                some = boot.records[start : start + 20]
                digest = hashlib.sha256()
                for _, record in some:
                    digest.update(len(record).to_bytes(2) + record)
                index, content = self._leaf(
                    "batch",
                    self.told.until,
                    unit=boot.unit,
                    boot=boot.boot,
                    first=some[0][0],
                    last=some[-1][0],
                    count=len(some),
                    records=digest.hexdigest(),
                    link=None,
                    chain=chain,
                    received=[self.told.since, self.told.until],
                )
                found[index] = content
        return found

    def _events(self) -> list[tuple[int | None, Boot, int, str, dict[str, Any], str]]:
        found = []
        for boot in self.told.boots:
            for sequence, record in boot.records:
                head = encoding.head(record)
                if head.code == 2:
                    kind, fields = json.loads(record[13:])
                    t = _date(boot, head.t)
                    found.append((t, boot, sequence, kind, fields, record[13:].decode()))
        return found

    def _tables(self, unit: str) -> None:
        told = self.told
        there: dict[int, Second] = {}
        for boot in told.boots:
            if boot.unit == unit:
                for _, record in boot.records:
                    if record[0] != 2:
                        for second in encoding.seconds(record):
                            t = _date(boot, second.t)
                            if t is not None and (t not in there or _louder(second, there[t])):
                                there[t] = second
        rows, stretches = [], []
        for t in range(told.since, told.until):
            local = f"{datetime.fromtimestamp(t + UTC_OFFSET, UTC):%H:%M:%S}"
            second, why = there.get(t), "not received"
            if second:
                why = "" if second.flags & 15 == 0 else REASONS[second.flags & 15]
                rows.append([t, local, *map(_level, second[1:5]), second.flags, why])
            else:
                rows.append([t, local, "", "", "", "", "", why])
            if why and stretches and stretches[-1][1:] == [t, why]:
                stretches[-1][1] += 1
            elif why:
                stretches.append([t, t + 1, why])
        heading = "t,local,LAeq,LAFmax,LCeq,LCpeak,flags,reason"
        self.members[f"seconds/{unit}.csv"] = table(heading, rows)
        for since, until, why in stretches:
            self._stretches.append([unit, since, *when(since), until, until - since, why])
        rows = sorted(
            [t, *when(t), boot.boot, sequence, kind, text]
            for t, boot, sequence, kind, _, text in self._events()
            if boot.unit == unit and t is not None and told.since <= t < told.until
        )
        self.members[f"events/{unit}.csv"] = table("t,UTC,local,boot,sequence,kind,told", rows)

    def _common_tables(self) -> None:
        m, told = self.members, self.told
        for member, kinds, fields in (
            ("stages.csv", ("stage",), "from,to,limit,level,policy"),
            (
                "words.csv",
                ("warning", "spoken", "outcome"),
                "kind,message,number,stage,volume,effective,after,failed",
            ),
        ):
            rows = []
            for t, boot, sequence, kind, all_fields, _ in self._events():
                if kind in kinds and t is not None and told.since <= t < told.until:
                    values = [_cell(name, kind, all_fields) for name in fields.split(",")]
                    rows.append(([t, boot.unit, boot.boot, sequence], values))
            rows.sort(key=lambda row: row[0])
            heading = f"t,UTC,local,unit,boot,sequence,{fields}"
            m[member] = table(heading, [[k[0], *when(k[0]), *k[1:], *v] for k, v in rows])
        clocks = [
            [b.unit, b.boot, s, f["boot_at"], *when(f["boot_at"]), f["source"], f["step"], ""]
            for _, b, s, kind, f, _ in self._events()
            if kind == "clock"
        ]
        heading = "unit,boot,sequence,boot_at,UTC,local,source,step,drift"
        m["clock.csv"] = table(heading, clocks)
        m["coverage.csv"] = table("unit,from,UTC,local,until,seconds,reason", self._stretches)
        found = [[BEGIN, *when(BEGIN), unit, 4, 7, kind, ""] for unit, kind in self._findings]
        m["chain.csv"] = table("at,UTC,local,unit,boot,sequence,kind,detail", found)


def _date(boot: Boot, t: int) -> int | None:
    """Of the boots that `evening` makes: one clock each, or none that is needed."""
    if t >= 1_000_000_000:
        return t
    told = [json.loads(r[13:]) for _, r in boot.records if r[0] == 2]
    at = [fields["boot_at"] for kind, fields in told if kind == "clock"]
    return t + at[0] if at else None


def _louder(one: Second, other: Second) -> bool:
    return (one.flags & 15 == 0, *one[1:5], -one.flags) > (
        other.flags & 15 == 0,
        *other[1:5],
        -other.flags,
    )


def _level(level: int) -> str:
    return "" if level == MISSING else f"{level / 10:.1f}"


def _cell(name: str, kind: str, fields: Mapping[str, Any]) -> object:
    value = kind if name == "kind" else fields.get(name, "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) or (isinstance(value, int) and value >= 2**53):
        return ""
    return _level(value) if isinstance(value, int) and name in ("limit", "level") else value


def when(t: int) -> tuple[str, str]:
    at, local = datetime.fromtimestamp(t, UTC), datetime.fromtimestamp(t + UTC_OFFSET, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{local:%Y-%m-%d %H:%M:%S}"


def table(heading: str, rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading.split(","))
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def files_of(members: Members) -> dict[str, dict[str, object]]:
    starred = ("proofs/", "consistency/", "stamps/")
    return {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
        if name not in AFTER_MANIFEST and not name.startswith(starred)
    }


def packed(members: Members) -> bytes:
    """The container, with SHA256SUMS made anew."""
    members = {name: data for name, data in members.items() if name != "SHA256SUMS"}
    sums = "".join(
        f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n" for name in sorted(members)
    )
    members["SHA256SUMS"] = sums.encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, members[name])
    return file.getvalue()


def rewritten(members: Members) -> Members:
    """What somebody without a key can make of changed members: manifest and its hash anew."""
    manifest = json.loads(members["evidence.json"])
    manifest["files"] = files_of(members)
    made = {**members, "evidence.json": canonical(manifest)}
    content = json.loads(made["bundle.json"])
    content["manifest"] = hashlib.sha256(made["evidence.json"]).hexdigest()
    return {**made, "bundle.json": canonical(content)}
