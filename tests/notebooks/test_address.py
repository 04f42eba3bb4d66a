"""`make address`: links and the cell for Colab, in a copy of the collection; written twice, they stand once."""

import json
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import address

ROOT = address.ROOT


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "README.md", tmp_path)
    address.write("somebody/old-name", tmp_path)
    address.write("owner/name", tmp_path)
    return tmp_path


def test_links_and_badge_stand_once_and_name_the_notebook(copy):
    readme = (copy / "README.md").read_text(encoding="utf-8")
    assert readme.count("[![Binder]") == 1
    assert "gh/owner/name/HEAD?urlpath=lab/tree/notebooks/00_start_here.ipynb" in readme
    assert "old-name" not in readme
    for path in sorted((copy / "notebooks").glob("*.ipynb")):
        page = path.read_text(encoding="utf-8")
        assert page.count("mybinder.org") == page.count("colab.research") == 1
        assert f"gh/owner/name/HEAD?urlpath=lab/tree/notebooks/{path.name}" in page
        assert "old-name" not in page
        code = [cell for cell in json.loads(page)["cells"] if cell["cell_type"] == "code"]
        assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
        assert code[0]["metadata"]["tags"] == ["colab"]


def run(source):
    shell = InteractiveShell()
    asked = []
    shell.register_magic_function(asked.append, magic_name="pip")
    shell.run_cell(source).raise_error()
    return asked


def test_the_cell_does_nothing_elsewhere():
    assert run(address.CELL.format(repo="owner/name")) == []


def test_on_colab_the_cell_fetches_the_package_and_lets_widgets_in(monkeypatch):
    colab, allowed = ModuleType("google.colab"), []
    colab.output = SimpleNamespace(enable_custom_widget_manager=lambda: allowed.append(True))
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    assert run(address.CELL.format(repo="owner/name")) == ["install -q anywidget git+https://github.com/owner/name"]
    assert allowed == [True]


@pytest.mark.parametrize("name", ["", "name", "https://github.com/owner/name", "owner/name; rm -rf /"])
def test_a_wrong_name_is_refused(name, tmp_path):
    with pytest.raises(SystemExit, match="Expected: owner/name"):
        address.write(name, tmp_path)
