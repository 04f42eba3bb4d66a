"""How long from a key press to a changed page, for each explorer, and how smoothly the drawn ones play: for `make bench`.

Run by pytest as `python -m pytest tests/browser/latency.py`; it is not collected with the tests, since it asserts nothing.
"""

from statistics import median

import pytest
from playwright.sync_api import expect

from .test_accessible import GEOMETRY
from .test_draw_digit import LABEL, NETWORK, SHOW, weights  # noqa: F401 (a fixture)
from .test_explorers import CELLS, run_cells  # noqa: F401 (a fixture)
from .test_plots import PLAYED, WALKS
from .test_training import DATA, RUN

# Press a key in the field, on the cell or on the handle, then wait until the drawing has changed and been painted. A
# canvas says by data-draws that it was drawn anew. A handle moves to a new place each time, so that Python has no
# answer in store.
MEASURE = """
async ([node, value]) => {
  const blocks = node.closest('.explorer').querySelector('.explorer-blocks');
  await new Promise((done) => setTimeout(done, 40 * Math.random())); // keys are not pressed in step with the screen
  const start = performance.now();
  let answered;
  const changed = new Promise((done) => {
    const watch = new MutationObserver(() => {
      answered = performance.now() - start;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(done));
    });
    const all = { childList: true, subtree: true, characterData: true };
    watch.observe(blocks, { ...all, attributes: true, attributeFilter: ['data-draws'] });
  });
  if (value.startsWith('Arrow')) node.dispatchEvent(new KeyboardEvent('keydown', { key: value, bubbles: true }));
  else { node.value = value; node.dispatchEvent(new Event('input', { bubbles: true })); }
  await changed;
  return [performance.now() - start, answered];
}
"""
# Frames a second while playing.
PLAY = """
async ([canvas, button]) => {
  button.click();
  await new Promise((done) => setTimeout(done, 200));
  const [start, before] = [performance.now(), +canvas.dataset.draws];
  await new Promise((done) => setTimeout(done, 2000));
  const rate = (1000 * (canvas.dataset.draws - before)) / (performance.now() - start);
  button.click();
  return rate;
}
"""
# Draw by a hand that makes 120 points a second, then wait until Python's answer to the whole drawing was painted.
DRAW = """
async ([canvas, stroke]) => {
  const { plot } = canvas.closest('.explorer-pad');
  const blocks = canvas.closest('.explorer-blocks');
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  canvas.setPointerCapture = () => {}; // made-up pointers cannot be captured
  plot.clear();
  await wait(300 + 40 * Math.random());
  const box = canvas.getBoundingClientRect();
  const fire = (type, [x, y]) => canvas.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, button: type === 'pointermove' ? -1 : 0,
    clientX: box.left + x * box.width, clientY: box.top + y * box.height,
  }));
  fire('pointerdown', stroke[0]);
  for (const [i, point] of stroke.slice(1).entries()) {
    if (i % 2) await new Promise(requestAnimationFrame); // as Chromium hands on moves: once a frame
    fire('pointermove', point);
  }
  await wait(150 * Math.random()); // a hand is not in step with the messages
  const start = performance.now();
  fire('pointerup', stroke.at(-1).map((n) => n + 0.004));
  let answered;
  await new Promise((done) => {
    const watch = new MutationObserver(() => {
      if (plot.block.strokes.flat().length < plot.strokes.flat().length) return; // an answer to less than all of it
      answered = performance.now() - start;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(done));
    });
    watch.observe(blocks, { childList: true, subtree: true });
  });
  return [performance.now() - start, answered, plot.strokes.flat().length];
}
"""
# A slider of the dashboard, until its number has changed.
TURN = """
async ([slider, value]) => {
  const number = slider.parentNode.querySelector('output');
  await new Promise((done) => setTimeout(done, 40 * Math.random()));
  const start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  while (number.textContent !== value) await new Promise(requestAnimationFrame);
  await new Promise((done) => setTimeout(done));
  return performance.now() - start;
}
"""
SEVEN = [(0.3 + 0.4 * i / 20, 0.2) for i in range(20)] + [(0.7 - 0.25 * i / 30, 0.2 + 0.62 * i / 30) for i in range(31)]

