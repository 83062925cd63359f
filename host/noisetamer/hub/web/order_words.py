"""Orders in words: what was asked for, by whom, and what became of it. Pure."""

from dataclasses import dataclass
from typing import Any

from noisetamer.hub.orders.ledger import Order
from noisetamer.hub.web.timeline import clock
from noisetamer.hub.words.i18n import Texts


@dataclass(frozen=True)
class Row:
    """One order, for people. id: of unit and number; state: of `ledger.STATES`."""

    id: str
    unit: str
    verb: str
    at: str
    what: str
    who: str
    state: str
    became: str


def row(
    order: Order, texts: Texts, utc_offset: float, place: str = "", online: bool = True
) -> Row:
    """utc_offset: of the square's clock, h; place: of the unit, where there are several; online:
    whether it is connected."""
    at = clock(int(order.at), utc_offset)
    said = what(order, texts)
    role = texts.get(f"role_{order.role}", order.role)
    return Row(
        id=f"{order.unit}-{order.n}",
        unit=order.unit,
        verb=order.verb,
        at=f"{at:%m-%d %H:%M:%S}",
        what=texts["order_at"].format(what=said, place=place) if place else said,
        who=texts["order_by"].format(
            name=_called(order, texts) or role, role=role, reason=order.reason
        ),
        state=order.state,
        became=became(order, texts, utc_offset, online),
    )


def _called(order: Order, texts: Texts) -> str:
    """As they call themselves, beside the account that it was."""
    display = order.note.get("display")
    if not display or display == order.by:
        return order.by
    return texts["person_also"].format(display=display, name=order.by)


def what(order: Order, texts: Texts) -> str:
    """What is to be done."""
    key, fields = f"verb_{order.verb.replace('-', '_')}", order.fields
    values: dict[str, Any] = {**fields, **order.note}
    match order.verb:
        case "say" | "voice":
            values["text"] = order.note.get("text") or fields["message"]
        case "play" if order.note.get("text"):
            key = "verb_speak"
        case "spotlight" if fields["state"] == "auto" or not fields["for"]:
            key = "verb_spotlight_auto"
        case "spotlight":
            key = f"verb_spotlight_{fields['state']}"
        case "mute" | "volume" if not fields["for"]:
            key += "_over"
        case "policy":
            values["name"] = order.note.get("name") or fields["sha256"][:12]
    if "for" in fields:
        values["time"] = lasting(fields["for"], texts)
    return texts[key].format(**values)


def became(order: Order, texts: Texts, utc_offset: float, online: bool = True) -> str:
    """How it stands with it."""
    if order.state == "done" and order.closed and order.fields.get("for"):
        end = clock(int(order.closed + order.fields["for"]), utc_offset)
        return texts["order_done_until"].format(time=f"{end:%H:%M}")
    if order.state == "given" and not online:
        return texts["order_given_away"]
    if order.state != "refused":
        key = f"order_{order.state}"
        if order.state == "begun" and order.verb not in ("say", "play"):
            key = "order_taken"
        return texts[key]
    why = texts.get(f"order_why_{order.why}", order.why)
    detail = texts["order_detail"].format(detail=order.detail) if order.detail else ""
    return texts["order_refused"].format(why=why) + detail


def lasting(seconds: int, texts: Texts) -> str:
    """In minutes or hours."""
    if seconds % 3600 == 0 and seconds:
        return texts["mute_hours"].format(hours=seconds // 3600)
    return texts["mute_minutes"].format(minutes=-(-seconds // 60))
