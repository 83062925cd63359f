"""A permit's document stands in the log by its hash, and nobody's name does."""

import hashlib
from contextlib import closing
from datetime import date
from pathlib import Path

from growing_log import signer

from noisetamer.hub.log import doings
from noisetamer.hub.log.log import Log
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import FILE, Permits

EVENING = Permit(
    *(0, 0, "东门广场", "北侧", (), 1140, 1230, date(2026, 11, 2), date(2026, 12, 31), 650)
)


def test_each_document_is_a_leaf_once_and_stays_when_the_leader_is_forgotten(
    tmp_path: Path,
) -> None:
    log = Log(tmp_path / "log", tmp_path / "log.sqlite", signer("hub/noisetamer/0"), lambda: 9.0)
    sign = "signed {} for {}".format
    made = Permits(
        tmp_path / FILE,
        sign=lambda group, permit, number, at: sign(number, group.leader),
        clock=lambda: 5.0,
    )
    with closing(made) as permits, closing(log):
        asked = permits.apply(EVENING, Group(0, "东门广场", "东门舞队", "王阿姨"))
        permits.decide(asked.id, "approved", "li")
        doings.follow(log, tmp_path, to_the_end=True)
        permits.decide(asked.id, "revoked", "li", "too loud")
        permits.forget(asked.group)
        doings.follow(log, tmp_path, to_the_end=True)
        doings.follow(log, tmp_path, to_the_end=True)
        leaves = [found.fields for found in log.find("permit")]
        assert [(one["what"], one["number"]) for one in leaves] == [
            *(("issued", "1.1"), ("revoked", "1.1")),
        ]
        sha256 = hashlib.sha256(sign("1.1", "王阿姨").encode()).hexdigest()
        assert {one["sha256"] for one in leaves} == {sha256}
        assert "王阿姨" not in str(leaves)
        assert permits.documents()[0].jws == ""
