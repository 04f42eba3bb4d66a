"""The rules that every notebook keeps, read from the files themselves; what they print is compared by nbval."""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.ipynb"))}


@pytest.fixture(params=NOTEBOOKS)
def notebook(request):
    return NOTEBOOKS[request.param]["cells"]


def text(cells, kind):
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def outputs(cells):
    return [output for cell in cells for output in cell.get("outputs", [])]


def test_there_are_notebooks():
    assert {"00_start_here.ipynb", "01_a_first_neural_network.ipynb", "09_the_training_loop.ipynb"} <= set(NOTEBOOKS)


def test_opens_and_closes_as_a_reader_expects(notebook):
    words = text(notebook, "markdown")
    for part in ("# ", "**You will**", "**You need**", "*Time:*"):
        assert part in words[0]
    (recap,) = re.findall(r"^## Recap\n\n(.*?)(?:\n\n|\Z)", "\n\n".join(words), re.S | re.M)
    assert len(recap.splitlines()) == 5
    assert "**Where next:**" in words[-1]
    if not words[0].startswith("# The mathematical"):
        assert any("## Exercises" in cell for cell in words)
        sittings, minutes = re.search(r"\*Time:\* (twice )?(\d+) minutes, and \d+ for the exercises", words[0]).groups()
        assert 15 <= int(minutes) <= 30
        assert bool(sittings) == any("*A good place to pause.*" in cell for cell in words)


def test_code_cells_are_short_and_have_run_in_order(notebook):
    code = [cell for cell in notebook if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for source in text(notebook, "code"):
        assert source.strip()
        assert len(source.splitlines()) <= 15, source


def test_at_most_a_third_of_the_outputs_is_not_compared(notebook):
    code = [cell for cell in notebook if cell["cell_type"] == "code"]
    ignored = [cell for cell in code if "nbval-ignore-output" in cell["metadata"].get("tags", [])]
    assert len(ignored) <= len(code) / 3


def test_stored_outputs_hold_no_error_and_no_path_of_some_machine(notebook):
    assert not [output for output in outputs(notebook) if output["output_type"] == "error"]
    assert not [output for output in outputs(notebook) if output.get("name") == "stderr"]
    assert not re.search(r"/(home|root|tmp|work|Users)/|C:\\", json.dumps(notebook))


def test_pictures_have_alt_text(notebook):
    pages = ["".join(output["data"].get("text/html", "")) for output in outputs(notebook) if "data" in output]
    for page in pages:
        for picture in re.findall(r"<img[^>]*>", page):
            assert len(re.search(r'alt="([^"]*)"', picture)[1]) > 10
    for output in outputs(notebook):
        assert "image/png" not in output.get("data", {}), "a figure that did not go out through plots.show"


def anchors(name):
    """Where a link into a notebook can lead: JupyterLab makes a place of each heading's text, with - for spaces."""
    headings = re.findall(r"^#+ (.+)$", "\n".join(text(NOTEBOOKS[name]["cells"], "markdown")), re.M)
    return {re.sub(r"[`*]", "", heading).replace(" ", "-") for heading in headings}


def links(cells):
    return [link for source in text(cells, "markdown") for link in re.findall(r"\]\(([^)\s]+)\)", source)]


def test_links_lead_somewhere(notebook):
    for link in links(notebook):
        if not link.startswith(("http://", "https://")):
            target, _, place = link.partition("#")
            assert (FOLDER / target).is_file(), link
            assert not place or place in anchors(target), link


def glossary():
    """{word: the link to where it is explained}."""
    page = "\n".join(text(NOTEBOOKS["00_start_here.ipynb"]["cells"], "markdown"))
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| .+ \| \[\d\d\]\((\S+?)\) \|$", page.split("## Glossary")[1], re.M)
    assert len(rows) > 100
    assert [word for word, _ in rows] == sorted({word for word, _ in rows}, key=str.lower)
    return dict(rows)


def test_each_word_of_the_glossary_is_linked_where_it_is_explained():
    for word, place in glossary().items():
        notebook = place.split("#")[0]
        assert f"00_start_here.ipynb#{word[0].upper()}" in links(NOTEBOOKS[notebook]["cells"]), word
