"""The training dashboard in the page, on MNIST: drive a run by its buttons, compare two, and leave nothing behind."""

import re
import time

import pytest
from playwright.sync_api import expect

from .test_explorers import run_cells  # noqa: F401 (a fixture)

SLOW = 30_000  # milliseconds that a busy machine may need to end a run

DATA = """
from helpers.datasets import mnist
from helpers.utils import to_categorical
from helpers.widgets.training import dashboard

(a, b), (c, d) = mnist.load_data()
data = [(x.reshape(-1, 784).astype("float32") / 255, to_categorical(y)) for x, y in ((a, b), (c, d))]
"""
RUN = "board = dashboard(data)\nboard"
COUNT = """
import gc, os, threading, time
import psutil

for _ in range(200):
    if not any(t.name == "background training" for t in threading.enumerate()):
        break
    time.sleep(0.05)
_ = gc.collect()
print("threads", sum(t.name == "background training" for t in threading.enumerate()))
print("megabytes", psutil.Process(os.getpid()).memory_info().rss // 2**20)
"""


@pytest.fixture
def board(run_cells):  # noqa: F811
    notebook = run_cells("training", [DATA, RUN, "print(board.network.count_params(), 'weights')"])
    section = notebook.page.get_by_role("region", name="Training dashboard")
    expect(section).to_be_visible()
    section.problems, section.notebook = notebook.problems, notebook
    return section


def update(section):
    """The number of updates that the page shows."""
    found = re.search(r"update ([\d,]+)", section.locator(".explorer-blocks").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def wait_for_update(section, least):
    deadline = time.monotonic() + 60
    while update(section) < least:
        assert time.monotonic() < deadline, section.inner_text()
        section.page.wait_for_timeout(50)


def press(section, name):
    button = section.get_by_role("button", name=name)
    expect(button).to_be_enabled()
    button.click()


def test_drive_a_run_and_compare_two(board):
    draws = board.locator("canvas").first
    press(board, "start")
    wait_for_update(board, 30)
    before = draws.get_attribute("data-draws")
    wait_for_update(board, update(board) + 20)
    assert draws.get_attribute("data-draws") != before

    slider = board.get_by_label("learning rate")
    slider.focus()
    board.page.keyboard.press("ArrowRight")
    expect(board).to_contain_text(re.compile(r"From update \d+ on: learning rate 0.002"))

    press(board, "pause")
    expect(board).to_contain_text("run 1: paused", timeout=SLOW)
    board.page.wait_for_timeout(300)
    at = update(board)
    board.page.wait_for_timeout(700)
    assert update(board) == at
    press(board, "+1 batch")
    wait_for_update(board, at + 1)
    board.page.wait_for_timeout(300)
    assert update(board) == at + 1

    press(board, "resume")
    wait_for_update(board, at + 30)
    press(board, "stop")
    expect(board).to_contain_text("run 1: stopped", timeout=SLOW)

    board.get_by_label("hidden units").fill("32")
    board.get_by_label("optimizer").select_option("SGD")
    press(board, "start")
    wait_for_update(board, 30)
    expect(board.get_by_role("button", name="delete run 2")).to_be_visible()
    press(board, "stop")
    expect(board).to_contain_text("run 2: stopped", timeout=SLOW)
    name = board.get_by_label("name of run 1")
    name.fill("<img src=x onerror=alert(1)>")
    expect(board.locator("canvas").first).to_have_attribute("aria-label", re.compile("<img src=x onerror"))
    assert not board.locator("img").count()
    press(board, "delete run 2")
    expect(board.get_by_role("button", name="delete run 2")).to_have_count(0)
    assert not board.problems


def test_the_kernel_is_free_while_it_trains(board):
    press(board, "start")
    wait_for_update(board, 10)
    at = update(board)
    page = board.page
    page.evaluate("""() => {
        const notebook = jupyterapp.shell.currentWidget.content;
        notebook.activeCellIndex = 2;
        return jupyterapp.commands.execute('notebook:run-cell');
    }""")
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text("407050 weights")
    wait_for_update(board, at + 20)
    press(board, "stop")
    expect(board).to_contain_text("stopped", timeout=SLOW)
    expect(board.get_by_role("button", name="start")).to_be_enabled()


def test_running_the_cell_again_leaves_nothing_behind(run_cells):  # noqa: F811
    run = RUN.replace("\nboard", "\n_ = board.state.handle('start', True)\nboard")
    notebook = run_cells("leaks", [DATA, run, COUNT])
    page = notebook.page

    def rerun(index):
        page.evaluate(
            """index => {
                jupyterapp.shell.currentWidget.content.activeCellIndex = index;
                return jupyterapp.commands.execute('notebook:run-cell');
            }""",
            index,
        )

    def counted():
        rerun(2)
        words = page.locator(".jp-OutputArea-output").last.inner_text()
        return [int(re.search(rf"{name} (\d+)", words)[1]) for name in ("threads", "megabytes")]

    for _ in range(15):  # until the memory that each run uses again is there
        rerun(1)
    page.get_by_role("button", name="stop").click()
    _, before = counted()
    for _ in range(25):
        rerun(1)
    page.get_by_role("button", name="stop").click()
    threads, after = counted()
    assert threads == 0
    print(f"{after - before} MB more")
    assert after - before < 10  # a network left behind each time would be far more
    assert not notebook.problems
