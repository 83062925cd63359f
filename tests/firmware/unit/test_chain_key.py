"""A whole box chains its records by the key in its memory, and takes a new one at a start."""

import json
from pathlib import Path

import pytest
from chain_checker import ChainChecker, sent
from nor_flash import SECTOR, NorFlash
from stand import Stand

from noisetamer.unit.files.partition_image import JOURNAL_BYTES
from tamer.record import encoding
from tamer.record.seal import Seal, fingerprint
from tamer.tell.journal import Journal

pytestmark = pytest.mark.device

UNIT, KEY, NEW = "NT1-2611-0001", "k" * 43, "n" * 43


def in_memory(stand: Stand, **keys: str) -> dict[str, str]:
    """What it has there, with these besides."""
    file = stand.chip / "nvs"
    kept = json.loads(file.read_text())
    kept["tamer"] |= {name: key.encode().hex() for name, key in keys.items()}
    file.write_text(json.dumps(kept))
    texts = {name: value for name, value in kept["tamer"].items() if name.startswith("chain")}
    return {name: bytes.fromhex(value).decode() for name, value in texts.items()}


def test_a_box_that_is_given_a_new_key_tells_of_it_by_the_old_one(tmp_path: Path):
    stand = Stand(tmp_path, unit=UNIT)
    in_memory(stand, chain=KEY)
    stand.run(8)
    in_memory(stand, chain_new=NEW)
    stand.run(8)
    stand.run(4)
    assert in_memory(stand) == {"chain": NEW, "chain_new": NEW, "chain_old": KEY}
    flash = NorFlash(JOURNAL_BYTES // SECTOR)
    # The file holds the complement, and may end before the partition does.
    programmed = bytes(byte ^ 0xFF for byte in stand.journal.read_bytes())
    flash.data[: len(programmed)] = programmed
    hub = ChainChecker(UNIT, KEY, NEW)
    messages = sent(Journal(flash, 4, [Seal(NEW), Seal(KEY)]), hub)
    assert hub.findings == []
    assert encoding.opened(messages[0]).follows == Seal(KEY).first_link(UNIT)
    records = [encoding.opened(message).record for message in messages]
    events = [encoding.event(record) for record in records if record[0] == encoding.EVENT]
    told = [(kind, fields) for kind, fields in events if kind in ("boot", "rekeyed")]
    assert [kind for kind, _ in told] == ["boot", "rekeyed", "boot", "boot"]
    assert told[1][1] == {"fingerprint": fingerprint(NEW)}
