"""What the hub has committed to, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from noisetamer.hub.web.timeline import clock, done_by, to_the_second
from noisetamer.hub.words.i18n import Texts
from noisetamer.proof.canonical import base64_text
from noisetamer.proof.checkpoint import checkpoint_of
from noisetamer.proof.leaf import Leaf
from noisetamer.proof.notes import parse


@dataclass(frozen=True)
class Row:
    """A leaf. address: of the page of what it is about, "" of none."""

    index: int
    at: str
    kind: str
    text: str
    address: str


@dataclass(frozen=True)
class Head:
    """The newest checkpoint. age: in words; cosigned: (witness, when) of each."""

    origin: str
    size: int
    root: str
    at: str
    age: str
    cosigned: list[tuple[str, str]]


def head(note: str, signed: float, now: float, texts: Texts, utc_offset: float) -> Head:
    """signed, now: Unix s; utc_offset: h."""
    parsed = parse(note)
    told = checkpoint_of(parsed.text)
    cosigned = [
        (each.name, to_the_second(int.from_bytes(each.blob[:8]), utc_offset))
        for each in parsed.signatures
        if each.name != told.origin and len(each.blob) == 72
    ]
    minutes = max(0, int(now - signed) // 60)
    age = (
        texts["log_age_minutes"].format(minutes=minutes)
        if minutes < 120
        else texts["log_age_hours"].format(hours=minutes // 60)
    )
    root, at = base64_text(told.root), to_the_second(signed, utc_offset)
    return Head(told.origin, told.size, root, at, age, cosigned)


def stamped(at: int, size: int, texts: Texts, utc_offset: float) -> str:
    """Of the last stamp. at: Unix s, as the authority says; size: of the tree it is on."""
    return texts["log_stamped_at"].format(at=to_the_second(at, utc_offset), size=size)


def row(
    index: int, leaf: Leaf, content: Mapping[str, Any] | None, texts: Texts, utc_offset: float
) -> Row:
    """content: None where it was deleted."""
    text = texts["log_content_gone"] if content is None else _said(content, texts)
    incident = (content or {}).get("incident")
    address = f"/incidents/{incident}" if isinstance(incident, int) else ""
    return Row(
        index, to_the_second(leaf.at, utc_offset), texts[f"log_kind_{leaf.kind}"], text, address
    )


def _said(content: Mapping[str, Any], texts: Texts) -> str:
    match content:
        case {"kind": "batch"}:
            chain = content["chain"]
            word = texts.get(f"log_chain_{chain}", texts.get(f"chain_{chain}", chain))
            return texts["log_said_batch"].format(**{**content, "chain": word})
        case {"kind": "incident", "what": what}:
            did = texts.get(f"log_did_{what.replace(' ', '_')}", what)
            return _joined(f"#{content['incident']}", content["square"], did, content["by"])
        case {"kind": "order" | "policy", "verb": verb}:
            ordered = texts.get(f"order_verb_{verb}", verb)
            return _joined(content["unit"], ordered, content["by"], content["reason"])
        case {"kind": "effect", "verb": verb, "state": state}:
            ordered = texts.get(f"order_verb_{verb}", verb)
            became = texts.get(f"log_became_{state}", state)
            return _joined(content["unit"], ordered, became, content["detail"])
        case {"kind": "deletion", "what": "contents"}:
            return texts["log_said_contents"].format(count=len(content["indexes"]))
        case {"kind": "deletion", "what": "day"}:
            return texts["log_said_day"].format(
                unit=content["unit"], day=f"{clock(content['day'] * 86_400, 0):%Y-%m-%d}"
            )
        case {"kind": "start", "why": why}:
            return texts.get(f"log_start_{why}", str(why))
        case {"kind": "permit", "what": what}:
            return texts[f"log_said_permit_{what}"].format(**content)
        case {"kind": "calibration"}:
            return texts["log_said_reference"].format(unit=content["unit"])
        case {"audit": _, "what": what}:
            did = texts.get(f"audit_{what}", what)
            target = content["target"] if content["target"] != content["by"] else ""
            return _joined(done_by(content["by"], texts), did, target, content["reason"])
    named = (content.get(name) for name in ("unit", "square", "what"))
    return _joined(*(str(each) for each in named if each))


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)
