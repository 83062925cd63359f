"""A group, and the evening it asks for."""

from datetime import date, datetime, timedelta, timezone

from noisetamer.hub.permits.permit import Group, Permit

SQUARE = "东门广场"
EAST = Group(0, SQUARE, "东门舞队", "王阿姨", "leader-1", "拉杆音箱")
BEIJING = timezone(timedelta(hours=8))
EVENING = Permit(
    *(0, 0, SQUARE, "北侧", ("mon", "tue", "wed", "thu", "fri"), 19 * 60, 20 * 60 + 30),
    *(date(2026, 11, 2), date(2026, 12, 31), 650),
)


def at(text: str, zone: timezone = BEIJING) -> int:
    """Unix s of a local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())
