"""Links in messages: whom they are for, and for how long."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisetamer.base.errors import UserError
from noisetamer.hub.phones import keys
from noisetamer.hub.phones.links import Link, LinkError, Links

LINK = Link(account=3, incident=17, call="AbCdEfGh_-12", expires=1_775_048_580.0)
LINKS = Links(b"k" * 32)


def test_says_who_what_and_until_when():
    assert LINKS.read(LINKS.make(LINK), LINK.expires - 1) == LINK


def test_is_over_at_its_end():
    with pytest.raises(LinkError) as refused:
        LINKS.read(LINKS.make(LINK), LINK.expires)
    assert refused.value.why == "expired"


def test_another_hubs_link_is_foreign():
    with pytest.raises(LinkError) as refused:
        Links(b"K" * 32).read(LINKS.make(LINK), 0)
    assert refused.value.why == "foreign"


@given(st.data())
def test_one_sign_changed_makes_it_foreign(data: st.DataObject):
    token = LINKS.make(LINK)
    at = data.draw(st.integers(0, len(token) - 2))  # the last one carries padding bits only
    sign = data.draw(st.sampled_from("Aa0_-.").filter(lambda sign: sign != token[at]))
    with pytest.raises(LinkError):
        LINKS.read(token[:at] + sign + token[at + 1 :], 0)


@given(st.text(max_size=80))
def test_anything_else_is_foreign(token: str):
    with pytest.raises(LinkError):
        LINKS.read(token, 0)


def test_is_short_enough_for_any_chat():
    assert len(LINKS.make(Link(99_999, 9_999_999, "x" * 12, 2e9))) < 110


def test_key_stays_and_is_the_owners_only(tmp_path: Path):
    file = tmp_path / "links.key"
    key = keys.kept(file)
    assert len(key) == 32 and keys.kept(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["links.key"]


def test_empty_key_is_no_key(tmp_path: Path):
    (tmp_path / "links.key").touch()
    with pytest.raises(UserError, match="is empty"):
        keys.kept(tmp_path / "links.key")
