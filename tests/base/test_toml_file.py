"""TOML as people write it, and the sentence for what is none."""

import pytest

from noisetamer.base import toml_file
from noisetamer.base.errors import UserError

SAID = {
    "name = 人民广场": 'invalid value; text needs quotes: name = "人民广场" (at line 1)',
    "a = 1\nname = People's Square": 'text needs quotes: name = "People\'s Square" (at line 2)',
    "policy = square # ours": 'text needs quotes: policy = "square" (at line 1)',
    "name = “广场”": 'write " in place of “',
    "name ＝ 3": "write = in place of ＝",
    "levels = [94.0， 114.0]": "write , in place of ，",
    "【limit】\nday = 60": "write [ in place of 【",
    "day = 60\nday = 55": "cannot overwrite a value; the key is there twice, keep one (at line 2)",
    "a = [1,": "(at line 1)",
    "a = " + "[" * 5000: "its brackets are nested too deep",
    "b = 1\na" + ".b" * 5000 + " = 1": "its keys are nested too deep (at line 2)",
    "[a" + ".b" * 5000 + "]": "its keys are nested too deep (at line 1)",
    "a = " + "9" * 5000: "(at line 1)",
    "due = 2027-02-30": "invalid date or datetime (at line 1)",
}


@pytest.mark.parametrize("content", SAID, ids=range(len(SAID)))
def test_one_sentence_with_the_line_and_what_was_meant(tmp_path, content):
    (file := tmp_path / "mine.toml").write_text(content, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        toml_file.read(file)
    said = str(refused.value)
    assert said.startswith(f"{file}: is not valid TOML: ") and "\n" not in said
    assert SAID[content] in said


def test_as_windows_saves_it(tmp_path):
    (file := tmp_path / "mine.toml").write_bytes('name = "广场"\r\n'.encode("utf-8-sig"))
    assert toml_file.read(file) == {"name": "广场"}
    for other in ("gb18030", "utf-16"):
        file.write_bytes('name = "广场"'.encode(other))
        with pytest.raises(UserError, match="is not UTF-8 text; save it as UTF-8"):
            toml_file.read(file)
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        toml_file.read(tmp_path)
