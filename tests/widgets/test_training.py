"""The training dashboard's state, driven as the page does, without a browser."""

import csv
import json
import threading
import time

import numpy as np
import pytest

from helpers.widgets.drawing import pack
from helpers.widgets.still import still
from helpers.widgets.training import BATCH_SIZES, MOMENTA, RATES, Dashboard, TrainingState, dashboard

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2000, 6)).astype("float32")
Y = np.eye(3, dtype="float32")[np.argmax(X[:, :3], axis=1)]
DATA = (X, Y), (X[:200], Y[:200])


@pytest.fixture
def state():
    state = TrainingState(DATA)
    state.handle("units", "8")
    yield state
    state.close()


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


def control(state, name):
    return next(c for c in state.view()["controls"] if c["name"] == name)


def finish(state):
    wait_for(lambda: state.running is None)


def test_a_run_from_start_to_end(state):
    assert control(state, "start")["value"]
    assert not control(state, "stop")["value"]
    state.handle("epochs", 2)
    state.handle("start", True)
    finish(state)
    (run,) = state.runs
    assert run.training.status == "done"
    assert run.training.updates == 2 * 16
    assert state.network is run.training.network
    assert "run 1: done, epoch 2 of 2" in state.sentence()["text"]
    assert control(state, "start")["value"]


def test_the_settings_reach_the_network(state):
    for name, value in {
        "units": "16, 4",
        "activation": "tanh",
        "optimizer": "Nesterov",
        "rate": RATES.index(0.02),
        "momentum": MOMENTA.index(0.8),
        "batch_size": "64",
        "epochs": 1,
        "seed": 5,
    }.items():
        state.handle(name, value)
    assert not state.errors
    state.handle("start", True)
    finish(state)
    network = state.network
    assert [(layer.units, layer.activation) for layer in network.layers] == [(16, "tanh"), (4, "tanh"), (3, "softmax")]
    assert (network.optimizer.learning_rate, network.optimizer.momentum, network.optimizer.nesterov) == (
        0.02,
        0.8,
        True,
    )
    assert state.runs[0].training.seed == 5
    assert state.runs[0].training.updates == -(-2000 // 64)


def test_pause_one_batch_resume_stop(state):
    state.handle("epochs", 30)
    state.handle("one_batch", True)
    run = state.runs[0]
    wait_for(lambda: run.training.updates == 1 and run.training.status == "paused")
    assert control(state, "pause")["label"] == "▶ resume"
    state.handle("one_batch", True)
    wait_for(lambda: run.training.updates == 2 and run.training.status == "paused")
    state.handle("pause", True)
    wait_for(lambda: run.training.updates > 5)
    state.handle("pause", True)
    wait_for(lambda: run.training.status in ("paused", "done"))
    state.handle("stop", True)
    finish(state)
    run.training.thread.join(5)
    assert not run.training.thread.is_alive()


def test_knobs_are_turned_while_it_trains(state):
    state.handle("optimizer", "SGD")
    state.handle("one_batch", True)
    run = state.runs[0]
    wait_for(lambda: run.training.updates == 1 and run.training.status == "paused")
    state.handle("rate", RATES.index(0.5))
    state.handle("momentum", MOMENTA.index(0.9))
    assert run.training.network.optimizer.learning_rate == 0.5
    assert run.training.network.optimizer.momentum == 0.9
    assert run.changes == [(1, "learning rate 0.5"), (1, "momentum 0.9")]
    assert "From update 1 on: learning rate 0.5" in state.sentence()["text"]


def test_momentum_is_no_knob_of_the_adaptive_ones(state):
    state.handle("optimizer", "Adam")
    state.handle("one_batch", True)
    wait_for(lambda: state.runs[0].training.updates == 1)
    state.handle("momentum", 3)
    assert not state.runs[0].changes


def test_two_runs_are_kept_renamed_and_deleted(state):
    state.handle("epochs", 1)
    for _ in range(2):
        state.handle("start", True)
        finish(state)
    state.handle("name:0", "<img onerror=alert(1)>" * 9)
    assert state.runs[0].name == ("<img onerror=alert(1)>" * 9)[:40]
    assert "<img onerror" not in still(state.view()).replace("&lt;img", "")
    loss = state.view()["blocks"][1]["blocks"][0]
    assert [mark["kind"] for mark in loss["marks"]] == ["line", "scatter"] * 2
    state.handle("pick", ["delete", 0])
    assert [run.name for run in state.runs] == ["run 2"]


def test_only_one_run_at_a_time(state):
    state.handle("one_batch", True)
    state.handle("start", True)
    assert len(state.runs) == 1
    assert "going on" in state.errors["start"]


def test_divergence_names_the_knob(state):
    state.handle("optimizer", "SGD")
    state.handle("rate", len(RATES) - 1)
    state.handle("activation", "linear")
    state.handle("units", "512, 512, 512")
    state.handle("start", True)
    finish(state)
    words = state.sentence()
    assert words["style"] == "warn"
    assert "Turn down the learning rate: 1 instead of 10" in words["text"]


def test_export(state, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state.handle("epochs", 1)
    state.handle("start", True)
    finish(state)
    state.handle("name:0", "=1+1")
    state.handle("export", True)
    (path,) = tmp_path.iterdir()
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert {row["curve"] for row in rows} == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {row["run"] for row in rows} == {"'=1+1"}
    assert float(rows[-1]["value"]) == state.runs[0].training.curves["val_accuracy"][-1][1]
    assert path.name in state.view()["blocks"][-1]["text"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", "0"),
        ("units", "9999"),
        ("units", "64, x"),
        ("units", "1 2 3 4 5"),
        ("units", "__import__('os')"),
        ("rate", -1),
        ("rate", 99),
        ("rate", "fast"),
        ("rate", float("nan")),
        ("momentum", None),
        ("batch_size", "7"),
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("seed", []),
        ("optimizer", "rocket"),
        ("activation", ["relu"]),
        ("delete", 0),
        ("name:7", "x"),
        ("name:x", "x"),
        ("pick", ["delete", "0"]),
    ],
)
def test_nonsense_changes_nothing(state, name, value):
    before = state.settings()
    state.handle(name, value)
    assert name in state.errors
    assert state.settings() == before
    json.dumps(pack(state.view()), allow_nan=False)


def test_hidden_layers_may_be_none(state):
    state.handle("units", "")
    state.handle("epochs", 1)
    state.handle("start", True)
    finish(state)
    assert len(state.network.layers) == 1


def test_the_view_can_be_sent_at_any_time(state):
    state.handle("start", True)
    while state.running:
        json.dumps(pack(state.view()), allow_nan=False)
    assert all(str(n) in control(state, "batch_size")["choices"] for n in BATCH_SIZES)


def test_wrong_data_is_refused():
    with pytest.raises(ValueError, match="one-hot"):
        TrainingState(((X, np.argmax(Y, axis=1)), DATA[1]))


def test_closing_ends_the_thread():
    before = threading.active_count()
    board = dashboard(DATA)
    assert isinstance(board, Dashboard)
    assert board.network is None
    board.state.handle("units", "512")
    board.state.handle("epochs", 30)
    board.state.handle("start", True)
    board.close()
    wait_for(lambda: threading.active_count() == before)
