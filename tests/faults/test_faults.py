"""What can go wrong around the program: killed, disk full, nothing may be written, interrupted, two at once.

`make faults` adds a kernel that is restarted in the page, and twenty kernels side by side.
"""

import csv
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import helpers
from helpers import layers, models, optimizers, utils
from helpers.callbacks import Callback

ROOT = Path(__file__).parents[2]
PACKAGE = str(Path(helpers.__file__).parent)

# What each child process starts with: a model of known weights, and a dashboard with one run to export.
START = """
import os, sys
import numpy as np
from helpers import layers, models

def model(value, units=3):
    network = models.Sequential([layers.Input((4,)), layers.Dense(units, kernel_initializer="zeros")])
    network.set_weights([np.full((4, units), value), np.full(units, value)])
    return network

def dashboard():
    from helpers.widgets.training import TrainingState
    x = np.zeros((64, 4), "float32"), np.eye(3)[np.arange(64) % 3]
    state = TrainingState((x, x))
    for name, value in (("units", "4"), ("epochs", 1), ("start", True)):
        state.handle(name, value)
    state.runs[0].training.thread.join()
    return state
"""


def child(code, folder, *arguments, **options):
    """Run code in a process of its own, in a folder; returns what it said, once it has ended."""
    command = [sys.executable, "-c", START + code, *map(str, arguments)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120, **options)


def saved(folder):
    """The value of all weights in the folder's file, which must be whole."""
    network = models.Sequential([layers.Input((4,)), layers.Dense(3)])
    network.load_weights(folder / "w.npz")
    (value,) = np.unique(np.concatenate([w.ravel() for w in network.get_weights()]))
    return value


def save(folder, value):
    network = models.Sequential([layers.Input((4,)), layers.Dense(3)])
    network.set_weights([np.full((4, 3), value), np.full(3, value)])
    network.save_weights(folder / "w.npz")


# ── killed ──────────────────────────────────────────────────────────────────────────────────────────────────────────

KILL = """
where = sys.argv[1]

def die(*arguments, **more):
    if where == "savez":
        arguments[0].write(b"PK, and no more")
        arguments[0].flush()
    os.kill(os.getpid(), 9)

owner = np if where == "savez" else os
if where == "after":
    model(2).save_weights("w.npz")
    die()
setattr(owner, where, die)
model(2).save_weights("w.npz")
"""


@pytest.mark.parametrize(("where", "value"), [("savez", 1), ("fsync", 1), ("replace", 1), ("after", 2)])
def test_killed_while_saving(tmp_path, where, value):
    save(tmp_path, 1)
    assert child(KILL, tmp_path, where).returncode != 0
    assert saved(tmp_path) == value
    save(tmp_path, 3)  # what was left lying about is in nobody's way
    assert saved(tmp_path) == 3


def test_killed_while_exporting(tmp_path):
    (tmp_path / "training_runs.csv").write_text("the old table")
    code = "state = dashboard()\nos.replace = lambda *_: os.kill(os.getpid(), 9)\nstate.handle('export', True)"
    assert child(code, tmp_path).returncode != 0
    assert (tmp_path / "training_runs.csv").read_text() == "the old table"


def test_a_notebook_closed_while_it_trains_ends(tmp_path):
    code = """
state = dashboard()
state.handle("epochs", 30)
state.x = np.zeros((200_000, 4), "float32")
state.y = np.zeros((200_000, 3), "float32")
state.handle("start", True)
print(state.runs[1].training.active)
"""
    done = child(code, tmp_path)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


# ── no room, no permission ──────────────────────────────────────────────────────────────────────────────────────────

FULL = """
import resource

network = model(2, 3000)
state = dashboard()
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))  # of each file: the system refuses the rest, as a full disk does
try:
    network.save_weights("w.npz")
except OSError as error:
    print(error.errno)
state.handle("export", True)
print(state.errors["export"])
print(state.view()["blocks"][1]["text"])
"""
FULL_WORDS = "training_runs.csv could not be written: "


def test_a_disk_that_is_full(tmp_path):
    pytest.importorskip("resource")
    save(tmp_path, 1)
    (tmp_path / "training_runs.csv").write_text("the old table")
    done = child(FULL, tmp_path)
    number, error, shown = done.stdout.splitlines()
    assert int(number) in (errno.EFBIG, errno.ENOSPC), done.stderr
    assert error.startswith(FULL_WORDS)
    assert "the disk full" in error
    assert shown == f"✗ {error}"  # the reader sees it, too
    assert saved(tmp_path) == 1
    assert (tmp_path / "training_runs.csv").read_text() == "the old table"
    assert sorted(os.listdir(tmp_path)) == ["training_runs.csv", "w.npz"]


