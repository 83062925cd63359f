import pytest
from hand_built import incident

from noisetamer.base.errors import UserError
from noisetamer.simulate import junit, levels_plot, panel_picture, summary

WRITERS = {
    "summary.json": lambda path: summary.write({}, path),
    "report.xml": lambda path: junit.write([], path, "evening_square", "noisetamer simulate"),
    "levels.png": lambda path: levels_plot.draw(incident(), path, "evening_square"),
    "panel.png": lambda path: panel_picture.draw(bytes(3), 1, 1, [0], path),
}


@pytest.mark.parametrize(("name", "write"), WRITERS.items(), ids=list(WRITERS))
def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path, name, write):
    path = tmp_path / "no such folder" / name
    with pytest.raises(UserError, match="cannot be written: No such file") as refused:
        write(path)
    assert str(refused.value).startswith(f"{path}: ")
