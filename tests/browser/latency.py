"""How long from a key press to changed words on the screen, for each explorer: part of `make bench`.

Run by pytest as `python -m pytest tests/browser/latency.py`; it is not collected with the tests, since it asserts nothing.
"""

from statistics import median

import pytest

from .test_explorers import CELLS, run_cells  # noqa: F401 (a fixture)

# Press a key in the field or on the cell, then wait until the drawing has changed and been painted.
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
    watch.observe(blocks, { childList: true, subtree: true, characterData: true });
  });
  if (node.tagName === 'BUTTON') node.click();
  else { node.value = value; node.dispatchEvent(new Event('input', { bubbles: true })); }
  await changed;
  return [performance.now() - start, answered];
}
"""
MOVES = {
    "Broadcasting explorer": (".explorer-control input", ["(2, 4)", "(3, 4)"]),
    "Tensor slicer": (".explorer-control input", ["2:5", "1:9"]),
    "Element-wise explorer": ("select", ["x * y", "x + y"]),
    "Matrix product explorer": ("input[type=range]", ["3", "4"]),
    "Reshape explorer": (".explorer-control input", ["(6, 1)", "(3, 2)"]),
}


@pytest.mark.parametrize("label", MOVES)
def test_latency(run_cells, label, capsys):  # noqa: F811
    page = run_cells(f"latency-{label.split()[0]}", [CELLS[label]]).page
    section = page.get_by_role("region", name=label)
    selector, values = MOVES[label]
    node = section.locator(selector).first.element_handle()
    moves = [page.evaluate(MEASURE, [node, values[i % 2]]) for i in range(41)][1:]
    painted, answered = zip(*moves)
    with capsys.disabled():
        print(f"\n{label:26} {median(painted):6.0f} ms, {median(answered):.0f} of them until the page knows", end="")