LOCKED = """
network, state = model(2), dashboard()
network.load_weights("w.npz")  # root's own Python may be closed to others: import all now
network.set_weights(model(2).get_weights())
if os.getuid() == 0:  # root may write anywhere
    os.setgid(65534)
    os.setuid(65534)
try:
    network.save_weights("w.npz")
except OSError as error:
    print(type(error).__name__)
network.load_weights("w.npz")
print(network.get_weights()[0].max())
state.handle("export", True)
print(state.errors["export"])
"""


@pytest.mark.skipif(os.name == "nt", reason="a folder's write bit means nothing there")
def test_a_folder_that_nobody_may_write_to():
    folder = Path(tempfile.mkdtemp())  # not tmp_path: the way there is closed to the user that root becomes
    try:
        save(folder, 1)
        (folder / "w.npz").chmod(0o444)
        folder.chmod(0o555)
        done = child(LOCKED, folder)
        left = os.listdir(folder)
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert done.stdout.splitlines()[:2] == ["PermissionError", "1.0"], done.stderr
    assert "Is the folder read-only" in done.stdout
    assert left == ["w.npz"]


# ── interrupted ─────────────────────────────────────────────────────────────────────────────────────────────────────

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 4)).astype("float32")
Y = np.eye(3, dtype="float32")[np.argmax(X[:, :3], axis=1)]
OPTIMIZERS = {
    "sgd": lambda: optimizers.SGD(0.1),
    "nesterov": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "adam": lambda: optimizers.Adam(0.01),
}


def network(optimizer):
    utils.set_random_seed(0)
    model = models.Sequential([layers.Dense(5, activation="relu"), layers.Dense(3, activation="softmax")])
    model.compile(OPTIMIZERS[optimizer](), "categorical_crossentropy", ["accuracy"])
    model(X)
    return model


def interrupted(model, at):
    """Fit, and press the stop button at the `at`-th line of the package that is run. False: it ended before."""
    lines = 0

    def trace(frame, event, _):
        nonlocal lines
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        lines += event == "line"
        if lines == at:
            lines += 1
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        model.fit(X, Y, batch_size=20, epochs=2, verbose=0)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_stopped_at_any_line_the_model_goes_on(optimizer):
    at, tried = 1, 0
    while True:
        model = network(optimizer)
        first = model.evaluate(X, Y, verbose=0)[0]
        if not interrupted(model, at):
            break
        assert np.isfinite(model.parameters).all()
        for layer in model.layers:
            for key, weights in layer.params.items():
                assert np.shares_memory(weights, model.parameters)
                assert np.shares_memory(layer.grads[key], model.gradients)
        assert model.optimizer.iterations <= 4
        np.testing.assert_allclose(model.predict(X).sum(axis=1), 1, rtol=1e-5)
        model.fit(X, Y, batch_size=20, epochs=20, verbose=0)
        assert model.evaluate(X, Y, verbose=0)[0] < first
        at, tried = at + 29, tried + 1
    assert tried >= 10


def test_stopped_between_two_batches_the_weights_are_those_of_then():
    class Stop(Callback):
        def on_train_batch_end(self, batch, logs):
            if batch == 2:
                raise KeyboardInterrupt

    model, twin = network("adam"), network("adam")
    utils.set_random_seed(5)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, verbose=0, callbacks=[Stop()])
    utils.set_random_seed(5)
    order = utils.random_generator().permutation(len(X))
    for start in (0, 10, 20):
        twin.train_on_batch(X[order[start : start + 10]], Y[order[start : start + 10]])
    assert all(map(np.array_equal, model.get_weights(), twin.get_weights()))
    assert model.optimizer.iterations == 3


# ── two at once ─────────────────────────────────────────────────────────────────────────────────────────────────────

TWO = """
value = int(sys.argv[1])
network, state = model(value), dashboard()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(50):
    network.save_weights("w.npz")
    network.load_weights("w.npz")  # of either, but whole
    state.handle("export", True)
    assert not state.errors, state.errors
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no file that is open elsewhere; the error says so")
def test_two_notebooks_that_save_under_the_same_names(tmp_path):
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [
        subprocess.Popen([sys.executable, "-c", START + TWO, value], cwd=tmp_path, env=variables, **pipes)
        for value in "12"
    ]
    try:
        for process in both:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
        for process in both:
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=120)[1] for process in both]
    finally:
        for process in both:
            process.kill()
    assert [process.returncode for process in both] == [0, 0], said
    assert saved(tmp_path) in (1, 2)
    with open(tmp_path / "training_runs.csv", encoding="utf-8") as file:
        assert {row["curve"] for row in csv.DictReader(file)} >= {"loss", "val_loss"}
    assert sorted(os.listdir(tmp_path)) == ["training_runs.csv", "w.npz"]
