"""The explorers that draw on a canvas, in the page: playing, pausing, dragging, and nothing that moves unasked."""

import re

import pytest
from playwright.sync_api import expect

from helpers.widgets.still import COLOURS

from .test_explorers import run_cells  # noqa: F401 (a fixture)

WALKS = {
    "Optimizer race": "from helpers.widgets.race import race\nrace()",
    "Descent explorer": "from helpers.widgets.descent import descent\ndescent()",
    "Local and global minimum": "from helpers.widgets.rolling import rolling\nrolling()",
    "Tangent explorer": "from helpers.widgets.tangent import tangent\ntangent()",
}
PLAYED = [label for label in WALKS if label != "Tangent explorer"]
DRAWS = "c => +c.dataset.draws"


class Walk:
    """One explorer in the page, and short names for its parts."""

    def __init__(self, notebook, label):
        self.page, self.label = notebook.page, label
        self.section = self.page.get_by_role("region", name=label)
        expect(self.section).to_be_visible()
        self.canvas = self.section.locator("canvas").first
        self.slider = self.section.locator(".explorer-player input")
        self.shown = self.section.locator(".explorer-player output")
        self.handle = self.section.locator(".explorer-handle").first

    def __repr__(self):
        return self.label

    def press(self, name):
        self.section.get_by_role("button", name=name, exact=True).click()

    def draws(self):
        return self.canvas.evaluate(DRAWS)

    def picture(self):
        return self.canvas.evaluate("c => c.toDataURL()")

    def step(self):
        return int(self.shown.inner_text())

    def wait_for_step(self, least):
        self.page.wait_for_function("([o, n]) => +o.textContent >= n", arg=[self.shown.element_handle(), least])

    def rests(self):
        """Whether nothing is drawn in half a second."""
        before = self.draws()
        self.page.wait_for_timeout(500)
        return self.draws() == before

    def at(self):
        """Where the handle is, in the plot's numbers, as it says itself."""
        found = re.search(r"at (\S+), (\S+);", self.handle.get_attribute("aria-label"))
        return float(found[1]), float(found[2])


@pytest.fixture
def walks(run_cells):  # noqa: F811
    """All of them in one page, since opening one takes seconds: {label: Walk}. No problem may have come up at the end."""
    notebook = run_cells("walks", WALKS.values())
    yield {label: Walk(notebook, label) for label in WALKS}
    assert not notebook.problems


@pytest.fixture
def played(walks):
    """Those that have a player."""
    return [walks[label] for label in PLAYED]


def test_play_moves_and_pause_stops_the_work(played):
    for it in played:
        assert it.rests(), "it moves before anybody pressed play"
        assert it.step() == 0
        before, picture = it.draws(), it.picture()
        it.press("play")
        it.wait_for_step(5)
        assert it.draws() > before + 5
        it.press("pause")
        paused = it.step()
        assert it.rests()
        assert it.step() == paused
        assert it.picture() != picture
        it.press("play")
        it.wait_for_step(paused + 1)  # goes on where it stood
        expect(it.section.get_by_role("button", name="pause", exact=True)).to_be_visible()
        it.press("back to the start")
        assert it.step() == 0
        assert it.rests(), "going back stops it too"
        assert it.picture() == picture


def test_play_ends_at_the_end_and_starts_again(played):
    for it in played:
        last = int(it.slider.get_attribute("max"))
        it.slider.focus()
        it.page.keyboard.press("End")
        assert it.step() == last
        for _ in range(4):
            it.page.keyboard.press("ArrowLeft")
        assert it.step() == last - 4
        it.press("play")
        it.wait_for_step(last)
        expect(it.section.get_by_role("button", name="play", exact=True)).to_be_visible()
        assert it.rests()
        it.press("one step")
        assert it.step() == last
        it.press("play")
        it.page.wait_for_function("o => +o.textContent < 50", arg=it.shown.element_handle())
        it.press("pause")
        assert it.rests()


def test_steps_by_button_and_by_keyboard(played):
    for it in played:
        readout = it.section.locator(".explorer-readout")
        words, picture = readout.inner_text(), it.picture()
        it.press("one step")
        it.press("one step")
        assert it.step() == 2
        assert it.slider.input_value() == "2"
        assert readout.inner_text() != words
        assert it.picture() != picture
        it.slider.focus()
        it.page.keyboard.press("ArrowRight")
        assert it.step() == 3
        it.page.keyboard.press("ArrowLeft")
        it.page.keyboard.press("ArrowLeft")
        assert it.step() == 1
        assert it.slider.get_attribute("aria-valuetext") == "1"
        it.page.keyboard.press("Home")
        assert it.step() == 0
        assert readout.inner_text() == words
        assert it.picture() == picture


