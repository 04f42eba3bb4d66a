"""Callbacks: what `fit` calls between batches and epochs. `History` keeps the curves, `ProgressBar` prints the line."""

import sys
import time


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
