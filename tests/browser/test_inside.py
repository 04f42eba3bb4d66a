"""Inside a network, and its mistakes, in the page: by keyboard and by mouse, and nothing that goes on by itself."""

import re

import pytest
from playwright.sync_api import expect

from .test_explorers import run_cells  # noqa: F401 (a fixture)

TRAIN = """
from helpers import layers, models
from helpers.datasets import mnist
from helpers.utils import set_random_seed, to_categorical
from helpers.widgets.look_inside import look_inside
from helpers.widgets.mistakes import mistakes

(images, labels), test = mnist.load_data()
set_random_seed(0)
network = models.Sequential([layers.Dense(512, "relu"), layers.Dense(10, "softmax")])
network.compile("adam", "categorical_crossentropy")
x, y = images[:5000].reshape(-1, 784) / 255, to_categorical(labels[:5000])
history = network.fit(x.astype("float32"), y, batch_size=128, verbose=0)
"""
LOOK, MISTAKES = "look_inside(network, *test)", "mistakes(network, *test)"
# How often the blocks are drawn anew in a second in which the reader does nothing.
REDRAWS = """
async (section) => {
  let count = 0;
  const watch = new MutationObserver(() => count++);
  watch.observe(section.querySelector('.explorer-blocks'), { childList: true, subtree: true });
  await new Promise((done) => setTimeout(done, 1000));
  watch.disconnect();
  return count;
}
"""
# Pixels of a canvas by colour: [reddish, bluish, dark grey].
COUNT = """
(canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const counts = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = data.slice(i, i + 3);
    if (r > b + 20) counts[0]++;
    else if (b > r + 20) counts[1]++;
    else if (r < 128 && r === b && r === g) counts[2]++;
  }
  return counts;
}
"""


def region(notebook, label):
    section = notebook.page.get_by_role("region", name=label)
    expect(section).to_be_visible()
    return section


def pictures(section, title):
    """The canvases of the block of pictures with this title."""
    return section.locator(".explorer-blocks div", has=section.page.get_by_text(title)).last.locator("canvas")


