"""What stands above every page, and the page of all pages."""

from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.navigation import ALL, PLACES, grouped, places
from noisetamer.hub.words.i18n import read_texts

TEXTS = read_texts()["en"]
ADMIN = Account(1, "wang", "", "admin")
LEADER = Account(2, "li", "", "leader")


def test_a_line_holds_what_is_needed_daily_the_way_to_all_and_where_one_is():
    line = places(ADMIN, "/audit", TEXTS)
    assert [place.path for place in line] == ["/", "/incidents", "/duty", ALL, "/audit"]
    assert [place.path for place in line if place.here] == ["/audit"]


def test_whoever_may_open_few_pages_has_them_all_in_the_line():
    assert [place.path for place in places(LEADER, "/", TEXTS)] == ["/", "/incidents", "/duty"]


def test_the_page_of_all_has_each_once_and_nothing_that_may_not_be_opened():
    found = [place.path for _, group in grouped(ADMIN, TEXTS) for place in group]
    assert found == [path for path, *_ in PLACES]
    assert [place.path for _, group in grouped(LEADER, TEXTS) for place in group] == [
        "/",
        "/incidents",
        "/duty",
    ]
