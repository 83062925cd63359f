"""A granted permit as people see it: with its QR code on a page, and on paper."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException
from fastapi.responses import Response

from noisetamer.hub import permits
from noisetamer.hub.around import Around
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import Document
from noisetamer.hub.web.permit_form import told
from noisetamer.hub.web.qr import qr_code, standing_alone
from noisetamer.hub.web.timeline import to_the_minute
from noisetamer.hub.words.i18n import Texts
from noisetamer.proof.permit_document import read

_TEMPLATE = Path(permits.__path__[0]) / "permit.typ"


@dataclass(frozen=True)
class Issued:
    """One document, however old. state: a key of words; address: where it verifies itself, ""
    once its text was taken out; sha256: in hexadecimal."""

    number: str
    at: str
    state: str
    address: str
    sha256: str


@dataclass(frozen=True)
class Line:
    """One permit in a list. at: of the last change."""

    permit: Permit
    group: Group
    at: str
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown(Line):
    """One permit with all that is to be seen of it. qr: SVG of the document that holds, "" of
    none; documents: the newest first."""

    number: str
    address: str
    qr: str
    documents: list[Issued]


def line(permit: Permit, group: Group, texts: Texts, utc_offset: float) -> Line:
    """Without its documents, whose codes take long to draw."""
    at = to_the_minute(permit.at, utc_offset)
    return Line(permit, group, at, tuple(told(permit, texts)))


def shown(
    around: Around, permit: Permit, group: Group, texts: Texts, utc_offset: float, base: str
) -> Shown:
    """base: of the hub's addresses as the browser reached it; blocks."""
    rows = around.permits.documents(permit.id)
    gone = {row.number: row.what for row in rows if row.what != "issued"}
    issued = [
        Issued(
            row.number,
            to_the_minute(row.at, utc_offset),
            gone.get(row.number, "issued"),
            _address(base, row),
            row.sha256.hex(),
        )
        for row in rows
        if row.what == "issued"
    ]
    holds = issued[-1] if issued and issued[-1].number not in gone else None
    address = holds.address if holds else ""
    return Shown(
        *(permit, group, to_the_minute(permit.at, utc_offset), tuple(told(permit, texts))),
        *(holds.number if holds else "", address, _code(address), issued[::-1]),
    )


def _code(address: str) -> str:
    """Its QR code as SVG, "" of nothing."""
    return qr_code(address, "l") if address else ""


def pdf_of(around: Around, permit: Permit, group: Group, texts: Texts, base: str) -> Response:
    """The document that holds, on paper; blocks. Raises HTTPException, 404, where none does."""
    # only now: what draws paper is large
    from noisetamer.base.paper import pages

    found = shown(around, permit, group, texts, 0, base)
    if not found.address:
        raise HTTPException(404, "No such permit.")
    document = around.permits.document(found.number)
    assert document is not None
    zone = around.permits.calendar(permit.square).clock.offset
    data = {
        "title": texts["permit_paper"],
        "group": group.name,
        "below": texts["permit_paper_below"].format(square=permit.square, number=found.number),
        "facts": [
            *((name, value) for name, value in found.terms),
            (texts["permit_leader"], group.leader or "—"),
            (texts["permit_issued_at"], to_the_minute(document.at, zone / 3600)),
            (texts["permit_signed_by"], read(document.jws).claims["iss"]),
        ],
        "how": [texts[f"permit_paper_how_{number}"] for number in (1, 2, 3)],
        "sha256": hashlib.sha256(document.jws.encode()).hexdigest(),
        "hash-name": texts["permit_sha256"],
        "lang": texts["language"][:2],
    }
    made = pages.pdf(_TEMPLATE, data, {"qr": standing_alone(_code(found.address))})
    name = f'inline; filename="permit-{found.number}.pdf"'
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": name})


def _address(base: str, document: Document) -> str:
    return f"{base}permit#{document.jws}" if document.jws else ""
