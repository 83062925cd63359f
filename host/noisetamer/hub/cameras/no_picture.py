"""Why there is no picture: a fact that is kept like the picture itself."""

OFF = "off"
NO_ADDRESS = "no_address"
UNREACHABLE = "unreachable"
CERTIFICATE = "certificate"
TIME_OUT = "time_out"
LOGIN = "login"
IN_CLEAR = "in_clear"
ELSEWHERE = "elsewhere"
STATUS = "status"
TOO_BIG = "too_big"
WEB_PAGE = "web_page"
UNREADABLE = "unreadable"
CUT_OFF = "cut_off"
TOO_MANY_PIXELS = "too_many_pixels"
TOO_SMALL = "too_small"
NO_FFMPEG = "no_ffmpeg"
NO_FRAME = "no_frame"
STREAM = "stream"
LATE = "late"
DISK = "disk"
FAULT = "fault"

REASONS = frozenset(
    (
        *(OFF, NO_ADDRESS, UNREACHABLE, CERTIFICATE, TIME_OUT, LOGIN, IN_CLEAR, ELSEWHERE),
        *(STATUS, TOO_BIG, WEB_PAGE, UNREADABLE, CUT_OFF, TOO_MANY_PIXELS, TOO_SMALL),
        *(NO_FFMPEG, NO_FRAME, STREAM, LATE, DISK, FAULT),
    )
)
"""Each has its sentence in words/LANGUAGE/cameras.json, `no_picture_REASON`."""


class NoPictureError(Exception):
    """reason: one of REASONS; detail: a number or a word for its sentence, never an address or
    what a camera said: either may hold a password.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        assert reason in REASONS, reason
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
