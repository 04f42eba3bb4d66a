"""The pad in the page: digits drawn by mouse, by touch and by keys are recognised by a network that was just trained."""

import math
import re

import pytest
from playwright.sync_api import expect

from helpers import layers, models
from helpers.datasets import mnist
from helpers.utils import set_random_seed, to_categorical

from .test_explorers import run_cells  # noqa: F401 (a fixture)

LABEL = "Draw a digit"
NETWORK = """from helpers import layers, models
network = models.Sequential()
network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
network.add(layers.Dense(10, activation="softmax"))
network.load_weights({path!r})"""
SHOW = "from helpers.widgets.draw_digit import draw_digit\nwidget = draw_digit(network)\nwidget"
DIGITS = {  # each a list of strokes, 0 … 1 across the pad
    0: [[(0.5 + 0.2 * math.sin(a / 4), 0.5 - 0.3 * math.cos(a / 4)) for a in range(26)]],
    1: [[(0.5, 0.2), (0.5, 0.8)]],
    7: [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.82)]],
}


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """The file with the slides' network's weights after two epochs on 20 000 digits."""
    (images, labels), _ = mnist.load_data()
    set_random_seed(0)
    network = models.Sequential()
    network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
    network.add(layers.Dense(10, activation="softmax"))
    network.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    x = images[:20000].reshape(-1, 28 * 28).astype("float32") / 255
    network.fit(x, to_categorical(labels[:20000]), epochs=2, batch_size=128, verbose=0)
    return network.save_weights(tmp_path_factory.mktemp("weights") / "digits")


class Pad:
    """The pad in the page, and a hand."""

    def __init__(self, notebook):
        self.page, self.problems = notebook.page, notebook.problems
        self.section = self.page.get_by_role("region", name=LABEL).first
        expect(self.section).to_be_visible()
        self.canvas = self.section.locator("canvas.explorer-ink")
        self.canvas.scroll_into_view_if_needed()

    def draw(self, strokes):
        box = self.canvas.bounding_box()
        for stroke in strokes:
            (x, y), *rest = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in stroke]
            self.page.mouse.move(x, y)
            self.page.mouse.down()
            for x, y in rest:
                self.page.mouse.move(x, y, steps=8)
            self.page.mouse.up()

    def press(self, name):
        self.section.get_by_role("button", name=name, exact=True).click()

    def keys(self, *names):
        for name in names:
            self.page.keyboard.press(name)

    def expect(self, words):
        expect(self.section).to_contain_text(words)

    def ink(self):
        """The share of the pad that is dark."""
        return self.canvas.evaluate(
            "c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 127; return n / (c.width * c.height); }"
        )


@pytest.fixture
def pad(run_cells, weights):  # noqa: F811
    """A function: how to look at it → the pad, in a notebook with the trained network."""
    return lambda **look: Pad(run_cells("draw-a-digit", [NETWORK.format(path=weights), SHOW], **look))


def best(digit):
    return re.compile(rf"Looks like an? {digit} \(")


def test_digits_by_mouse(pad):
    pad = pad()
    pad.expect("The pad is empty: draw a digit")
    expect(pad.section.locator(".explorer-bars")).to_have_count(0)
    assert pad.ink() == 0
    for digit, strokes in DIGITS.items():
        pad.draw(strokes)
        pad.expect(best(digit))
        expect(pad.section.locator(".explorer-bars tr")).to_have_count(10)
        expect(pad.section.locator(".explorer-bars tr:has(.explorer-best) th")).to_have_text(str(digit))
        expect(pad.section.locator(".explorer-pictures canvas")).to_have_count(4)
        assert pad.ink() > 0.02
        pad.press("clear")
        pad.expect("The pad is empty: draw a digit")
        expect(pad.section.locator(".explorer-bars")).to_have_count(0)
        assert pad.ink() == 0
    assert not pad.problems


def test_the_bars_move_while_the_pen_is_down(pad):
    pad = pad()
    box = pad.canvas.bounding_box()
    x, y, size = box["x"], box["y"], box["width"]
    pad.page.mouse.move(x + 0.5 * size, y + 0.2 * size)
    pad.page.mouse.down()
    pad.page.mouse.move(x + 0.5 * size, y + 0.8 * size, steps=12)
    pad.expect(best(1))
    pad.page.mouse.move(x + 9 * size, y + 0.8 * size, steps=5)  # beyond the pad the ink stays at its edge
    pad.page.mouse.up()
    before = pad.ink()
    pad.page.mouse.move(x + 0.2 * size, y + 0.5 * size, steps=5)
    assert pad.ink() == before > 0
    strokes = pad.section.evaluate("s => s.querySelector('.explorer-pad').plot.strokes")
    assert len(strokes) == 1
    assert strokes[0][-1] == pytest.approx([1, 0.8], abs=0.01)
    assert all(0 <= n <= 1 for point in strokes[0] for n in point)
    assert not pad.problems


