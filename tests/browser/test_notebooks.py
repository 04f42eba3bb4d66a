"""Each notebook in a real JupyterLab: run all, no error, nothing missing, no request to anywhere else."""

from pathlib import Path

import pytest

NOTEBOOKS = sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_in_the_browser(open_notebook, name):
    notebook = open_notebook(name)
    cells = notebook.run_all()
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    for cell in code:
        assert cell["execution_count"], f"never ran: {cell['source']}"
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        assert not errors, f"{cell['source']}\n{errors}"
    pictures = notebook.page.locator(".jp-OutputArea-output img")
    for i in range(pictures.count()):
        picture = pictures.nth(i)
        assert picture.get_attribute("alt"), "a picture without alt text"
        assert picture.evaluate("img => img.complete && img.naturalWidth > 0"), "a picture that does not show"
    assert not notebook.problems


def test_fits_a_narrow_window_in_the_dark_theme(open_notebook):
    notebook = open_notebook("01_a_first_neural_network.ipynb", theme="JupyterLab Dark", width=800)
    notebook.run_all()
    page = notebook.page
    widths = page.locator(".jp-OutputArea-output img").evaluate_all(
        "imgs => imgs.map(i => [i.getBoundingClientRect().right, i.closest('.jp-OutputArea').getBoundingClientRect().right])"
    )
    assert len(widths) >= 7
    assert all(picture <= area + 1 for picture, area in widths), "a picture is wider than its place"
    assert not notebook.problems


def test_jupyter_starts_with_our_settings(lab, open_notebook):
    assert "helpers.server | extension was successfully loaded" in (lab.folder / "lab.log").read_text()
    page = open_notebook("00_start_here.ipynb").page
    news = page.evaluate("""async () => {
      const settings = await fetch(`/lab/api/settings/@jupyterlab/apputils-extension:notification${location.search}`);
      return (await settings.json()).schema.properties.fetchNews.default;
    }""")
    assert news == "false"
