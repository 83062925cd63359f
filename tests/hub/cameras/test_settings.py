import re

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.cameras.photographer import camera_of
from noisetamer.hub.cameras.settings import Camera, checked

WRONG = {
    "flash": ({"flash": 1}, "no 'flash'"),
    "text for a switch": ({"on": "yes"}, "on of a camera is 'yes'"),
    "true for days": ({"keep_days": True}, "a whole number"),
    "no day": ({"keep_days": 0}, "1 to 366"),
    "blur": ({"blur": "some"}, "one of none"),
    "on, without an address": ({"on": True}, "needs an address"),
    "file": ({"snapshot": "file:///etc/passwd"}, "no http address"),
    "no host": ({"snapshot": "http:///x"}, "no http address"),
    "bad port": ({"snapshot": "http://camera:99999999/"}, "no http address"),
    "stream over http": ({"stream": "http://camera/live"}, "no rtsp address"),
    "line break": ({"stream": "rtsp://camera/a\noption x"}, "signs that no address has"),
    "quote": ({"stream": "rtsp://camera/a'"}, "signs that no address has"),
    "endless": ({"snapshot": "http://camera/" + "a" * 500}, "signs that no address has"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_camera_is_one_clear_sentence(case: str):
    body, sentence = WRONG[case]
    with pytest.raises(UserError, match=re.escape(sentence)):
        checked(body)


def test_a_login_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(UserError, match="fields of their own") as found:
        checked({"snapshot": "http://admin:hunter2@camera/x"})
    assert "hunter2" not in str(found.value)


def test_a_square_has_no_camera_until_somebody_turns_one_on():
    assert not checked({}).on
    assert not camera_of(None).on
    assert not camera_of({"on": True, "lens": "of a later hub"}).on
    camera = Camera(on=True, snapshot="http://192.168.1.9/ISAPI/picture?channel=1")
    assert checked(camera.body) == camera