def test_the_step_is_kept_when_the_learning_rate_changes(played):
    for it in played:
        for _ in range(7):
            it.press("one step")
        readout = it.section.locator(".explorer-readout")
        words, picture = readout.inner_text(), it.picture()
        rate = it.section.get_by_label("learning rate", exact=True)
        number = it.section.locator(f"output[for={rate.get_attribute('id')}]")
        was = number.inner_text()
        rate.focus()
        it.page.keyboard.press("ArrowRight")
        expect(number).not_to_have_text(was)
        expect(readout).not_to_have_text(words)
        assert float(number.inner_text()) > float(was)
        assert it.step() == 7
        assert it.slider.input_value() == "7"
        assert it.picture() != picture
        expect(rate).to_be_focused()


# ── handles ──


def drag(it, moves):
    """Press the handle with the mouse and move it, in pixels of the page; the button stays down."""
    box = it.handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    it.page.mouse.move(x, y)
    it.page.mouse.down()
    for dx, dy in moves:
        it.page.mouse.move(x + dx, y + dy)
    return x, y


def test_dragging_the_handle_moves_what_is_drawn(walks):
    for it in walks.values():
        it.canvas.scroll_into_view_if_needed()
        words, picture, was = it.section.locator(".explorer-blocks").inner_text(), it.picture(), it.at()
        way = -1 if was[0] > 0 else 1  # towards the middle
        x, _ = drag(it, [(way * 4 * i, 0) for i in range(1, 26)])
        expect(it.section.locator(".explorer-blocks")).not_to_have_text(words)
        it.page.wait_for_timeout(300)  # Python has answered to all of it
        box = it.handle.bounding_box()
        assert box["x"] + box["width"] / 2 == pytest.approx(x + way * 100, abs=3), "it is no longer in the hand"
        expect(it.handle).to_be_focused()
        first = it.at()
        it.page.mouse.move(x + way * 60, box["y"])  # after the answers it still follows
        it.page.wait_for_timeout(300)
        box = it.handle.bounding_box()
        assert box["x"] + box["width"] / 2 == pytest.approx(x + way * 60, abs=3)
        it.page.mouse.up()
        it.page.mouse.move(x, box["y"] + 40)
        it.page.wait_for_timeout(200)
        assert it.at()[0] != was[0]
        assert it.at()[0] != first[0]
        assert it.handle.bounding_box()["x"] == pytest.approx(box["x"], abs=1), "it follows without being held"
        assert it.picture() != picture


def test_each_arrow_key_counts(walks):
    """However fast they come: none is lost while Python answers."""
    for label, it in walks.items():
        words, was = it.section.locator(".explorer-blocks").inner_text(), it.at()
        key, way = ("ArrowLeft", -1) if was[0] > 0 else ("ArrowRight", 1)
        low, high = {
            "Optimizer race": (-5, 5),
            "Descent explorer": (-3, 3),
            "Local and global minimum": (-1.8, 1.8),
            "Tangent explorer": (-3, 3),
        }[label]
        it.handle.focus()
        for _ in range(12):
            it.page.keyboard.press(key)
            it.page.wait_for_timeout(15)  # as a key that is held down
        expect(it.section.locator(".explorer-blocks")).not_to_have_text(words)
        it.page.wait_for_timeout(300)
        assert it.at()[0] == pytest.approx(was[0] + way * 12 * 0.02 * (high - low), abs=0.011)
        expect(it.handle).to_be_focused()
        it.page.keyboard.press(f"Shift+{key}")
        it.page.wait_for_timeout(300)
        assert it.at()[0] == pytest.approx(was[0] + way * (12 * 0.02 + 0.1) * (high - low), abs=0.011)


def test_up_and_down_on_a_surface(walks):
    it = walks["Optimizer race"]
    x, y = it.at()
    it.handle.focus()
    it.page.keyboard.press("ArrowDown")
    it.page.keyboard.press("ArrowDown")
    it.page.keyboard.press("ArrowUp")
    it.page.wait_for_timeout(300)
    assert it.at() == (x, pytest.approx(y - 0.02 * 6, abs=0.011))


