"""A real JupyterLab and a real Chromium for the tests in this folder; skipped, with a reason, where there is no browser."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet flags keep the browser from looking up hosts of its own; the page's requests are what the tests watch.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium or Chrome on this machine (BROWSER_PATH= names one)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Lab(NamedTuple):
    folder: Path
    address: str
    token: str


@pytest.fixture(scope="package")
def lab(tmp_path_factory):
    """A running JupyterLab that serves a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("Zoë's folder")  # with a space in its name
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # keep all cells in the page
    settings = folder / "settings" / "@jupyterlab" / "docmanager-extension"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text('{"autosave": false}')
    log = folder / "lab.log"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.port=0"]
    command += [f"--LabApp.user_settings_dir={folder / 'settings'}", f"--LabApp.workspaces_dir={folder / 'workspaces'}"]
    command += ["--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}"]
    with open(log, "w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder)
    try:
        yield Lab(folder, *_address(log, server))
    finally:
        server.terminate()
        server.wait(20)


def _address(log, server):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        found = re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/\S*?token=(\w+)", log.read_text())
        if found and found[1] != "0":
            port, token = found.groups()
            with contextlib.suppress(urllib.error.URLError):  # it says its address a moment before it answers
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token={token}", timeout=20).close()
                return f"http://127.0.0.1:{port}", token
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


class Notebook:
    """An open notebook: its page, and what went wrong on it."""

    def __init__(self, page, address):
        self.page, self.problems, self.address = page, [], address
        self.listeners = {"console": self._console, "pageerror": self._error, "request": self._request}
        for event, listener in self.listeners.items():
            page.on(event, listener)

    def look_away(self):
        for event, listener in self.listeners.items():
            self.page.remove_listener(event, listener)

    def _console(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _error(self, error):
        self.problems.append(f"page: {error}")

    def _request(self, request):
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.problems.append(f"request that leaves the machine: {request.url}")

    def run_all(self):
        """Run every cell and wait for the end; returns the cells with their outputs."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        return self.page.evaluate("() => jupyterapp.shell.currentWidget.context.model.toJSON().cells")


class Workbench:
    """One JupyterLab page for all tests: loading it takes several times as long as opening a notebook in it."""

    def __init__(self, browser, lab):
        self.browser, self.lab, self.page = browser, lab, None

    def ready(self):
        """The page, loaded anew if a test has spoilt it."""
        if self.page is None:
            self.page = self.browser.new_page()
            self.page.set_default_timeout(90_000)
            self.page.goto(f"{self.lab.address}/lab?token={self.lab.token}")
            self.page.wait_for_function("() => window.jupyterapp?.shell.layoutModified")
            self.page.evaluate("async () => { await jupyterapp.restored; jupyterapp.shell.collapseLeft(); }")
        return self.page

    def leave(self):
        self.page.close()
        self.page = None


@pytest.fixture(scope="package")
def workbench(browser, lab):
    return Workbench(browser, lab)


OPEN = """async path => {
  const widget = await jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' });
  await widget.context.ready;
  await widget.revealed;
}"""
CLOSE = """async () => {
  for (const widget of [...jupyterapp.shell.widgets('main')]) {
    await widget.sessionContext?.shutdown();
    widget.dispose(); // no question whether to save
  }
}"""


@pytest.fixture
def open_notebook(workbench, request):
    """A function (name, theme, width) → Notebook, open and connected to its kernel."""
    notebooks = []

    def open_(name, theme="JupyterLab Light", width=1280, height=900):
        page = workbench.ready()
        page.emulate_media(reduced_motion="no-preference")
        page.set_viewport_size({"width": width, "height": height})
        notebooks.append(Notebook(page, workbench.lab.address))
        page.evaluate(OPEN, f"notebooks/{name}")
        page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.connectionStatus === 'connected'"
        )
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg=json.dumps("Light" in theme)
        )
        return notebooks[-1]

    yield open_
    failed = getattr(request.node, "failed", False)
    if failed and notebooks:
        folder = ROOT / "screenshots"
        folder.mkdir(exist_ok=True)
        workbench.page.screenshot(path=folder / f"{re.sub(r'[^a-zA-Z0-9]+', '-', request.node.name)}.png")
    for notebook in notebooks:
        notebook.look_away()
    if notebooks:
        workbench.page.evaluate(CLOSE)
        if failed:
            workbench.leave()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        item.failed = True
