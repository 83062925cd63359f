"""Which key a ledger's secrets are sealed with: named, beside the ledger, or the workshop's."""

from collections.abc import Sequence
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.keys.vault import Vault
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.options import KEY


def places(ledger_file: Path, named: Path | None) -> list[Path]:
    """Where the key of a ledger may be, likeliest first. named: by --key; then it is nowhere
    else.
    """
    if named is not None:
        return [named]
    beside = (ledger_file.with_suffix(".key"), ledger_file.with_name("ledger.key"))
    return list(dict.fromkeys((*beside, KEY)))


def vault(ledger: Ledger, key_places: Sequence[Path], *, make: bool = False) -> Vault:
    """Of the first key there that is the ledger's. key_places: of `places`.

    make: where there is none and nothing was sealed yet, a new one is made in the last place.
    Raises UserError where the ledger's key is not found.
    """
    there = [place for place in key_places if place.exists()]
    for place in there:
        found = Vault(place)
        if ledger.key in (None, found.fingerprint):
            return found
    if there:
        verb = "is" if len(there) == 1 else "are"
        raise UserError(
            f"{_listed(there)} {verb} not the key of the ledger {ledger.path}: name the right one "
            "with --key."
        )
    if make and ledger.key is None:
        return Vault(key_places[-1])
    raise UserError(
        f"The key of the ledger {ledger.path} is not there (looked for {_listed(key_places)}): "
        "name it with --key."
    )


def _listed(key_places: Sequence[Path]) -> str:
    return ", ".join(map(str, key_places))