def test_look_inside_by_keyboard_and_mouse(run_cells):  # noqa: F811
    notebook = run_cells("look-inside", [TRAIN, LOOK])
    section, page = region(notebook, "Look inside"), notebook.page
    expect(section).to_contain_text("Picture 0 is a 7.")
    digit = pictures(section, "input x")
    before = digit.evaluate("c => c.toDataURL()")
    section.get_by_label("picture", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(section).to_contain_text("Picture 1 is a 2.")
    expect(section.get_by_label("its number")).to_have_value("1")
    expect(section.get_by_label("picture", exact=True)).to_be_focused()
    assert digit.evaluate("c => c.toDataURL()") != before
    section.get_by_label("its number").fill("9999")
    expect(section).to_contain_text("Picture 9999 is a 6.")
    expect(section.get_by_label("picture", exact=True)).to_have_value("9999")
    section.get_by_label("its number").fill("10000")
    expect(section).to_contain_text("✗ a whole number from 0 to 9999, please")

    assert digit.evaluate(COUNT)[2] > 30
    layer = pictures(section, "layer 1: activations, relu").evaluate(COUNT)
    assert layer[0] > 100
    assert layer[1] == 0
    expect(section.locator(".explorer-bars tr")).to_have_count(10)
    expect(section.locator(".explorer-best")).to_have_count(1)

    units = section.locator(".explorer-pictures button")
    expect(units).to_have_count(8)
    expect(units.first).to_have_attribute("aria-pressed", "true")
    unit = re.match(r"unit (\d+):", units.nth(4).inner_text())[1]
    units.nth(4).click()
    expect(section).to_contain_text(f"z = x @ W[:, {unit}] + b[{unit}] =")
    expect(units.nth(4)).to_have_attribute("aria-pressed", "true")
    expect(units.nth(4)).to_be_focused()
    expect(units.first).to_have_attribute("aria-pressed", "false")
    expect(section.get_by_label("unit of layer 1")).to_have_value(unit)
    parts = pictures(section, f"Unit {unit}: pixel times weight")
    red, blue, _ = parts.nth(1).evaluate(COUNT)
    assert min(red, blue) > 100
    products = parts.nth(2).evaluate(COUNT)
    assert 0 < products[0] + products[1] < red + blue

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(units.nth(5)).to_have_attribute("aria-pressed", "true")
    expect(units.nth(5)).to_be_focused()
    section.get_by_label("unit of layer 1").fill("17")
    expect(section).to_contain_text("z = x @ W[:, 17] + b[17] =")
    assert section.evaluate(REDRAWS) == 0
    assert not notebook.problems


def test_mistakes_by_mouse_and_arrow_keys(run_cells):  # noqa: F811
    notebook = run_cells("mistakes", [TRAIN, MISTAKES])
    section, page = region(notebook, "Mistakes"), notebook.page
    expect(section).to_contain_text(re.compile(r"reads [89],\d{3} of 10,000 pictures right"))
    expect(section).to_contain_text(re.compile(r"The 20 surest of [\d,]+ mistakes"))
    expect(section.locator("canvas")).to_have_count(20)
    cell = section.get_by_role("button", name=re.compile("^true 4, read as 9:"))
    how_many = int(cell.inner_text())
    assert how_many > 0
    first = section.locator("canvas").first.evaluate("c => c.toDataURL()")
    cell.click()
    expect(section).to_contain_text("pictures of a 4 read as 9")
    expect(section.locator("canvas")).to_have_count(min(20, how_many))
    expect(section.locator("figcaption").first).to_have_text(re.compile(r"^9, \d+ %\s+no\. \d+$"))
    assert section.locator("canvas").first.evaluate("c => c.toDataURL()") != first
    expect(cell).to_have_attribute("aria-pressed", "true")
    expect(cell).to_be_focused()
    assert section.evaluate(REDRAWS) == 0, "the page and Python talk to each other without end"

    page.keyboard.press("ArrowLeft")
    expect(section).to_contain_text("of a 4 read as 8")
    page.keyboard.press("ArrowDown")
    expect(section).to_contain_text("of a 5 read as 8")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(section).to_contain_text(re.compile(r"The 20 surest of \d+ pictures of a 5 read as 5"))
    expect(section.get_by_role("button", name=re.compile("^true 5, read as 5:"))).to_be_focused()
    expect(section.locator(".explorer-picked")).to_have_count(1)
    section.get_by_role("button", name="show the surest mistakes of all").click()
    expect(section).to_contain_text("mistakes, with the network's answer")
    expect(section.locator(".explorer-picked")).to_have_count(0)
    assert section.evaluate(REDRAWS) == 0
    assert not notebook.problems


@pytest.mark.parametrize(("theme", "width"), [("JupyterLab Light", 1280), ("JupyterLab Dark", 800)])
def test_nothing_is_clipped(run_cells, theme, width):  # noqa: F811
    notebook = run_cells(f"inside-{width}", [TRAIN, LOOK, MISTAKES], theme=theme, width=width)
    for label in ("Look inside", "Mistakes"):
        section = region(notebook, label)
        assert section.evaluate("s => s.scrollWidth <= s.clientWidth + 1"), f"{label} is wider than its place"
        for part in (".explorer-scroll", ".explorer-control", ".explorer-pictures", "figcaption", "pre"):
            wide = section.locator(part).evaluate_all(
                "all => all.filter(n => n.scrollWidth > n.clientWidth + 1).length"
            )
            assert not wide, f"{part} of {label} is clipped"
        shapes = section.locator("canvas").evaluate_all(
            "all => all.map(c => [c.width / c.height, c.clientWidth / c.clientHeight])"
        )
        for drawn, seen in shapes:
            assert drawn == pytest.approx(seen, rel=0.01), "a picture is squeezed"
    assert not notebook.problems
