"""What was found of a unit's chain, as sentences anyone can read. Pure."""

from collections.abc import Sequence

from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.web.timeline import Line, local_time
from noisetamer.hub.words.i18n import Texts

# Of one unit, above its story.
_MOST = 3


def lines(found: Sequence[Finding], texts: Texts, utc_offset: float) -> list[Line]:
    """found: the newest first; utc_offset: of the unit's local time, h."""
    told = [
        Line(_at(one.t, utc_offset), "chain", sentence(one, texts, utc_offset))
        for one in found[:_MOST]
    ]
    if len(found) > _MOST:
        told.append(Line("", "chain", texts["chain_more"].format(count=len(found) - _MOST)))
    return told


def sentence(finding: Finding, texts: Texts, utc_offset: float) -> str:
    """What it is, of which records, and from when to when."""
    key = f"chain_{finding.kind}"
    if finding.detail.get("second"):
        key += "_second"
    elif finding.kind == "gap" and finding.detail.get("records") is None:
        key += "_unknown"
    elif finding.detail.get("records") == 1 and f"{key}_1" in texts:
        key += "_1"
    since, until = (_at(t, utc_offset) for t in (finding.t, finding.until))
    return texts[key].format(
        records=finding.detail.get("records"),
        since=since,
        until=until,
        first=f"{finding.boot}.{finding.seq}",
        last=f"{finding.boot}.{finding.last}",
    )


def _at(t: int, utc_offset: float) -> str:
    return local_time(t, utc_offset, with_date=True)