HANDLE = ".explorer-handle"
MOVES = {
    "Broadcasting explorer": (".explorer-control input", ["(2, 4)", "(3, 4)"]),
    "Tensor slicer": (".explorer-control input", ["2:5", "1:9"]),
    "Element-wise explorer": ("select", ["x * y", "x + y"]),
    "Matrix product explorer": ("input[type=range]", ["3", "4"]),
    "Reshape explorer": (".explorer-control input", ["(6, 1)", "(3, 2)"]),
    "Optimizer race": (HANDLE, ["ArrowRight", "ArrowRight"]),
    "Descent explorer": (HANDLE, ["ArrowRight", "ArrowRight"]),
    "Local and global minimum": (HANDLE, ["ArrowLeft", "ArrowLeft"]),
    "Tangent explorer": (HANDLE, ["ArrowLeft", "ArrowRight"]),
    "Affine map explorer": (HANDLE, ["ArrowLeft", "ArrowRight"]),
    "Backpropagation explorer": ("select", ["two layers", "(W·x + b - y)²"]),
}


@pytest.mark.parametrize("label", MOVES)
def test_latency(run_cells, label, capsys):  # noqa: F811
    page = run_cells(f"latency-{label.split()[0]}", [{**CELLS, **WALKS, **GEOMETRY}[label]]).page
    section = page.get_by_role("region", name=label)
    selector, values = MOVES[label]
    node = section.locator(selector).first.element_handle()
    moves = [page.evaluate(MEASURE, [node, values[i % 2]]) for i in range(41)][1:]
    painted, answered = zip(*moves)
    with capsys.disabled():
        print(f"\n{label:26} {median(painted):6.0f} ms, {median(answered):.0f} of them until the page knows", end="")


@pytest.mark.parametrize("label", PLAYED)
def test_frames(run_cells, label, capsys):  # noqa: F811
    page = run_cells(f"frames-{label.split()[0]}", [WALKS[label]]).page
    section = page.get_by_role("region", name=label)
    play = section.get_by_role("button", name="play", exact=True).element_handle()
    rate = page.evaluate(PLAY, [section.locator("canvas").element_handle(), play])
    with capsys.disabled():
        print(f"\n{label:26} {rate:6.0f} frames a second", end="")


def test_latency_of_the_pad(run_cells, weights, capsys):  # noqa: F811
    page = run_cells("latency-pad", [NETWORK.format(path=weights), SHOW]).page
    canvas = page.get_by_role("region", name=LABEL).locator("canvas.explorer-ink")
    expect(canvas).to_be_visible()
    long = [p for n in range(6) for p in SEVEN[:: (-1) ** n]]
    for name, stroke in (("a 7", SEVEN), ("a long scribble", long)):
        times = [page.evaluate(DRAW, [canvas.element_handle(), stroke]) for _ in range(21)][1:]
        painted, answered, _ = zip(*times)
        with capsys.disabled():
            words = f"{median(painted):6.0f} ms, {median(answered):.0f} of them until the page knows"
            print(f"\nDraw a digit, {name:12} {words}", end="")


def test_latency_while_it_trains(run_cells, capsys):  # noqa: F811
    section = run_cells("latency-training", [DATA, RUN]).page.get_by_role("region", name="Training dashboard")
    section.get_by_label("epochs").fill("30")
    section.get_by_role("button", name="start").click()
    expect(section).to_contain_text("running")
    slider = section.get_by_label("seed").element_handle()
    times = [section.page.evaluate(TURN, [slider, str(1 + i % 9)]) for i in range(41)][1:]
    section.get_by_role("button", name="stop").click()
    with capsys.disabled():
        print(f"\nDashboard, while it trains {median(times):6.0f} ms", end="")
