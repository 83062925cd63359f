"""A hub whose stores are on a PostgreSQL server: `noisetamer hub --database URL`."""

from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from noisetamer.base.database import ServerError, place
from noisetamer.base.errors import UserError


def keep_at(data: Path, url: str) -> None:
    """From now on the stores of `data` are in the database at `url`; the folder says so.

    Raises UserError where they are elsewhere already, or cannot be there.
    """
    try:
        url = place.checked(url)
    except UserError as error:
        raise UserError(f"--database: {error}") from None
    known = place.url_of(data)
    if known == url:
        return
    files = sorted(file.name for file in data.glob("*.sqlite"))
    if files and not known:
        raise UserError(
            f"{data}: keeps its stores in files ({files[0]} and others): "
            f"'noisetamer hub move --to URL --data {data}' takes them there."
        )
    # a hub with files needs no driver
    from noisetamer.base.database import making

    server = place.Server(url, "hub")
    try:
        making.must_do(server)
        there = making.version_there(server) is not None
    except ServerError as error:
        raise UserError(f"--database: {error}.") from None
    if there and not known:
        # two hubs would call twice for one incident, and neither's boxes would know the other
        raise UserError(
            f"{place.told(url)} holds the stores of a hub already, and {data} has none of its "
            "keys: copy that hub's folder here once it has ended, or name a database of its own."
        )
    if known and not there and _holds_a_hub(known):
        raise UserError(
            f"{data}: its stores are in {place.told(known)}, and there are none in "
            f"{place.told(url)}: move them first, with 'noisetamer hub move'."
        )
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.put_url(data, url)
    except OSError as error:
        raise UserError(f"{data}: cannot be written ({error.strerror})") from None


def alone_there(data: Path) -> AbstractContextManager[object]:
    """Until its end no hub uses the database of `data`, where it has one. Raises UserError."""
    if not place.url_of(data):
        return nullcontext()
    from noisetamer.hub.leases.sole import SoleUse

    return closing(SoleUse(data))


def _holds_a_hub(url: str) -> bool:
    """Whether there is anything to be moved; yes where that cannot be known."""
    from noisetamer.base.database import making

    try:
        return making.version_there(place.Server(url, "hub")) is not None
    except ServerError:
        return True


def what_a_backup_lacks(data: Path) -> str:
    """What is to be said of a backup of this folder; "" where it holds all."""
    url = place.url_of(data)
    if not url:
        return ""
    return (
        f"it has keys, certificates and pictures; the stores are in {place.told(url)}, which is "
        "backed up there: pg_dump --format=custom --file=FILE, after this one"
    )
