"""What was found of a chain stands where it is seen: the story, the fleet, the hub's troubles."""

from collections.abc import Sequence

import pytest

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.chain_findings import KINDS, Finding
from noisetamer.hub.store.condition import Condition
from noisetamer.hub.surroundings import of_chains
from noisetamer.hub.web import fleet_view, view_model
from noisetamer.hub.words import i18n

T = 1795431600  # 2026-11-23 19:00 UTC+8
UNTOLD = Condition(None, None, None, None, (), None, {}, None, 0, 0)


def finding(kind: str, **detail: object) -> Finding:
    return Finding("NT-1", 7, 12, 14, T, T + 20, T + 30.0, kind, "", {"records": 3, **detail})


def state(chain: Sequence[Finding]) -> UnitState:
    return UnitState(Unit("NT-1", "", "Heping", "s"), online=True, chain=chain)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_sentence_that_says_when_and_which(kind: str, language: str):
    texts = i18n.read_texts()[language]
    (line,) = view_model.story(state([finding(kind)]), texts, 8)
    assert line.kind == "chain"
    assert "19:00:00" in line.text
    assert "{" not in line.text


def test_those_with_a_form_of_their_own():
    texts = i18n.read_texts()["en"]
    told = [finding("fork", second=True), finding("break", second=True)]
    told += [finding("gap", records=None), finding("gap")]
    said = [line.text for line in view_model.story(state(told), texts, 8)]
    assert said[0].startswith("Two records, both sealed by it, have one name (7.12")
    assert said[1].startswith("A record of 11-23 19:00:00 came a second time with a seal that is")
    assert said[2].startswith("What it told before 11-23 19:00:00 is missing")
    assert said[3] == "and 1 more like that"


def test_of_one_record_it_is_said_as_of_one():
    texts = i18n.read_texts()["en"]
    for kind in ("break", "gap", "unlinked", "revoked"):
        (line,) = view_model.story(state([finding(kind, records=1)]), texts, 8)
        assert " record " in line.text and "records" not in line.text


def test_it_comes_first_in_the_fleet_and_among_the_troubles():
    texts = i18n.read_texts()["en"]
    states = [state([finding("break")]), UnitState(Unit("NT-2", "", "", "s"), online=True)]
    told = {"NT-1": UNTOLD, "NT-2": UNTOLD}
    first, second = fleet_view.rows(states, told, {}, texts, 8, T)
    assert first.id == "NT-1" and first.grave
    assert first.ills[0].startswith("Seal broken: 3 of its records, from 11-23 19:00:00 to")
    assert not second.grave
    (trouble,) = of_chains(states)
    assert (trouble.key, trouble.ill) == ("chain", False)
    assert texts["trouble_chain"].format(**trouble.values).startswith("Records of Heping do not")
    assert list(of_chains(states[1:])) == []
