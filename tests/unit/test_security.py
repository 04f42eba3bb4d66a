"""What somebody with bad intentions might try: files that run code, names that are HTML, typed text, an open server, CI."""

import ast
import contextlib
import io
import json
import os
import pickle
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import yaml
from explorers import EVIL, STATES, poisoned

from helpers import layers, models, plots
from helpers.widgets import base
from helpers.widgets.still import rich, still
from helpers.widgets.training import harmless

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("helpers", "tools", "lab", "site") for path in sorted((ROOT / folder).rglob("*.py"))]
SCRIPTS = sorted((ROOT / "helpers" / "widgets").glob("*.js")) + sorted((ROOT / "site").rglob("*.js"))


def where(path):
    return path.relative_to(ROOT).as_posix()


# ── the sources ─────────────────────────────────────────────────────────────────────────────────────────────────────

RUNS_CODE = {"eval", "exec", "compile", "__import__"}
NOT_IMPORTED = {"pickle", "marshal", "shelve", "dill", "joblib", "subprocess", "ctypes", "socket", "urllib", "requests"}
RUNS_IN_METHODS = {"system", "popen"}


@pytest.mark.parametrize("path", SOURCES, ids=where)
def test_no_pickle_no_eval_no_network(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        allowed = {"ctypes"} if path.name == "core.py" else set()  # to end a reader's endless loop
        assert not NOT_IMPORTED & {name.split(".")[0] for name in names} - allowed, f"line {node.lineno}"
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                assert called.id not in RUNS_CODE, f"line {node.lineno}"
            elif isinstance(called, ast.Attribute):
                assert called.attr not in RUNS_IN_METHODS, f"line {node.lineno}"
                if ast.unparse(called) in ("np.load", "numpy.load"):
                    given = {k.arg: getattr(k.value, "value", None) for k in node.keywords}
                    assert given.get("allow_pickle") is False, f"line {node.lineno}: say allow_pickle=False"


@pytest.mark.parametrize("path", SCRIPTS, ids=where)
def test_the_page_makes_text_never_html(path):
    dangerous = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|createContextualFragment|DOMParser"
    dangerous += r"|\beval\(|new Function|setTimeout\(\s*[\"'`]|fetch\(|XMLHttpRequest|WebSocket|import\("
    assert re.findall(dangerous, path.read_text(encoding="utf-8")) == []


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Trap:
    """Pickled, it makes a file as soon as it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("kind", ["npz", "npy", "pickle"])
def test_a_pickle_among_the_weights_is_not_opened(tmp_path, kind):
    trap, file = tmp_path / "sprung", tmp_path / "weights.npz"
    array = np.array([Trap(trap)] * 3, dtype=object)
    with open(file, "wb") as out:
        np.savez(out, array) if kind == "npz" else np.save(out, array) if kind == "npy" else pickle.dump(array, out)
    model = models.Sequential([layers.Input((3,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="expected an .npz file written by save_weights"):
        model.load_weights(file)
    assert not trap.exists()
    if kind == "pickle":  # the trap would have sprung
        pickle.loads(file.read_bytes())
        assert trap.exists()


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────────────

# What a page may be made of; anything else came from a name.
TAGS = {"div", "p", "em", "pre", "code", "strong", "table", "caption", "tr", "td", "figure", "figcaption", "img"}
TAGS |= {"details", "summary", "picture", "source"}
ATTRIBUTES = {"alt", "style", "src", "srcset", "media"}


class Page(HTMLParser):
    """What a browser would make of a piece of HTML: its tags, their attributes, and its words."""

    def __init__(self, page):
        super().__init__()
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert tag in TAGS, f"<{tag}>"
        attributes = dict(attributes)
        assert attributes.keys() <= ATTRIBUTES, f"<{tag} {attributes}>"
        for name in attributes.keys() & {"src", "srcset"}:
            assert re.fullmatch(r"data:image/(png|gif);base64,[A-Za-z0-9+/=]+", attributes[name])
        self.words += attributes.get("alt", "")

    def handle_data(self, words):
        self.words += words


def test_every_explorer_is_among_them():
    files = {path.stem for path in (ROOT / "helpers" / "widgets").glob("*.py")}
    assert files - set(STATES) == {"__init__", "base", "drawing", "parse", "still", "walks"}


@pytest.mark.parametrize("name", STATES)
def test_a_still_view_shows_names_as_text(name):
    view = STATES[name]().view()
    Page(still(view))
    page = Page(still(poisoned(view)))
    assert "<img src=x onerror=alert(1)>" in page.words
    assert "<script>alert(2)</script>" in page.words


def test_the_label_and_the_words_with_marks():
    explorer = base.Explorer(STATES["tangent"](), EVIL)
    data, _ = explorer._repr_mimebundle_()
    assert EVIL in Page(data["text/html"]).words
    explorer.close()
    assert "<img src=x onerror=alert(1)>" in Page(rich(EVIL)).words


def test_a_run_named_like_a_tag():
    state = STATES["training"]()
    state.handle("units", "4")
    state.handle("start", True)
    state.handle("name:0", "<img onerror=alert(1)>")
    try:
        assert "<img onerror=alert(1)>" in Page(still(state.view())).words
    finally:
        state.close()


PICTURES = {
    "digits": lambda: plots.digits(np.zeros((1, 4, 4)), titles=[EVIL]),
    "digits, alt": lambda: plots.digits(np.zeros((1, 4, 4)), alt=EVIL),
    "pixels": lambda: plots.pixels(np.zeros((2, 2), "uint8"), EVIL),
    "flow": lambda: plots.flow([EVIL, "b", "c"], EVIL, feedback=EVIL),
    "curves": lambda: plots.curves({EVIL: ([1, 2], [3, 4])}, EVIL, EVIL, EVIL),
    "training_curves": lambda: plots.training_curves({EVIL: [1.0, 2.0]}),
    "predictions": lambda: plots.predictions(np.zeros((1, 4, 4)), np.eye(10)[:1], [0], alt=EVIL),
    "timings": lambda: plots.timings([1, 2], {EVIL: [1, 2]}, EVIL),
    "plane": lambda: plots.plane({EVIL: {EVIL: np.ones((3, 2))}}, EVIL),
    "tensor_ranks": lambda: plots.tensor_ranks([(2,)], EVIL),
    "intraday": lambda: plots.intraday(np.ones((1, 5, 3)), EVIL),
    "animation": lambda: plots.animation(np.zeros((2, 8, 8, 3), "uint8"), EVIL),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_names_as_text(name, monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda page: shown.append(page.data))
    PICTURES[name]()
    assert "<img src=x onerror=alert(1)>" in Page("".join(shown)).words or name in ("predictions", "digits")


# ── tables for a spreadsheet ────────────────────────────────────────────────────────────────────────────────────────

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "\r=1", "＝1+1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_is_no_formula(name):
    assert harmless(name) == f"'{name}"
    assert [harmless(word) for word in ("run 1", "a=b", "")] == ["run 1", "a=b", ""]


def test_marks_of_notebooks_that_are_none(tmp_path, capsys):
    """What students hand in is read by the instructor: nothing in it stops the table or becomes a formula."""
    sys.path.insert(0, str(ROOT / "tools"))
    import student

    good = {"cells": [{"outputs": [{"text": "✓ times_table: right"}]}]}
    (tmp_path / "=HYPERLINK(1).ipynb").write_text(json.dumps(good), encoding="utf-8")
    (tmp_path / "anna.ipynb").write_text(json.dumps(good), encoding="utf-8")
    (tmp_path / "deep.ipynb").write_text("[" * 100_000)
    (tmp_path / "bytes.ipynb").write_bytes(b"\xff\xfe\0")
    (tmp_path / "list.ipynb").write_text("[1, 2]")
    (tmp_path / "text.ipynb").write_text('{"cells": [{"outputs": [{"text": 5}]}]}')
    (tmp_path / "folder.ipynb").mkdir()
    table = io.StringIO()
    student.marks(tmp_path, table)
    said = capsys.readouterr()
    assert table.getvalue().splitlines() == [
        "notebook,right,of,times_table",
        "./=HYPERLINK(1).ipynb,1,1,right",
        "anna.ipynb,1,1,right",
    ]
    broken = {"bytes.ipynb", "deep.ipynb", "folder.ipynb", "list.ipynb", "text.ipynb"}
    assert {line.removeprefix("not a notebook: ") for line in said.err.splitlines()} == broken


# ── what is typed ───────────────────────────────────────────────────────────────────────────────────────────────────

CODE = [
    "__import__('os').system('true')",
    "().__class__",
    "lambda: 0",
    "1 if 1 else 2",
    "[x for x in (1,)]",
    "2**9",
    "1e3",
]


@pytest.mark.parametrize("typed", CODE)
def test_what_is_typed_is_not_run(typed):
    from helpers.widgets.parse import parse_index, parse_number, parse_shape

    for parse in (parse_index, parse_shape, lambda words: parse_number("w", words, 10)):
        with pytest.raises(ValueError, match="is not a"):
            parse(typed)


# ── the server of `make lab` ────────────────────────────────────────────────────────────────────────────────────────


def lab_command():
    """What `make lab` starts, as a list of words; the interpreter is the one that runs the tests."""
    recipe = re.search(r"^lab:.*\n\t(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[1]
    words = re.sub(r"\$\(if.*?\)\)|\$\(if .*?\)|\$\(ARGS\)", "", recipe).replace("$(RUN)", "").split()
    assert words[0] == "jupyterlab"
    return [sys.executable, "-m", *words]


def test_make_lab_opens_no_door():
    options = " ".join(lab_command()[2:]) + "".join(p.read_text() for p in (ROOT / "lab").rglob("*.json"))
    for door in ("ip", "token", "password", "allow_origin", "allow_remote_access", "disable_check_xsrf", "allow_root"):
        assert not re.search(rf"\b{door}\b", options)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The running server's own description (its URL, its token, its process)."""
    folder = tmp_path_factory.mktemp("lab")
    variables = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "JUPYTER_CONFIG_DIR": str(folder)}
    variables.pop("JUPYTER_TOKEN", None)
    command = [*lab_command(), "--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, env=variables, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 90
        while not (found := list((folder / "runtime").glob("jpserver-*.json"))) or not _answers(found[0]):
            if time.monotonic() > deadline or process.poll() is not None:
                pytest.fail((folder / "log").read_text())
            time.sleep(0.1)
        yield json.loads(found[0].read_text())
    finally:
        process.terminate()
        process.wait(30)


def _answers(file):
    try:
        told = json.loads(file.read_text())
        return told["port"] and ask(told, "api/status", told["token"]) == 200
    except (ValueError, OSError):
        return False


def ask(server, path, token=None, **headers):
    """The status of the server's answer."""
    address = f"http://127.0.0.1:{server['port']}/{path}" + (f"?token={token}" if token else "")
    request = urllib.request.Request(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    opener = urllib.request.build_opener(NoRedirect)
    try:
        return opener.open(request, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def test_the_server_listens_at_home_only(server):
    assert server["hostname"] in ("localhost", "127.0.0.1", "::1")
    # From another address of this machine, the way a neighbour would come, nobody answers.
    others = set()
    with contextlib.suppress(socket.gaierror):  # a machine that does not know its own name
        others = {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError, match=".*"):
            socket.create_connection((address, server["port"]), timeout=5)


def test_the_server_wants_its_token(server):
    assert len(server["token"]) >= 40
    assert not server["password"]
    # The last one is the way to a kernel, which goes through the class that helpers.server puts in.
    channels = f"api/kernels/{uuid.UUID(int=1)}/channels"
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    upgrade["Sec_WebSocket_Key"] = "c2l4dGVlbiBieXRlcyEhIQ=="
    for path, headers in {"api/contents": {}, "api/kernels": {}, "files/log": {}, channels: upgrade}.items():
        assert ask(server, path, **headers) in (302, 403), path  # sent on to the page that asks for it, or nothing
        assert ask(server, path, "wrong", **headers) in (302, 403), path
    assert ask(server, "api/contents", server["token"]) == 200


def test_another_site_is_not_let_in(server):
    host = ask(server, "api/contents", server["token"], Host="evil.example")
    assert host == 403  # a name that somebody points at this machine (DNS rebinding)


# ── continuous integration ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=where)
def test_workflows(path):
    words = path.read_text(encoding="utf-8")
    plan = yaml.safe_load(words)
    assert plan["permissions"] == {"contents": "read"}
    assert "secrets." not in words
    assert "pull_request_target" not in words
    assert "github.event" not in words  # a title or a branch's name would be run by the shell
    for used in re.findall(r"uses: (.*)", words):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", used), f"{used}: pin it by its whole commit"
    for job in plan["jobs"].values():
        assert job["timeout-minutes"]
        assert set(job.get("permissions", {"contents": "read"})) <= {"contents", "pages", "id-token"}


PRIVATE = r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[bap]-\w|\bpypi-AgEI"


def test_no_secret_lies_about():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone")
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".gz", ".png", ".gif") and path != Path(__file__):
            assert not re.search(PRIVATE, path.read_text(encoding="utf-8")), name
            assert path.name not in (".env", ".netrc", ".pypirc")
