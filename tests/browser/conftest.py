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
    folder = tmp_path_factory.mktemp("a reader's folder")  # with a space in its name
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # keep all cells in the page
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
        self.page, self.problems = page, []
        page.on("console", lambda m: m.type == "error" and self.problems.append(f"console: {m.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"page: {error}"))
        page.on("request", lambda r: self._watch(r.url, address))

    def _watch(self, url, address):
        if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:")):
            self.problems.append(f"request that leaves the machine: {url}")

    def run_all(self):
        """Run every cell and wait for the end; returns the cells with their outputs."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        return self.page.evaluate("() => jupyterapp.shell.currentWidget.context.model.toJSON().cells")


@pytest.fixture
def open_notebook(browser, lab, request):
    """A function (name, theme, width) → Notebook, open and connected to its kernel."""
    address, token = lab.address, lab.token
    pages = []

    def open_(name, theme="JupyterLab Light", width=1280, height=900):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(90_000)
        pages.append(page)
        notebook = Notebook(page, address)
        page.goto(f"{address}/lab/workspaces/{len(pages)}{int(time.time() * 1000)}/tree/notebooks/{name}?token={token}")
        page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context?.isReady")
        page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.connectionStatus === 'connected'"
        )
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg=json.dumps("Light" in theme)
        )
        return notebook

    yield open_
    if getattr(request.node, "failed", False):
        folder = ROOT / "screenshots"
        folder.mkdir(exist_ok=True)
        for i, page in enumerate(pages):
            page.screenshot(path=folder / f"{re.sub(r'[^a-zA-Z0-9]+', '-', request.node.name)}-{i}.png")
    for page in pages:
        page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        page.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        item.failed = True
