"""The progress line's text, where it is redrawn, and what History and Snapshots keep."""

import io
import sys

import numpy as np
import pytest

from helpers import callbacks, layers, models
from helpers.callbacks import Callback, History, ProgressBar, Snapshots, progress_line


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            (469, 469, 1.2, {"loss": 0.2558, "accuracy": 0.92549}),
            f"469/469 {'━' * 20} 1s 3ms/step - accuracy: 0.9255 - loss: 0.2558",
        ),
        ((1, 4, 0.5, {"loss": 12.0}), f"1/4 {'━' * 5}{'╌' * 15} 0s 500ms/step - loss: 12.0000"),
        # not yet a full twentieth: no piece of the bar; half a minute over: seconds are whole
        ((1, 21, 60.0, {}), f"1/21 {'╌' * 20} 60s 60000ms/step"),
        # training's numbers first, then the validation's, each in alphabetical order
        (
            (1, 1, 0.0, {"val_accuracy": 1, "loss": 1, "val_loss": 2, "accuracy": 0}),
            f"1/1 {'━' * 20} 0s 0ms/step - accuracy: 0.0000 - loss: 1.0000 - val_accuracy: 1.0000 - val_loss: 2.0000",
        ),
    ],
)
def test_progress_line(arguments, expected):
    assert progress_line(*arguments) == expected


def test_validation_comes_last_whatever_the_names():
    line = progress_line(1, 1, 0, {"val_zeta": 1, "zeta": 2, "val_loss": 3, "loss": 4})
    assert [part.split(":")[0] for part in line.split(" - ")[1:]] == ["loss", "zeta", "val_loss", "val_zeta"]


def test_progress_line_width():
    assert progress_line(1, 2, 0, {}, width=4) == "1/2 ━━╌╌ 0s 0ms/step"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_live_only_where_a_line_can_be_redrawn(monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not ProgressBar().live
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    assert ProgressBar().live
    monkeypatch.delitem(sys.modules, "ipykernel")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert ProgressBar().live


def run_epoch(bar, monkeypatch, seconds_per_batch, batches=4):
    """What one epoch prints, with a clock that moves by `seconds_per_batch`."""
    now = [100.0]
    monkeypatch.setattr(callbacks.time, "perf_counter", lambda: now[0])
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    bar.params = {"epochs": 3, "steps": batches}
    bar.on_epoch_begin(1)
    for batch in range(batches):
        now[0] += seconds_per_batch
        bar.on_train_batch_end(batch, {"loss": float(10 ** (batches - batch))})
    bar.on_epoch_end(1, {"loss": 1.0})
    return out.getvalue()


def test_one_line_an_epoch_when_not_live(monkeypatch):
    bar = ProgressBar()
    bar.live = False
    text = run_epoch(bar, monkeypatch, 1.0)
    assert text == f"Epoch 2/3\n4/4 {'━' * 20} 4s 1000ms/step - loss: 1.0000\n"


def test_live_line_is_redrawn_in_place(monkeypatch):
    bar = ProgressBar()
    bar.live = True
    text = run_epoch(bar, monkeypatch, 1.0)
    heading, line = text.split("\n", 1)
    assert heading == "Epoch 2/3"
    drawn = line.split("\r")
    assert [part.split()[0] for part in drawn] == ["1/4", "2/4", "3/4", "4/4", "4/4"]
    assert "\n" not in line[:-1]
    assert line.endswith("\n")
    # A shorter line is padded, or the end of the longer one before it would stay on the screen.
    for before, after in zip(drawn, drawn[1:]):
        assert len(after.rstrip("\n")) >= len(before.rstrip())


def test_live_line_is_not_redrawn_too_often(monkeypatch):
    bar = ProgressBar()
    bar.live = True
    # Redraws wait for more than 0.2 s: after batch 3 (0.27 s) and 6; the epoch's end draws in any case.
    text = run_epoch(bar, monkeypatch, 0.09, batches=7)
    assert [part.split()[0] for part in text.split("\n", 1)[1].split("\r")] == ["3/7", "6/7", "7/7"]


def test_second_epoch_starts_a_fresh_line(monkeypatch):
    bar = ProgressBar()
    bar.live = True
    run_epoch(bar, monkeypatch, 1.0)
    assert not run_epoch(bar, monkeypatch, 1.0).split("\n")[1].startswith("\r")


def test_history():
    history = History()
    history.on_train_begin()
    assert (history.history, history.epoch) == ({}, [])
    history.on_epoch_end(0, {"loss": 2.0, "val_loss": 3.0})
    history.on_epoch_end(1, {"loss": 1.0, "val_loss": 2.5})
    assert history.epoch == [0, 1]
    assert history.history == {"loss": [2.0, 1.0], "val_loss": [3.0, 2.5]}
    history.on_train_begin()
    assert (history.history, history.epoch) == ({}, [])


def fit_with(snapshots, epochs=6):
    """A small network, trained with the callback; and its weights before and after each epoch, noted independently."""
    model = models.Sequential([layers.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(1)])
    model.compile("sgd", "mse")
    seen = [model.get_weights()]

    class Note(Callback):
        def on_epoch_end(self, epoch, logs):
            seen.append(model.get_weights())

    model.fit(np.eye(3), np.arange(3), epochs=epochs, callbacks=[snapshots, Note()], verbose=0)
    return model, seen


@pytest.mark.parametrize(
    ("epochs", "kept"),
    [
        (1, [0, 1, 2, 3, 4, 5, 6]),
        (2, [0, 2, 4, 6]),
        (np.int64(4), [0, 4]),
        (7, [0]),
        ([], [0]),
        ([5, 1, 0, 1, 99], [0, 1, 5]),
        (range(2, 5), [0, 2, 3, 4]),
        (np.array([3, 6]), [0, 3, 6]),
    ],
)
def test_snapshots(epochs, kept):
    snapshots = Snapshots(epochs)
    assert snapshots.weights == {}
    model, seen = fit_with(snapshots)
    assert list(snapshots.weights) == kept
    for epoch, weights in snapshots.weights.items():
        assert all(np.array_equal(a, b) for a, b in zip(weights, seen[epoch], strict=True))
    assert not np.array_equal(seen[0][0], seen[1][0])
    model.set_weights(snapshots.weights[0])  # what it is for
    assert np.array_equal(model.get_weights()[0], seen[0][0])


def test_snapshots_start_afresh_with_each_fit():
    snapshots = Snapshots()
    fit_with(snapshots, epochs=3)
    _, seen = fit_with(snapshots, epochs=1)
    assert list(snapshots.weights) == [0, 1]
    assert np.array_equal(snapshots.weights[0][0], seen[0][0])


@pytest.mark.parametrize("epochs", [0, -1, 1.5, None, "3", [-1], [1, 2.0], ["1"], [None]])
def test_impossible_snapshots(epochs):
    with pytest.raises(ValueError, match="epochs must be a whole number ≥ 1 or a list of whole numbers ≥ 0, but got"):
        Snapshots(epochs)


def test_the_base_class_does_nothing():
    callback = Callback()
    events = [("on_train_begin",), ("on_epoch_begin", 0), ("on_train_batch_end", 0, {}), ("on_epoch_end", 0, {})]
    for event, *arguments in [*events, ("on_train_end",)]:
        assert getattr(callback, event)(*arguments) is None
