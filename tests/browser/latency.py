"""How long from a key press to a changed page, for each explorer, and how smoothly the drawn ones play: for `make bench`.

Run by pytest as `python -m pytest tests/browser/latency.py`; it is not collected with the tests, since it asserts nothing.
"""

from statistics import median

import pytest

from .test_explorers import CELLS, run_cells  # noqa: F401 (a fixture)
from .test_plots import PLAYED, WALKS

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
}


@pytest.mark.parametrize("label", MOVES)
def test_latency(run_cells, label, capsys):  # noqa: F811
    page = run_cells(f"latency-{label.split()[0]}", [{**CELLS, **WALKS}[label]]).page
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
