"""Callbacks: what `fit` calls between batches and epochs.

`History` keeps the curves, `Snapshots` the weights, `ProgressBar` prints the line.
"""

import sys
import time

import numpy as np


class Callback:
    """Base of all callbacks: override what you need. `self.model` is the model, `self.params` says how fit was called.

    logs: {"loss": …, "accuracy": …} so far in this epoch; at an epoch's end with "val_loss" and so on as well.
    A callback ends training by setting `self.model.stop_training = True`.
    """

    model, params = None, {}

    def on_train_begin(self):
        pass

    def on_epoch_begin(self, epoch):
        pass

    def on_train_batch_end(self, batch, logs):
        pass

    def on_epoch_end(self, epoch, logs):
        pass

    def on_train_end(self):
        pass


class History(Callback):
    """What `fit` returns. `history`: {"loss": [one number an epoch], …}; `epoch`: the epochs' numbers from 0."""

    def on_train_begin(self):
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch, logs):
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


class Snapshots(Callback):
    """Keeps the weights as they were before training and after some of the epochs, to look back at how they changed.

    epochs: n for every n-th epoch, or a list of how many epochs shall have passed. After `fit`, `weights` is a dict
    {0: before training, n: after n epochs, …} of copies as `model.set_weights` takes them, in order of time.
    Raises ValueError unless epochs are whole numbers, n ≥ 1, those in a list ≥ 0.
    """

    def __init__(self, epochs=1):
        every = np.ndim(epochs) == 0
        numbers = [epochs] if every else list(epochs)
        if not all(isinstance(n, (int, np.integer)) and n >= every for n in numbers):
            raise ValueError(f"epochs must be a whole number ≥ 1 or a list of whole numbers ≥ 0, but got {epochs!r}")
        self.wanted = (lambda n: n % epochs == 0) if every else numbers.__contains__
        self.weights = {}

    def on_train_begin(self):
        self.weights = {0: self.model.get_weights()}

    def on_epoch_end(self, epoch, logs):
        if self.wanted(epoch + 1):
            self.weights[epoch + 1] = self.model.get_weights()


class ProgressBar(Callback):
    """A line an epoch, redrawn in place in notebooks and terminals and written once, at the end, elsewhere."""

    width = 20
    seconds_between_redraws = 0.2

    def __init__(self):
        self.live = sys.stdout.isatty() or "ipykernel" in sys.modules

    def on_epoch_begin(self, epoch):
        self.start = self.drawn = time.perf_counter()
        self.previous = ""
        print(f"Epoch {epoch + 1}/{self.params['epochs']}")

    def on_train_batch_end(self, batch, logs):
        now = time.perf_counter()
        if self.live and now - self.drawn > self.seconds_between_redraws:
            self.drawn = now
            self._draw(batch + 1, logs, "")

    def on_epoch_end(self, epoch, logs):
        self._draw(self.params["steps"], logs, "\n")

    def _draw(self, done, logs, end):
        line = progress_line(done, self.params["steps"], time.perf_counter() - self.start, logs, self.width)
        print(f"\r{line:<{len(self.previous)}}" if self.previous else line, end=end, flush=True)
        self.previous = line


def progress_line(done, steps, seconds, logs, width=20):
    """One line in Keras's form: ``469/469 ━━━━━━━━━━━━━━━━━━━━ 1s 2ms/step - accuracy: 0.9255 - loss: 0.2558``."""
    filled = width * done // steps
    numbers = "".join(f" - {name}: {logs[name]:.4f}" for name in sorted(logs, key=lambda n: (n.startswith("val_"), n)))
    bar = "━" * filled + "╌" * (width - filled)
    return f"{done}/{steps} {bar} {seconds:.0f}s {1000 * seconds / done:.0f}ms/step{numbers}"