def test_taking_back_a_stroke(pad):
    pad = pad()
    pad.draw(DIGITS[1])
    pad.expect(best(1))
    numbers = pad.section.locator(".explorer-bars td:last-child")
    before = pad.ink(), numbers.all_inner_texts()
    pad.draw([[(0.1, 0.3), (0.9, 0.3), (0.9, 0.7), (0.1, 0.7)]])
    expect(numbers).not_to_have_text(before[1])
    pad.press("undo last stroke")
    expect(numbers).to_have_text(before[1])
    assert pad.ink() == before[0]
    pad.press("undo last stroke")
    pad.expect("The pad is empty: draw a digit")
    pad.press("undo last stroke")
    pad.press("clear")
    assert pad.ink() == 0
    assert not pad.problems


def test_a_one_by_keys(pad):
    pad = pad()
    pad.canvas.focus()
    pad.keys("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp")
    pad.expect("Pen up, row 4, column 8 of 14.")
    pad.keys("Space", *["ArrowDown"] * 7)
    pad.expect("Pen down, row 11, column 8 of 14.")
    pad.expect(best(1))
    pad.keys("Enter", "ArrowRight", "ArrowRight", "Space", "ArrowRight", "Space")
    expect(pad.canvas).to_be_focused()
    expect(pad.canvas).to_have_attribute("aria-label", re.compile("2 strokes"))
    pad.keys("Backspace")
    expect(pad.canvas).to_have_attribute("aria-label", re.compile("1 stroke"))
    pad.expect("Strokes left: 1.")
    pad.expect(best(1))
    pad.keys("Backspace")
    pad.expect("The pad is empty: draw a digit")
    expect(pad.canvas).to_be_focused()
    pad.keys("Tab")
    expect(pad.section.get_by_role("button", name="clear")).to_be_focused()
    cells = pad.page.evaluate("() => jupyterapp.shell.currentWidget.context.model.toJSON().cells.length")
    assert cells == 2  # JupyterLab saw none of these keys
    assert not pad.problems


TOUCH = """
([canvas, points]) => {
  const box = canvas.getBoundingClientRect();
  const fire = (type, [x, y], pointerId) => canvas.dispatchEvent(new PointerEvent(type, {
    pointerId, pointerType: 'touch', button: type === 'pointermove' ? -1 : 0, bubbles: true, cancelable: true,
    clientX: box.left + x * box.width, clientY: box.top + y * box.height,
  }));
  canvas.setPointerCapture = () => {}; // made-up pointers cannot be captured
  fire('pointerdown', points[0], 1);
  fire('pointerdown', [0.9, 0.9], 2); // a palm
  for (const point of points.slice(1)) fire('pointermove', point, 1);
  fire('pointermove', [0.1, 0.9], 2);
  fire('pointerup', [0.1, 0.9], 2);
  fire('pointerup', points.at(-1), 1);
  return canvas.closest('.explorer-pad').plot.timer;
}
"""


def test_a_finger_draws_and_a_resting_palm_does_not(pad):
    pad = pad()
    waiting = pad.page.evaluate(TOUCH, [pad.canvas.element_handle(), DIGITS[7][0]])
    assert waiting is None  # the lifted pen has sent all
    pad.expect(best(7))
    assert len(pad.section.evaluate("s => s.querySelector('.explorer-pad').plot.strokes")) == 1
    assert pad.canvas.evaluate("c => getComputedStyle(c).touchAction") == "none"
    assert not pad.problems


def test_a_second_view_shows_the_drawing(run_cells, weights):  # noqa: F811
    notebook = run_cells("draw-twice", [NETWORK.format(path=weights), SHOW, "widget"])
    first = Pad(notebook)
    first.draw(DIGITS[7])
    first.expect(best(7))
    second = notebook.page.get_by_role("region", name=LABEL).nth(1)
    expect(second).to_contain_text(best(7))
    strokes = "s => s.querySelector('.explorer-pad').plot.strokes"
    assert second.evaluate(strokes) == first.section.evaluate(strokes) != []
    first.press("clear")
    expect(second).to_contain_text("The pad is empty: draw a digit")
    assert second.evaluate(strokes) == []
    assert not notebook.problems


def test_a_full_pad_says_so_and_stays_as_it_is(pad):
    pad = pad()
    box = pad.canvas.bounding_box()
    for _ in range(61):
        pad.page.mouse.click(box["x"] + 99, box["y"] + 99)
    pad.expect("The pad is full: clear it.")
    expect(pad.canvas).to_have_attribute("aria-label", re.compile("60 strokes"))
    pad.press("clear")
    pad.expect("The pad is empty: draw a digit")
    assert not pad.problems


@pytest.mark.parametrize(("theme", "width"), [("JupyterLab Light", 1280), ("JupyterLab Dark", 800)])
def test_nothing_is_clipped(pad, theme, width):
    pad = pad(theme=theme, width=width)
    pad.draw(DIGITS[7])
    pad.expect(best(7))
    assert pad.section.evaluate("s => s.scrollWidth <= s.clientWidth + 1")
    inside = """s => [...s.querySelectorAll('canvas, table, button, p')].every((node) => {
      if (!node.checkVisibility()) return true;
      const [a, b] = [node.getBoundingClientRect(), s.getBoundingClientRect()];
      return a.left >= b.left - 1 && a.right <= b.right + 1 && a.bottom <= b.bottom + 1;
    })"""
    assert pad.section.evaluate(inside)
    assert not pad.problems
