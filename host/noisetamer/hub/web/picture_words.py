"""Pictures, and why there are none, in words. Pure."""

from dataclasses import dataclass

from noisetamer.hub.cameras.album import Kept
from noisetamer.hub.cameras.take import Taken, Why
from noisetamer.hub.web.timeline import clock, to_the_minute
from noisetamer.hub.words.i18n import Texts

RIGHT_SECONDS = 2.0


@dataclass(frozen=True)
class Shown:
    """A picture, or the place where it would be. there: whether it can be looked at; facts: how
    it was taken, in a line; why: why there is none, or what was tried before.
    """

    id: int
    there: bool
    moment: str
    at: str
    facts: str
    why: str
    sha256: str


def moment_words(moment: str, texts: Texts) -> str:
    """When a picture was taken: at the start, at the peak, or at the stage it names."""
    return texts.get(f"moment_{moment}") or texts.get(f"mark_{moment}", moment)


def shown(kept: Kept, texts: Texts, utc_offset: float, sound: bool = True) -> Shown:
    """utc_offset: of the square's clock, h; sound: its file is what was taken."""
    at = clock(int(kept.at), utc_offset)
    said = because(kept.why, texts) if kept.why else ""
    if kept.sha256 is None:
        said = texts["no_picture"].format(why=said)
    elif kept.deleted is not None:
        gone = to_the_minute(kept.deleted, utc_offset)
        said = texts["picture_deleted"].format(time=gone, days=kept.keep_days)
    elif not sound:
        said = texts["picture_spoilt"]
    elif said:
        said = texts["picture_tried"].format(why=said)
    return Shown(
        id=kept.id,
        there=kept.there and sound,
        moment=moment_words(kept.moment, texts),
        at=f"{at:%m-%d %H:%M:%S}",
        facts=texts["picture_and"].join(_facts(kept, texts)),
        why=said,
        sha256=kept.sha256 or "",
    )


def last(kept: Kept | None, texts: Texts, utc_offset: float) -> str:
    """What came of the last one; "" where there was none. utc_offset: h."""
    if kept is None:
        return ""
    at = f"{clock(int(kept.at), utc_offset):%m-%d %H:%M}"
    if kept.sha256:
        return texts["camera_last_taken"].format(time=at)
    why = texts["no_picture"].format(why=because(kept.why, texts))
    return texts["camera_last_not"].format(time=at, why=why)


def because(why: tuple[Why, ...], texts: Texts) -> str:
    """Of every way that was tried."""
    said = []
    for one in why:
        words = texts[f"no_picture_{one.reason}"].format(detail=one.detail)
        said.append(texts[f"way_{one.way}"].format(why=words) if one.way else words)
    return texts["picture_and"].join(said)


def of_taken(taken: Taken, texts: Texts) -> str:
    """What came of a try."""
    if taken.picture is None:
        return texts["no_picture"].format(why=because(taken.why, texts))
    facts = [
        texts["picture_try"].format(
            way=texts[f"by_{taken.way}"], width=taken.picture.width, height=taken.picture.height
        ),
        _clock(taken.clock_error, texts),
        *_blur(taken.picture.blur, texts),
    ]
    if taken.why:
        facts.append(texts["picture_tried"].format(why=because(taken.why, texts)))
    return texts["picture_and"].join(facts)


def _facts(kept: Kept, texts: Texts) -> list[str]:
    if kept.sha256 is None:
        return []
    return [
        texts[f"by_{kept.way}"],
        _clock(kept.clock_error, texts),
        *_blur(kept.blur, texts),
    ]


def _blur(done: str, texts: Texts) -> list[str]:
    return [] if done == "none" else [texts[f"blurred_{done}"]]


def _clock(error: float | None, texts: Texts) -> str:
    if error is None:
        return texts["camera_clock_unknown"]
    # it tells whole seconds
    if abs(error) < RIGHT_SECONDS:
        return texts["camera_clock_right"]
    return texts["camera_clock"].format(error=f"{error:+.0f}")
