import base64
import stat
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.registry import ChainKeys, Unit, UnitKeys, Units, chain_keys, gone


def test_a_unit_keeps_its_secret_of_256_bits(tmp_path: Path):
    units = Units(tmp_path / "units.sqlite")
    secret = units.enrol("SIM-0001", name="East gate", square="People's square")
    assert Units(tmp_path / "units.sqlite").enrol("SIM-0001") == secret
    assert units.enrol("SIM-0002") != secret
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    assert [(unit.id, unit.name) for unit in units.all()] == [
        ("SIM-0001", "East gate"),
        ("SIM-0002", ""),
    ]


def test_many_are_enrolled_at_once_and_those_that_are_in_stay_as_they_are(tmp_path: Path):
    units = Units(tmp_path / "units.sqlite")
    secret = units.enrol("SIM-0002", square="People's square")
    key = units.command_key("SIM-0002")
    units.enrol_all(f"SIM-{number:04}" for number in range(1, 101))
    assert len({unit.secret for unit in units.all()}) == 100
    assert units.enrol("SIM-0002") == secret
    assert units.command_key("SIM-0002") == key
    assert len({units.chain_key(f"SIM-{number:04}") for number in range(1, 101)}) == 100
    with pytest.raises(UserError, match="no unit id"):
        units.enrol_all(["SIM-0200", "a/b"])
    assert len(units.all()) == 100


def test_a_unit_has_a_key_of_its_own_for_orders_until_it_is_revoked(tmp_path: Path):
    units = Units(tmp_path / "units.sqlite")
    secret, _ = units.enrol("SIM-0001"), units.enrol("SIM-0002")
    key = units.command_key("SIM-0001")
    assert key not in (None, "", secret, units.command_key("SIM-0002"))
    units.enrol("SIM-0001", name="East gate")
    assert units.command_key("SIM-0001") == key
    units.admit(Unit("NT-1", "", "Heping", "s"), UnitKeys("chain", "from the workshop", "claim"))
    assert units.command_key("NT-1") == "from the workshop"
    units.revoke("SIM-0001")
    assert units.command_key("SIM-0001") is None


def test_keys_of_a_chain_are_known_in_their_order_and_outlast_the_unit(tmp_path: Path):
    units = Units(tmp_path / "units.sqlite")
    units.enrol("SIM-0001")
    first = units.chain_key("SIM-0001")
    assert len(first) == 43
    units.enrol("SIM-0001", name="East gate")
    assert units.chain_key("SIM-0001") == first
    unit = Unit("NT-1", "", "Heping", "s")
    units.admit(unit, UnitKeys("one", "command", "claim"))
    assert units.learn_chain_keys("NT-1", UnitKeys("one", "command", "claim", ("two",))) == 1
    assert units.learn_chain_keys("NT-1", UnitKeys("one", "command", "claim", ("two",))) == 0
    assert [one.key for one in units.chain_keys()["NT-1"]] == ["one", "two"]
    assert units.chain_key("NT-1") == "two"
    units.revoke("NT-1")
    assert units.chain_key("NT-1") == ""
    kept = units.chain_keys()["NT-1"]
    assert [one.key for one in kept] == ["one", "two"]
    assert all(one.revoked for one in kept)
    # admitted again, or enrolled anew with another secret
    assert units.admit(unit, UnitKeys("one", "command", "claim", ("two",)))
    assert not any(one.revoked for one in units.chain_keys()["NT-1"])
    units.revoke("SIM-0001")
    units.enrol("SIM-0001")
    assert units.chain_key("SIM-0001") not in ("", first)
    # read without a change, beside a hub that runs
    assert chain_keys(tmp_path / "units.sqlite") == units.chain_keys()


def test_a_successor_is_known_by_all_that_stood_in_its_place(tmp_path: Path):
    units = Units(tmp_path / "units.sqlite")
    keys = UnitKeys("chain", "command", "claim")
    for old, new in (("NT-1", "NT-2"), ("NT-2", "NT-3"), ("NT-3", "NT-3")):
        units.admit(Unit(old, "", "Heping", old), keys)
        units.admit(Unit(new, "", "Heping", new), keys)
        if old != new:
            assert units.revoke(old, new)
    assert units.all() == [Unit("NT-3", "", "Heping", "NT-3", ("NT-2", "NT-1"))]
    units.admit(Unit("NT-2", "", "Heping", "anew"), keys)  # it stands for itself again
    assert [unit.replaced for unit in units.all()] == [("NT-1",), ()]


def test_only_the_owner_can_read_the_secrets(tmp_path: Path):
    Units(tmp_path / "units.sqlite").enrol("SIM-0001")
    assert stat.S_IMODE((tmp_path / "units.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize("id", ["", "sim-1", "A.B", "A/B", "A*", "A" * 25, "A\n", "单元"])
def test_an_id_that_cannot_be_a_topic_is_refused_in_one_sentence(tmp_path: Path, id: str):
    with pytest.raises(UserError, match="is no unit id: use 1 to 24 of"):
        Units(tmp_path / "units.sqlite").enrol(id)


def test_where_a_revoked_unit_stood_is_known_until_it_is_here_again(tmp_path: Path):
    file = tmp_path / "units.sqlite"
    assert gone(file) == []
    units = Units(file)
    units.enrol("SIM-0001", "east", "Heping")
    assert gone(file) == []
    units.revoke("SIM-0001")
    assert gone(file) == [Unit("SIM-0001", "east", "Heping", "")]
    units.revoke("SIM-0001")
    assert [one.id for one in gone(file)] == ["SIM-0001"]
    units.enrol("SIM-0001")
    assert gone(file) == []


def test_chain_keys_that_have_not_changed_stay_the_same_however_often_they_are_read(
    tmp_path: Path,
):
    units = Units(tmp_path / "units.sqlite")
    units.enrol("NT-1")
    units.enrol("NT-2")
    keys = ChainKeys(units)
    of_one, of_two = keys("NT-1"), keys("NT-2")
    units.revoke("NT-2")
    keys.load()
    assert keys("NT-1") is of_one
    assert keys("NT-2") != of_two
