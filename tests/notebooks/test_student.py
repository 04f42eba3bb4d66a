"""The copies for a class: no solution in them, everything else; and what comes back as a table."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import student


@pytest.fixture
def folder(tmp_path, capsys):
    student.hand_out(tmp_path / "class")
    return tmp_path / "class"


def test_the_copies_hold_all_but_the_solutions(folder):
    originals = sorted(student.NOTEBOOKS.glob("*.ipynb"))
    assert [path.name for path in sorted(folder.iterdir())] == [path.name for path in originals]
    for path in originals:
        before, after = (json.loads((f / path.name).read_text(encoding="utf-8")) for f in (student.NOTEBOOKS, folder))
        left_out = [cell for cell in before["cells"] if cell["metadata"].get("tags") == ["solution"]]
        assert len(after["cells"]) == len(before["cells"]) - len(left_out)
        page = json.dumps(after)
        assert "<summary>Solution" not in page
        assert "checks." in page or path.name.startswith("00")
        assert not any(cell.get("outputs") for cell in after["cells"])


def test_nobodys_work_is_overwritten(folder):
    (folder / "01_a_first_neural_network.ipynb").write_text("my answers")
    with pytest.raises(SystemExit, match="not empty"):
        student.hand_out(folder)
    assert (folder / "01_a_first_neural_network.ipynb").read_text() == "my answers"


def test_marks(tmp_path, capsys):
    def notebook(*lines):
        outputs = [{"output_type": "stream", "text": [line + "\n" for line in lines]}]
        return json.dumps({"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]})

    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "04.ipynb").write_text(notebook("✓ sum_shape: right.", "✗ broadcasts: case 1", "  hint …"))
    (tmp_path / "bob.ipynb").write_text(notebook("· sum_shape: not yet.", "✗ distances: no", "✓ distances: right."))
    (tmp_path / "torn.ipynb").write_text('{"cells": [')
    out = io.StringIO()
    student.marks(tmp_path, out)
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [
        ["notebook", "right", "of", "sum_shape", "broadcasts", "distances"],
        [str(Path("ada/04.ipynb")), "1", "2", "right", "wrong", ""],
        ["bob.ipynb", "1", "2", "not yet", "", "right"],
    ]
    assert "not a notebook: torn.ipynb" in capsys.readouterr().err
