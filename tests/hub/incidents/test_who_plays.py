"""The first call goes to whoever leads the group that plays then, by its name."""

from dataclasses import replace
from pathlib import Path

import pytest
from evening import LI, WANG, Evening

from noisetamer.hub.incidents.roster import Playing, Reachable
from noisetamer.hub.phones.message import Turn, call
from noisetamer.hub.phones.situation import situation
from noisetamer.hub.words.i18n import read_texts

TEXTS = read_texts()
HUANG = Reachable(5, "huang", "leader", frozenset({"东门广场"}), 51, "ntfy")
DANCERS, TAICHI = Playing("东门舞队", "li"), Playing("太极队", "huang")


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    made = Evening(tmp_path)
    made.directory = (LI, HUANG, WANG)
    return made


def begun(evening: Evening) -> list[int | None]:
    """Whom the first step has called."""
    evening.stage("red")
    evening.hand_over("leader")
    return [person for _, person in evening.called()]


@pytest.mark.parametrize(
    ("playing", "people"),
    [
        ((), [LI.person, HUANG.person]),
        ((DANCERS,), [LI.person]),
        ((TAICHI,), [HUANG.person]),
        ((DANCERS, TAICHI), [LI.person, HUANG.person]),
        # who has a permit and no phone: nobody else's leader is rung for them, the next step is
        ((Playing("无名队"),), [WANG.person]),
    ],
)
def test_the_first_call_is_of_the_leader_whose_group_plays(
    evening: Evening, playing: tuple[Playing, ...], people: list[int]
) -> None:
    evening.playing = playing
    assert begun(evening) == people


def test_who_played_stands_in_the_incident_and_again_where_others_came(evening: Evening) -> None:
    evening.playing = (DANCERS,)
    begun(evening)
    evening.stage("green")
    evening.wait(60)
    evening.playing = ()
    evening.stage("red")
    evening.wait(2)
    entries = evening.incidents.timeline(evening.only.id)
    noted = [entry.fields["groups"] for entry in entries if entry.what == "playing"]
    assert noted == [["东门舞队"], []]


def test_the_leader_reads_her_groups_name_the_level_and_how_long(evening: Evening) -> None:
    evening.playing = (DANCERS,)
    begun(evening)
    incident = evening.only
    about = situation(incident, evening.incidents.timeline(incident.id), lambda unit: "")
    about = replace(about, level=68.2, limit=65.0)
    now = incident.opened + 190
    assert call(about, TEXTS["zh"], 8, now, Turn(leader=True)).title == "东门舞队 68 分贝，3 分钟"
    assert call(about, TEXTS["en"], 8, now, Turn(leader=True)).title == "东门舞队, 68 dB, 3 min"
    others = call(about, TEXTS["zh"], 8, now, Turn(place=1))
    assert others.title == "东门广场 68 分贝，限值 65"
    assert others.lines[2] == "此时在场的队伍：东门舞队"


def test_of_two_groups_both_are_named_and_none_is_accused_alone(evening: Evening) -> None:
    evening.playing = (DANCERS, TAICHI)
    begun(evening)
    incident = evening.only
    about = situation(incident, evening.incidents.timeline(incident.id), lambda unit: "")
    about = replace(about, level=68.2, limit=65.0)
    said = call(about, TEXTS["zh"], 8, incident.opened + 190, Turn(leader=True))
    assert said.title == "东门舞队、太极队 68 分贝，3 分钟"
    assert said.lines[2] == "此时在场（不知是哪一队）：东门舞队、太极队"
