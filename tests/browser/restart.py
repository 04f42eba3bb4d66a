"""A kernel that is restarted while explorers are open in the page. For `make faults`.

Run by pytest as `python -m pytest tests/browser/restart.py`; not collected with the tests, since it adds half a minute.
"""

import pytest
from playwright.sync_api import expect

from .test_explorers import run_cells  # noqa: F401 (a fixture)

CELLS = [
    "from helpers.widgets.broadcasting import broadcasting\nbroadcasting((3, 4), (4,))",
    "from helpers.widgets.race import race\nrace()",
    "import numpy as np\nfrom helpers.widgets.training import dashboard\n"
    "x = np.zeros((50_000, 20), 'float32'), np.eye(3)[np.arange(50_000) % 3]\ndashboard((x, x))",
]
RESTART = """async () => {
  const context = jupyterapp.shell.currentWidget.sessionContext;
  await context.session.kernel.restart();
  await context.session.kernel.info;
}"""


@pytest.mark.parametrize("busy", [False, True], ids=["at rest", "while it trains"])
def test_the_page_survives_and_works_again(run_cells, busy):  # noqa: F811
    notebook = run_cells("restart", CELLS)
    page = notebook.page
    board = page.get_by_role("region", name="Training dashboard")
    expect(board).to_be_visible()
    if busy:
        board.get_by_role("button", name="start").click()
        expect(board.locator(".explorer-blocks")).to_contain_text("running")
    page.evaluate(RESTART)
    old = page.get_by_role("region", name="Broadcasting explorer")
    old.get_by_label("shape of b").fill("(3, 1)")  # its kernel is gone: the reader gets to know
    expect(old.get_by_role("alert")).to_contain_text("Run the cell again")
    board.get_by_role("button", name="stop" if busy else "start").click()
    expect(board.get_by_role("alert")).to_contain_text("Run the cell again")
    notebook.run_all()
    section = page.get_by_role("region", name="Broadcasting explorer")
    expect(section).to_have_count(1)
    section.get_by_label("shape of b").fill("(5,)")
    expect(section.locator(".explorer-blocks")).to_contain_text("do not fit")
    section.get_by_label("shape of b").fill("(3, 1)")
    expect(section.locator(".explorer-blocks")).to_contain_text("The result has shape (3, 4)")
    expect(page.get_by_role("region", name="Training dashboard").get_by_role("button", name="start")).to_be_enabled()
    assert notebook.problems == []
