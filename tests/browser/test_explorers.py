"""The explorers in the page, by keyboard and by mouse: the change must be *seen*, not only known to Python."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

CELLS = {
    "Broadcasting explorer": "from helpers.widgets.broadcasting import broadcasting\nbroadcasting((3, 4), (4,))",
    "Tensor slicer": (
        "from helpers.datasets import mnist\nfrom helpers.widgets.slicer import slicer\n"
        "slicer(mnist.load_data()[0][0][:10])"
    ),
    "Element-wise explorer": "from helpers.widgets.element_wise import element_wise\nelement_wise()",
    "Matrix product explorer": "from helpers.widgets.matrix_product import matrix_product\nmatrix_product()",
    "Reshape explorer": "from helpers.widgets.reshape import reshape\nreshape()",
}


PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}


@pytest.fixture
def run_cells(lab, open_notebook):
    """A function: name, sources of cells, how to look at them → the opened notebook, its cells run."""

    def run(name, sources, **look):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells, metadata=PYTHON), lab.folder / "notebooks" / f"{name}.ipynb"
        )
        notebook = open_notebook(f"{name}.ipynb", **look)
        notebook.run_all()
        return notebook

    return run


@pytest.fixture
def explorer(run_cells):
    """A function: label of an explorer → its element in the page."""

    def open_(label):
        notebook = run_cells(label.replace(" ", "-"), [CELLS[label]])
        section = notebook.page.get_by_role("region", name=label)
        expect(section).to_be_visible()
        section.problems = notebook.problems
        return section

    return open_


def test_broadcasting_by_keyboard(explorer):
    section = explorer("Broadcasting explorer")
    shape_b = section.get_by_label("shape of b")
    shape_b.focus()
    page = section.page
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    expect(section).to_contain_text("clash ✗")
    expect(section).to_contain_text("4 meets 3")
    expect(section).to_contain_text("a + b[:, None]")
    page.keyboard.type(" 1")
    expect(section).to_contain_text("The result has shape (3, 4)")
    expect(section).to_contain_text("nothing is copied")
    expect(shape_b).to_be_focused()
    expect(shape_b).to_have_value("3 1")
    page.keyboard.type(" q")
    expect(section).to_contain_text("'q' is not a length")
    assert not section.problems


def test_slicer_by_keyboard(explorer):
    section = explorer("Tensor slicer")
    section.get_by_label("axis 0, pictures").fill("2:5")
    expect(section).to_contain_text("digits[2:5, :, :]    # shape (3, 28, 28)")
    expect(section.locator("figure.explorer-lit")).to_have_count(3)
    before = section.locator("canvas").nth(3).evaluate("c => c.toDataURL()")
    section.get_by_label("axis 2, columns").fill("14:")
    expect(section).to_contain_text("# shape (3, 28, 14)")
    assert section.locator("canvas").nth(3).evaluate("c => c.toDataURL()") != before
    expect(section).to_contain_text("A view")
    section.get_by_label("axis 0, pictures").fill("[0, 2]")
    expect(section).to_contain_text("A copy")
    assert not section.problems


def test_element_wise_by_keyboard_and_mouse(explorer):
    section = explorer("Element-wise explorer")
    section.get_by_label("operation").select_option("relu(x)")
    expect(section).to_contain_text("relu(1) = 1")
    section.get_by_role("button", name="result[1, 0] = 0").click()
    expect(section).to_contain_text("result[1, 0] = relu(-4) = 0")
    section.get_by_label("operation").select_option("x * y")
    section.page.keyboard.press("Tab")
    number = section.get_by_label("x[0, 1]")
    number.focus()
    section.page.keyboard.press("Control+A")
    section.page.keyboard.type("12")
    expect(section).to_contain_text("result[0, 1] = 12 * 2 = 24")
    expect(number).to_be_focused()
    expect(number).to_have_value("12")
    assert not section.problems


def test_matrix_product_by_mouse_and_arrow_keys(explorer):
    section = explorer("Matrix product explorer")
    section.get_by_role("button", name=re.compile("element 1, 2")).click()
    expect(section).to_contain_text("(x @ y)[1, 2] = row 1 of x · column 2 of y")
    section.page.keyboard.press("ArrowLeft")
    expect(section).to_contain_text("(x @ y)[1, 1] =")
    section.page.keyboard.press("ArrowUp")
    expect(section).to_contain_text("(x @ y)[0, 1] =")
    assert section.locator(".explorer-a").count() == 3
    assert section.locator(".explorer-b").count() == 3
    section.get_by_label("columns of x").focus()
    section.page.keyboard.press("ArrowRight")
    expect(section).to_contain_text("(2, 4) @ (3, 4) does not fit")
    section.get_by_label("rows of y").focus()
    section.page.keyboard.press("ArrowRight")
    expect(section).to_contain_text("(2, 4) @ (4, 4) → (2, 4)")
    assert not section.problems


def test_reshape_by_keyboard_and_mouse(explorer):
    section = explorer("Reshape explorer")
    expect(section).to_contain_text("reshape is not transpose")
    section.get_by_label("new shape").fill("6, -1")
    expect(section).to_contain_text("-1 means: work it out. 6 / (6) = 1")
    section.get_by_role("button", name="4", exact=True).first.click()
    expect(section.locator(".explorer-picked")).to_have_count(3)
    expect(section).to_contain_text("4 = a.T[0, 2]")
    section.get_by_label("new shape").fill("4")
    expect(section).to_contain_text("6 numbers do not fill 4 = 4 places")
    assert not section.problems


@pytest.mark.parametrize(("theme", "width"), [("JupyterLab Light", 1280), ("JupyterLab Dark", 800)])
def test_nothing_is_clipped(run_cells, theme, width):
    notebook = run_cells(f"all-{width}", CELLS.values(), theme=theme, width=width)
    for label in CELLS:
        section = notebook.page.get_by_role("region", name=label)
        expect(section).to_be_visible()
        assert section.evaluate("s => s.scrollWidth <= s.clientWidth + 1"), f"{label} is wider than its place"
        inputs = section.locator("input")
        assert not inputs.evaluate_all("all => all.filter(i => i.scrollWidth > i.clientWidth + 1).map(i => i.value)")
    assert not notebook.problems
