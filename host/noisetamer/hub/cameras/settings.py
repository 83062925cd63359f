"""What a square says of its camera (kind "camera" of its settings); off until somebody says on.

The login is not part of it: settings are kept in every version and shown (logins.py).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import SplitResult, urlsplit

from noisetamer.base.errors import UserError

KIND = "camera"
BLURS = ("none", "faces", "all")
MOST_DAYS = 366
LONGEST_ADDRESS = 500

_SCHEMES = {"snapshot": ("http", "https"), "stream": ("rtsp",)}


@dataclass(frozen=True)
class Camera:
    """on: whether pictures are taken; snapshot: http(s) address that answers with a JPEG; stream:
    rtsp address, asked where the snapshot fails; "": has none; in_clear: its password may go
    unencrypted (Basic over http); any_certificate: of https, unchecked; blur: one of BLURS;
    keep_days: then a picture is deleted.
    """

    on: bool = False
    snapshot: str = ""
    stream: str = ""
    in_clear: bool = False
    any_certificate: bool = False
    blur: str = "none"
    keep_days: int = 30

    @property
    def body(self) -> dict[str, object]:
        """As it is stored."""
        return asdict(self)


def checked(body: Mapping[str, object]) -> Camera:
    """What is stored, or what somebody typed. Raises UserError."""
    known = Camera()
    strange = body.keys() - known.body.keys()
    if strange:
        raise UserError(f"A camera has no {sorted(strange)[0]!r}: it has {', '.join(known.body)}.")
    for name, value in body.items():
        kind = type(getattr(known, name))
        if type(value) is not kind:
            raise UserError(f"{name} of a camera is {value!r}: give {_KINDS[kind]}.")
    camera = Camera(**dict(body))  # type: ignore[arg-type]
    for name, schemes in _SCHEMES.items():
        _check_address(name, getattr(camera, name), schemes)
    if camera.on and not (camera.snapshot or camera.stream):
        raise UserError(
            "A camera that is on needs an address: give that of its snapshot (http://...) or of "
            "its stream (rtsp://...)."
        )
    if camera.blur not in BLURS:
        raise UserError(f"blur of a camera is {camera.blur!r}: give one of {', '.join(BLURS)}.")
    if not 1 <= camera.keep_days <= MOST_DAYS:
        raise UserError(
            f"keep_days of a camera is {camera.keep_days}: give 1 to {MOST_DAYS} days."
        )
    return camera


_KINDS = {bool: "true or false", str: "a text", int: "a whole number"}


def _check_address(name: str, address: str, schemes: tuple[str, ...]) -> None:
    if not address:
        return
    how = f"give {schemes[0]}://HOST/PATH, without user and password"
    if len(address) > LONGEST_ADDRESS or not address.isprintable() or set(address) & set(" '\"\\"):
        # ffmpeg reads the address from a script, where these would end it
        raise UserError(f"The {name} address of a camera has signs that no address has: {how}.")
    split = _split(address)
    if split is None or split.scheme not in schemes or not split.hostname:
        raise UserError(f"The {name} address of a camera is no {schemes[0]} address: {how}.")
    if "@" in split.netloc:
        # not repeated here: the message would carry the password on
        raise UserError(
            f"The {name} address of a camera holds a login: {how}; they have fields of their own."
        )


def _split(address: str) -> SplitResult | None:
    try:
        split = urlsplit(address)
        _ = split.port
    except ValueError:
        return None
    return split
