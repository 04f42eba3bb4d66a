"""Dask is an extra: without it all but notebook 11 works, and what needs it says what to install."""

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import helpers

ROOT = Path(__file__).parents[2]
NEED_DASK = {"helpers.cluster", "helpers.data_parallel", "helpers.sweep"}
MODULES = [module.name for module in pkgutil.walk_packages(helpers.__path__, "helpers.")]


def without_dask(code):
    """What a fresh Python without Dask says."""
    code = f"import sys; sys.modules['dask'] = sys.modules['distributed'] = None\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)


def test_everything_else_can_be_imported():
    others = sorted(set(MODULES) - NEED_DASK)
    assert len(others) > 50
    done = without_dask("\n".join(f"import {name}" for name in others))
    assert done.returncode == 0, done.stderr


def test_what_needs_it_says_what_to_install():
    for name in NEED_DASK:
        done = without_dask(f"import {name}")
        assert done.returncode == 1
        assert "ImportError: This part works on Dask, which is not installed here" in done.stderr
        assert "pip install -r requirements-dask.txt" in done.stderr
        assert "During handling" not in done.stderr  # one clear error, not two


def test_only_notebook_11_needs_it():
    (needs,) = [
        path.name
        for path in (ROOT / "notebooks").glob("*.ipynb")
        if re.search(r"helpers\.cluster|helpers\.data_parallel|import sweep", path.read_text(encoding="utf-8"))
    ]
    assert needs.startswith("11")
    assert "dask" not in (ROOT / "requirements.txt").read_text()
