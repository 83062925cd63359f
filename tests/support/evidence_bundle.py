"""Evidence bundles made by the form alone (proof/BUNDLE.md), with real keys and a real authority.

The hub's own writer has its own tests; this one shares no code with it and none with the verifier,
so what all three agree on is the form.
"""

import base64
import csv
import hashlib
import io
import json
import random
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tamer.record import encoding
from tamer.record.reading import MISSING, REASONS, Second

BEGIN = 1_795_000_000
UTC_OFFSET = 8 * 3600
ORIGIN_NAME = "东门派出所/noisetamer"
AFTER_MANIFEST = ("evidence.json", "bundle.json", "evidence.tlog-proof", "SHA256SUMS")

Members = dict[str, bytes]


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: Any) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def pem(key: Any) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


# --- the log -------------------------------------------------------------------------------------


def tree_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1; leaves: entries."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + tree_root(leaves[:k]) + tree_root(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]), 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m < k:
        return [*path(m, leaves[:k]), tree_root(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_root(leaves[:k])]


def consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b), 2.1.2."""
    if m == len(leaves):
        return [] if whole else [tree_root(leaves)]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m <= k:
        return [*consistency(m, leaves[:k], whole), tree_root(leaves[k:])]
    return [*consistency(m - k, leaves[k:], False), tree_root(leaves[:k])]


class Keys:
    """A root, a log and two witnesses; the list that the root signs."""

    def __init__(self) -> None:
        self.root = rsa.generate_private_key(65537, 2048)
        self.log = Ed25519PrivateKey.generate()
        self.witnesses = {
            name: Ed25519PrivateKey.generate()
            for name in ("property.example/witness", "station.example/witness")
        }
        digest = hashlib.sha256(self.log.public_key().public_bytes_raw()).hexdigest()
        self.origin = f"{ORIGIN_NAME}/{digest[:8]}"

    def listed(
        self, stamping: bytes | None, changes: Mapping[str, Mapping[str, Any]], number: int = 3
    ) -> bytes:
        """keys.list. stamping: SubjectPublicKeyInfo; changes: {role: fields}."""
        keys = [self._key("log of the hub", "log", "ed25519", spki(self.log))]
        for name, key in self.witnesses.items():
            keys.append(self._key(f"{name} for people", "witness", "ed25519", spki(key)))
        if stamping:
            keys.append(self._key("authority", "tsa", "ec", stamping))
        for key in keys:
            key.update(changes.get(key["role"], {}))
        table = {"number": number, "issued": BEGIN - 86400, "keys": keys}
        text = b"noisetamer keys/v1\n" + canonical(table) + b"\n"
        signature = self.root.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return text + f"— root {b64(signature)}\n".encode()

    def _key(self, name: str, role: str, algorithm: str, der: bytes) -> dict[str, Any]:
        about = {"from": 0, "until": None, "revoked": None, "why": ""}
        return {"name": name, "role": role, "algorithm": algorithm, "public": b64(der), **about}

    def checkpoint(self, leaves: list[bytes], at: int, cosigned: bool = True) -> bytes:
        text = f"{self.origin}\n{len(leaves)}\n{b64(tree_root(leaves))}\n".encode()
        lines = [self._line(self.origin, 1, self.log, self.log.sign(text))]
        for name, key in sorted(self.witnesses.items()) if cosigned else ():
            said = f"cosignature/v1\ntime {at}\n".encode() + text
            lines.append(self._line(name, 4, key, at.to_bytes(8) + key.sign(said)))
        return text + b"\n" + "".join(lines).encode()

    def _line(self, name: str, kind: int, key: Ed25519PrivateKey, signature: bytes) -> str:
        public = key.public_key().public_bytes_raw()
        id_ = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
        return f"— {name} {b64(id_ + signature)}\n"


_EXTENSIONS = """
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign
[tsa]
extendedKeyUsage=critical,timeStamping
[web]
extendedKeyUsage=critical,serverAuth
[ts]
default_tsa=one
[one]
serial=serial
default_policy=1.2.3.4
digests=sha256
signer_digest=sha256
ess_cert_id_alg=sha256
accuracy=secs:1
"""


class Authority:
    """openssl's time stamp authority: an ECDSA authority, and an RSA key that it lets stamp."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "extensions").write_text(_EXTENSIONS)
        (folder / "serial").write_text("01\n")
        self._self_signed("ca", "/O=Time/CN=The authority")
        self.issued("stamper", "/O=Time/CN=The stamper", "tsa")
        self.pem = (folder / "ca.crt").read_bytes()
        self.public = self.run(
            *("x509", "-in", "ca.crt", "-noout", "-pubkey"),
            then=("pkey", "-pubin", "-outform", "DER"),
        )

    def _self_signed(self, name: str, subject: str) -> None:
        self.run(
            *("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-out", f"{name}.key"),
        )
        self.run(
            *("req", "-new", "-x509", "-key", f"{name}.key", "-subj", subject, "-days", "3650"),
            *("-out", f"{name}.crt", "-config", "extensions", "-extensions", "ca"),
        )

    def issued(self, name: str, subject: str, use: str) -> None:
        """A certificate of the authority. use: tsa or web."""
        self.run(
            *("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
            *("-out", f"{name}.key"),
        )
        asked = self.run(
            *("req", "-new", "-key", f"{name}.key", "-subj", subject, "-config", "extensions")
        )
        (self._folder / "asked").write_bytes(asked)
        self.run(
            *("x509", "-req", "-in", "asked", "-CA", "ca.crt", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", "3650", "-extfile", "extensions"),
            *("-extensions", use, "-out", f"{name}.crt"),
        )

    def ended(self) -> str:
        """A certificate like the stamper's, which held until 2020; its name."""
        key = serialization.load_pem_private_key((self._folder / "ca.key").read_bytes(), None)
        there = x509.load_pem_x509_certificate((self._folder / "stamper.crt").read_bytes())
        builder = x509.CertificateBuilder(
            issuer_name=there.issuer,
            subject_name=there.subject,
            public_key=there.public_key(),
            serial_number=there.serial_number + 1,
            not_valid_before=datetime(2019, 1, 1, tzinfo=UTC),
            not_valid_after=datetime(2020, 1, 1, tzinfo=UTC),
            extensions=list(there.extensions),
        )
        made = builder.sign(key, hashes.SHA256())  # type: ignore[arg-type]
        (self._folder / "ended.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (self._folder / "ended.key").write_bytes((self._folder / "stamper.key").read_bytes())
        return "ended"

    def stamp(self, message: bytes, enclosed: bool = True, by: str = "stamper") -> bytes:
        """A TimeStampResp on the SHA-256 of a message. enclosed: with the certificate."""
        digest = hashlib.sha256(message).hexdigest()
        cert = ["-cert"] if enclosed else []
        query = self.run("ts", "-query", "-digest", digest, "-sha256", *cert)
        (self._folder / "query").write_bytes(query)
        return self.run(
            *("ts", "-reply", "-config", "extensions", "-section", "one", "-queryfile", "query"),
            *("-signer", f"{by}.crt", "-inkey", f"{by}.key"),
        )

    def run(self, *arguments: str, then: tuple[str, ...] = ()) -> bytes:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self._folder, capture_output=True, check=True
        ).stdout
        if then:
            done = subprocess.run(
                ["openssl", *then], cwd=self._folder, input=done, capture_output=True, check=True
            ).stdout
        return done


# --- records -------------------------------------------------------------------------------------


class Boot:
    """Records of one life of a unit, in the order they are made."""

    def __init__(self, unit: str, boot: int) -> None:
        self.unit, self.boot = unit, boot
        self.records: list[tuple[int, bytes]] = []
        self.sequence = 0

    def seconds(self, t: int, batch: list[tuple[int, ...]], plainly: bool = False) -> None:
        made = [Second(t + i, *levels) for i, levels in enumerate(batch)]
        code, payload = (
            (1, bytes(encoding.of_seconds(made))) if plainly else encoding.shortest(made)
        )
        self._add(code, t, bytes(payload))

    def event(self, t: int, kind: str, **fields: Any) -> None:
        self._add(2, t, json.dumps([kind, fields], separators=(",", ":")).encode())

    def given_up(self, n: int) -> None:
        """So many records that nobody will see."""
        self.sequence += n

    def _add(self, code: int, t: int, payload: bytes) -> None:
        self.sequence += 1
        record = encoding.record(code, self.boot, self.sequence, t, payload)
        self.records.append((self.sequence, record))


@dataclass
class Evening:
    """What boxes told. policy: the completed one, by its 12 digits."""

    since: int
    until: int
    boots: list[Boot]
    policy: Members = field(default_factory=dict)

    @property
    def units(self) -> list[str]:
        return sorted({boot.unit for boot in self.boots})


def evening(seconds: int = 600, seed: int = 1, units: tuple[str, ...] = ("NT-0001", "NT-0002")):
    """An evening with all that a bundle has to say something about: levels in both codes, each
    reason, a gap, seconds claimed twice, a boot that learned the time late, stages and words."""
    chance = random.Random(seed)
    policy = canonical({"name": "东门广场", "limit": {"day": 650}, "version": 1})
    name = hashlib.sha256(policy).hexdigest()[:12]
    boots = []
    for unit in units:
        late = Boot(unit, 3)
        late.event(1, "boot", reset="power on", firmware="1.0.0")
        for t in range(2, 42, 10):
            late.seconds(t, _levels(chance, 10, 540))
        late.event(45, "clock", boot_at=BEGIN + 3, source="ntp", step=0)
        late.seconds(BEGIN + 50, _levels(chance, 10, 560), plainly=True)
        box = Boot(unit, 4)
        begin = BEGIN + 70
        box.event(begin - 1, "boot", reset="watchdog", firmware="1.0.0", policy=name)
        for t in range(begin, BEGIN + seconds, 10):
            loud = 120 <= t - BEGIN < 400
            box.seconds(t, _levels(chance, 10, 690 if loud else 540), plainly=t % 7 == 0)
            match t - BEGIN:
                case 120:
                    box.event(
                        t,
                        "stage",
                        **{"from": "green", "to": "red"},
                        limit=650,
                        level=694,
                        policy=name,
                    )
                    box.event(t, "spotlight", on=True)
                case 180:
                    box.event(
                        t,
                        "warning",
                        stage="polite",
                        message="polite_zh",
                        number=1,
                        volume=-6,
                        policy=name,
                    )
                    # fields that no firmware has yet: no integer, and one that no browser reads
                    more = {"after": 2.0, "volume": 2**53 + 1}
                    box.event(t + 4, "spoken", message="polite_zh", number=1, **more)
                case 240:
                    box.event(
                        t, "spoken", message="firm_zh", number=2, failed='读不出 "x", 放弃\n'
                    )
                    box.event(
                        t,
                        "outcome",
                        message="firm_zh",
                        stage="firm",
                        number=2,
                        effective=False,
                        after=60,
                    )
                case 300:
                    box.given_up(3)
                case 410:
                    # claimed a second time, louder
                    box.seconds(t - 20, _levels(chance, 10, 600))
                    box.event(
                        t,
                        "stage",
                        **{"from": "red", "to": "green"},
                        limit=650,
                        level=MISSING,
                        policy=name,
                    )
                case 420:
                    box.event(t, "doctor", findings=["hum 50 Hz", "clipping"])
        boots += [late, box]
    return Evening(BEGIN + 10, BEGIN + seconds - 5, boots, {name: policy})


def _levels(chance: random.Random, n: int, about: int) -> list[tuple[int, ...]]:
    found = []
    for _ in range(n):
        flags = chance.choice((0,) * 12 + (1, 3, 4, 5, 6, 7, 9, 0x10, 0x8000))
        A = about + chance.randrange(-20, 20)
        if flags & 15 in (1, 3):
            found.append((MISSING, MISSING, MISSING, MISSING, flags))
        else:
            more = chance.randrange(0, 40)
            found.append((A, A + 10 + more, A + 70 + chance.randrange(90), A + 200 + more, flags))
    if chance.random() < 0.1:
        found[3] = (-12, 1500, 900, 1400, 0)
    return found


# --- the bundle ----------------------------------------------------------------------------------


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
