"""Every explorer, as axe-core sees it in both themes; and those that no other test drives, driven."""

import pytest
from playwright.sync_api import expect

from .accessible import problems_of
from .test_explorers import CELLS, run_cells  # noqa: F401 (a fixture)
from .test_inside import LOOK, MISTAKES, TRAIN
from .test_plots import WALKS
from .test_predict import PROMPT
from .test_training import DATA, RUN

BALL = """
from helpers import layers, models, optimizers
from helpers.callbacks import Snapshots
from helpers.datasets import samples
from helpers.widgets.paper_ball import paper_ball

ball_x, ball_y = samples.spirals()
snapshots = Snapshots([1, 2, 5, 10])
hidden = [layers.Dense(16, activation="relu"), layers.Dense(2, activation="tanh")]
ball = models.Sequential([*hidden, layers.Dense(2, activation="softmax")])
ball.compile(optimizers.Adam(0.01), "sparse_categorical_crossentropy")
ball.fit(ball_x, ball_y, batch_size=100, epochs=10, verbose=0, callbacks=[snapshots])
paper_ball(ball, snapshots.weights, ball_x, ball_y)
"""
GEOMETRY = {
    "Affine map explorer": "from helpers.widgets.affine_map import affine_map\naffine_map()",
    "Paper ball": BALL,
    "Backpropagation explorer": "from helpers.widgets.backpropagation import backpropagation\nbackpropagation()",
}
PAD = "from helpers.widgets.draw_digit import draw_digit\ndraw_digit(network)"
ALL = [*CELLS.values(), *WALKS.values(), *GEOMETRY.values(), PROMPT, TRAIN, LOOK, MISTAKES, PAD, DATA, RUN]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_no_explorer_keeps_anybody_out(run_cells, theme):  # noqa: F811
    notebook = run_cells("accessible", ALL, theme=theme)
    sections = notebook.page.locator(".explorer")
    expect(sections).to_have_count(17, timeout=30_000)
    notebook.page.locator(".explorer-choices button").first.click()
    expect(notebook.page.locator(".explorer-reason")).to_have_count(1)
    assert not problems_of(notebook.page, ".explorer")
    assert not notebook.problems


@pytest.fixture
def drive(run_cells):  # noqa: F811
    def open_(label):
        notebook = run_cells(label.replace(" ", "-"), [GEOMETRY[label]])
        section = notebook.page.get_by_role("region", name=label)
        expect(section).to_be_visible()
        section.notebook = notebook
        return section

    return open_


def drawn(canvas):
    return canvas.evaluate("c => c.toDataURL()")


def wait_for_another(canvas, picture):
    canvas.page.wait_for_function("([c, old]) => c.toDataURL() !== old", arg=[canvas.element_handle(), picture])


def test_affine_map_by_keyboard(drive):
    section = drive("Affine map explorer")
    canvas = section.locator("canvas").first
    before = drawn(canvas)
    section.locator(".explorer-handle").first.focus()
    section.page.keyboard.press("Shift+ArrowRight")
    wait_for_another(canvas, before)
    before = drawn(canvas)
    section.get_by_role("checkbox", name="then relu").check()
    wait_for_another(canvas, before)
    assert not section.notebook.problems


def test_paper_ball_is_uncrumpled_by_scrubbing(drive):
    section = drive("Paper ball")
    canvas = section.locator("canvas").first
    players = section.locator(".explorer-player input")
    assert players.count() >= 2
    for player, keys in (
        (1, ("Home", "End")),
        (0, ("Home", "End")),
    ):  # layers first: the input is the same in all epochs
        players.nth(player).focus()
        pictures = []
        for key in keys:
            section.page.keyboard.press(key)
            pictures.append(drawn(canvas))
        assert pictures[0] != pictures[1]
    assert not section.notebook.problems


def test_backpropagation_goes_back_node_by_node(drive):
    section = drive("Backpropagation explorer")
    canvas = section.locator("canvas").first
    seen = set()
    for _ in range(4):
        seen.add((drawn(canvas), section.inner_text()))
        section.get_by_role("button", name="one step", exact=True).click()
    assert len(seen) == 4
    before = drawn(canvas)
    section.get_by_role("spinbutton", name="W").fill("2.5")
    wait_for_another(canvas, before)
    assert not section.notebook.problems