def test_the_handle_stays_on_the_card(walks):
    for it in walks.values():
        it.canvas.scroll_into_view_if_needed()
        it.page.evaluate("() => document.activeElement.blur()")
        for way in (-1, 1):
            drag(it, [(way * 300, 0), (way * 600, -10)])
            it.page.mouse.up()
            it.page.wait_for_timeout(300)
            card, handle = it.canvas.bounding_box(), it.handle.bounding_box()
            middle = (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
            assert card["x"] <= middle[0] <= card["x"] + card["width"]
            assert card["y"] <= middle[1] <= card["y"] + card["height"]


# ── motion ──


def test_with_less_motion_play_goes_to_the_end_at_once(played):
    page = played[0].page
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    for it in played:
        assert it.rests()
        before = it.draws()
        it.press("play")
        assert it.step() == int(it.slider.get_attribute("max"))
        assert it.draws() <= before + 3
        assert it.rests()
        expect(it.section.get_by_role("button", name="play", exact=True)).to_be_visible()
        it.press("back to the start")
        it.press("one step")  # steps by hand still work
        assert it.step() == 1


def test_clearing_the_output_stops_what_plays(walks):
    it = walks["Optimizer race"]
    canvas = it.canvas.element_handle()
    it.press("play")
    it.wait_for_step(3)
    it.page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    expect(it.section).to_have_count(0)
    it.page.wait_for_timeout(100)
    before = canvas.evaluate(DRAWS)
    it.page.wait_for_timeout(500)
    assert canvas.evaluate(DRAWS) == before
    assert int(before) < 400


def test_two_views_of_one_state_play_by_themselves(run_cells):  # noqa: F811
    sources = ["from helpers.widgets.race import race\nr = race()\nr", "r"]
    notebook = run_cells("twice", sources)
    sections = notebook.page.get_by_role("region", name="Optimizer race")
    expect(sections).to_have_count(2)
    sections.nth(0).get_by_role("button", name="one step").click()
    expect(sections.nth(0).locator(".explorer-player output")).to_have_text("1")
    expect(sections.nth(1).locator(".explorer-player output")).to_have_text("0")
    sections.nth(1).get_by_label("surface", exact=True).select_option("saddle")
    for i in (0, 1):
        expect(sections.nth(i)).to_contain_text("a pass between two hills")
    assert not notebook.problems


# ── the picture ──

COUNT = """c => {
  const pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  const seen = new Map();
  for (let i = 0; i < pixels.length; i += 4) {
    const colour = pixels[i + 3] && `${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`;
    seen.set(colour, (seen.get(colour) || 0) + 1);
  }
  return Object.fromEntries(seen);
}"""
INKS = {
    "Optimizer race": ["blue", "orange", "green", "vermilion", "purple", "ink"],
    "Descent explorer": ["blue", "grey"],
    "Local and global minimum": ["blue", "orange", "vermilion", "grey"],
    "Tangent explorer": ["orange", "vermilion", "grey"],
}


def test_all_that_is_said_is_drawn(walks):
    for label, it in walks.items():
        expect(it.canvas).to_have_attribute("aria-label", re.compile(r"\w.*\."))
        if label in PLAYED:
            for _ in range(3):
                it.press("one step")
        seen = it.canvas.evaluate(COUNT)
        for ink in INKS[label]:
            pixels = ",".join(str(n) for n in bytes.fromhex(COLOURS[ink][1:]))  # as COUNT names them
            assert seen.get(pixels, 0) > 60, f"no {ink} in {label}"
        if label in PLAYED:
            pictures = [it.picture()]
            for _ in range(3):
                it.press("one step")
                pictures.append(it.picture())
            assert len(set(pictures)) == 4


def test_a_curve_becomes_a_surface_in_the_same_place(walks):
    it = walks["Descent explorer"]
    it.press("one step")
    for name in ("surface: saddle", "curve: local and global minimum", "surface: long valley"):
        picture = it.picture()
        it.section.get_by_label("landscape").select_option(name)
        expect(it.section.locator("figcaption")).to_have_text(name.split(": ")[1])
        assert it.picture() != picture
        expect(it.section.locator(".explorer-handle")).to_have_count(1)
        assert it.step() == 1
        it.handle.focus()
        it.page.keyboard.press("ArrowRight")
        expect(it.handle).to_be_focused()


@pytest.mark.parametrize(("theme", "width"), [("JupyterLab Light", 1280), ("JupyterLab Dark", 800)])
def test_nothing_is_clipped(run_cells, theme, width):  # noqa: F811
    notebook = run_cells(f"walks-{width}", WALKS.values(), theme=theme, width=width)
    for label in WALKS:
        section = notebook.page.get_by_role("region", name=label)
        expect(section).to_be_visible()
        assert section.evaluate("s => s.scrollWidth <= s.clientWidth + 1"), f"{label} is wider than its place"
        for part in (".explorer-card", ".explorer-scroll", ".explorer-control", "pre"):
            wide = section.locator(part).evaluate_all(
                "all => all.filter(n => n.scrollWidth > n.clientWidth + 1).length"
            )
            assert not wide, f"{part} of {label} is clipped"
        card = section.locator(".explorer-card")
        assert card.evaluate("c => getComputedStyle(c).backgroundColor") == "rgb(255, 255, 255)"
        shape = card.locator("canvas").evaluate("c => [c.width / c.height, c.clientWidth / c.clientHeight]")
        assert shape[0] == pytest.approx(shape[1], rel=0.01), "the picture is squeezed"
    assert not notebook.problems
