"""The package in a folder with spaces and letters beyond ASCII that nobody may write to; and nothing for one system only."""

import ast
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

HELPERS = Path(__file__).parents[2] / "helpers"
USE = """
import sys
sys.path.insert(0, sys.argv[1])
import helpers
assert helpers.__file__.startswith(sys.argv[1]), helpers.__file__
from helpers import checks, layers, models
from helpers.datasets import mnist
from helpers.utils import to_categorical
from helpers.widgets.broadcasting import broadcasting
from helpers.widgets.predict import predict

(x, y), _ = mnist.load_data()
network = models.Sequential([layers.Dense(10, activation="softmax")])
network.compile("rmsprop", "categorical_crossentropy")
network.fit(x[:256].reshape(-1, 784) / 255, to_categorical(y[:256]), verbose=0)
network.save_weights("gewichte für Zoë.weights.npz")
network.load_weights("gewichte für Zoë.weights.npz")
broadcasting((3, 4), (4,)), predict("column_minus_vector"), checks.times_table(...)
"""


@pytest.fixture
def locked(tmp_path):
    """A copy of the package that nobody may write to."""
    folder = tmp_path / "Zoë's notebooks (read-only)"
    shutil.copytree(HELPERS, folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    entries = [folder, *folder.rglob("*")]
    for entry in entries:
        entry.chmod(entry.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    yield folder
    for entry in entries:
        entry.chmod(entry.stat().st_mode | stat.S_IWUSR)


def test_from_a_read_only_folder_with_a_strange_name(locked, tmp_path):
    here = tmp_path / "arbeit an Übungen"
    here.mkdir()
    before = sorted(locked.rglob("*"))
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", USE, str(locked)]
    done = subprocess.run(command, cwd=here, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(locked.rglob("*")) == before  # root may write anywhere: nobody tried to
    assert [path.name for path in here.iterdir()] == ["gewichte für Zoë.weights.npz"]


ONLY_SOMEWHERE = {"resource", "fcntl", "pwd", "grp", "termios", "signal", "msvcrt", "winreg", "posix"}


@pytest.mark.parametrize("path", sorted(HELPERS.rglob("*.py")), ids=lambda path: path.relative_to(HELPERS).as_posix())
def test_nothing_that_only_some_systems_have(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not ONLY_SOMEWHERE & {name.split(".")[0] for name in names}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            mode = node.args[1].value if len(node.args) > 1 else "r"
            assert "b" in mode or any(k.arg == "encoding" for k in node.keywords), (
                f"{path.name}:{node.lineno}: encoding?"
            )
