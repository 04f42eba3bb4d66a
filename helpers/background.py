"""Training in a thread of its own, so that the notebook stays free: pause, resume, one step, stop, and turn the knobs."""

import threading
import time

from helpers.callbacks import Callback
from helpers.models import DivergenceError
from helpers.utils import own_random_seed

WAITING, RUNNING, PAUSED, DONE = "waiting", "running", "paused", "done"
STOPPED, DIVERGED, FAILED = "stopped", "diverged", "failed"


class _Stopped(Exception):
    """The reader has pressed stop."""


class BackgroundTraining(Callback):
    """One training run: `make_network()` and its `fit`, in a thread.

    make_network: a function that gives a compiled Sequential; it runs in the thread, under `seed`, so the result is that
    of `set_random_seed(seed)`, `make_network()`, `fit(x, y, …)`. fit_options: batch_size, epochs, validation_data …
    on_change: called from the thread about `updates_a_second` times a second and whenever `status` changes.

    status: "waiting", "running", "paused", "done", "stopped", "diverged" or "failed"; `message` says why for the last two.
    curves: {"loss": [(update, mean since the last point), …], "accuracy": …, "val_loss": [(update, value), …], …}.
    The network, also of a stopped run, is `network`.
    """

    every = 10  # updates between two points of a curve
    updates_a_second = 4

    def __init__(self, make_network, x, y, seed=0, on_change=None, **fit_options):
        self.make_network, self.x, self.y, self.seed, self.fit_options = make_network, x, y, seed, fit_options
        self.on_change = on_change or (lambda: None)
        self.network, self.status, self.message = None, WAITING, ""
        self.updates, self.epoch, self.curves = 0, 0, {}
        self._may_go_on = threading.Condition()
        self._allowed = None  # updates that may still be made before the next pause; None: no limit
        self._told = 0.0
        # A daemon thread ends with its kernel: a closed notebook leaves nothing behind.
        self.thread = threading.Thread(target=self._train, name="background training", daemon=True)

    # ── the reins, to be called from the notebook's thread ──

    def start(self, paused=False):
        """Begin; with paused=True only to wait for the first `step` or `resume`."""
        self._allowed = 0 if paused else None
        self._set_status(RUNNING)
        self.thread.start()

    def pause(self):
        """Wait after the present batch."""
        self._rein(0)

    def resume(self):
        self._rein(None)

    def step(self, batches=1):
        """Go on for some batches, then wait again."""
        self._rein(batches)

    def stop(self, wait=True):
        """End after the present batch; the network stays as it is then. wait: until the thread has ended."""
        with self._may_go_on:
            if self.status == WAITING:
                self.status = STOPPED
            self._stopping = True
            self._may_go_on.notify_all()
        if wait and self.thread.is_alive():
            self.thread.join()

    @property
    def active(self):
        return self.status in (RUNNING, PAUSED)

    def _rein(self, allowed):
        with self._may_go_on:
            self._allowed = allowed
            self._may_go_on.notify_all()

    # ── the thread ──

    _stopping = False

    def _train(self):
        try:
            with own_random_seed(self.seed):
                self.network = self.make_network()
                self._wait()
                if not self._stopping:
                    self.network.fit(self.x, self.y, callbacks=[self], verbose=0, **self.fit_options)
            self._set_status(STOPPED if self._stopping else DONE)
        except _Stopped:
            self._set_status(STOPPED)
        except DivergenceError as error:
            self.message = str(error)
            self._set_status(DIVERGED)
        except Exception as error:  # a thread must not die in silence: the reader gets to see why
            self.message = f"{type(error).__name__}: {error}"
            self._set_status(FAILED)

    def _wait(self):
        """Return when the next batch may be trained, or when the run shall stop."""
        if self._allowed == 0 and not self._stopping:
            self._set_status(PAUSED)
        with self._may_go_on:
            self._may_go_on.wait_for(lambda: self._allowed != 0 or self._stopping)
            if self._allowed is not None:
                self._allowed -= 1
        self._set_status(RUNNING)

    def on_epoch_begin(self, epoch):
        self.epoch, self._sums, self._seen = epoch, {}, 0

    def on_train_batch_end(self, batch, logs):
        self.updates += 1
        if self._allowed is not None or self.updates % self.every == 0 or batch + 1 == self.params["steps"]:
            self._add_point(batch + 1, logs)
        if time.monotonic() - self._told > 1 / self.updates_a_second:
            self._tell()
        self._wait()
        if self._stopping:
            raise _Stopped  # not `stop_training`: that would still judge the epoch on the validation data

    def _add_point(self, batches, logs):
        """logs are means over the epoch so far; a point is the mean over the batches since the last point."""
        for name, mean in logs.items():
            total = mean * batches
            point = (total - self._sums.get(name, 0.0)) / (batches - self._seen)
            self.curves.setdefault(name, []).append((self.updates, point))
            self._sums[name] = total
        self._seen = batches

    def on_epoch_end(self, epoch, logs):
        for name, value in logs.items():
            if name.startswith("val_"):
                self.curves.setdefault(name, []).append((self.updates, value))

    def _set_status(self, status):
        if status != self.status:
            self.status = status
            self._tell()

    def _tell(self):
        self._told = time.monotonic()
        self.on_change()
