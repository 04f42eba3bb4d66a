"""Explorer: train a network with every knob in hand, in the background, and compare the runs."""

import asyncio
import csv
import os
import re
from pathlib import Path

import numpy as np

from helpers import layers, models, optimizers
from helpers.background import DIVERGED, FAILED, PAUSED, BackgroundTraining
from helpers.widgets.base import Explorer, State, cell, grid, row, text
from helpers.widgets.drawing import COLORS, SHAPES, line, plot, points
from helpers.widgets.walks import slider

RATES = [digit * 10.0**power for power in range(-5, 1) for digit in (1, 2, 5)] + [10.0]
MOMENTA = [0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]
OPTIMIZERS = {
    "SGD": lambda rate, momentum: optimizers.SGD(rate, momentum=momentum),
    "Nesterov": lambda rate, momentum: optimizers.SGD(rate, momentum=momentum, nesterov=True),
    "AdaGrad": lambda rate, momentum: optimizers.Adagrad(rate),
    "RMSprop": lambda rate, momentum: optimizers.RMSprop(rate),
    "Adam": lambda rate, momentum: optimizers.Adam(rate),
}
WITH_MOMENTUM = ("SGD", "Nesterov")
ACTIVATIONS = ["relu", "tanh", "sigmoid", "linear"]
BATCH_SIZES = [16, 32, 64, 128, 256, 512, 1024]
MOST_UNITS, MOST_LAYERS, MOST_RUNS, LONGEST_NAME = 2048, 4, 20, 40
FILE = "training_runs.csv"


class Run:
    """A run as the table shows it: a name, the settings it was started with, and the training itself."""

    def __init__(self, name, settings, training):
        self.name, self.settings, self.training, self.changes = name, settings, training, []

    def last(self, curve):
        """The last value of a curve, or nan."""
        return self.training.curves[curve][-1][1] if curve in self.training.curves else float("nan")


class TrainingState(State):
    """The knobs, and the runs made with them. data: ((x_train, y_train), (x_test, y_test)), x (samples, features) and y
    one-hot. on_change: called, from a thread, when there is something new to see."""

    def __init__(self, data, on_change=None):
        super().__init__()
        (self.x, self.y), self.validation = data
        if np.ndim(self.x) != 2 or np.ndim(self.y) != 2:
            raise ValueError(
                f"x must be (samples, features) and y one-hot, but got {np.shape(self.x)}, {np.shape(self.y)}"
            )
        self.on_change = on_change or (lambda: None)
        self.units, self.activation, self.optimizer = (512,), "relu", "RMSprop"
        self.rate, self.momentum, self.batch_size, self.epochs, self.seed = 0.001, 0.0, 128, 5, 0
        self.runs, self.made, self.exported = [], 0, ""

    # ── what the reader does ──

    def apply(self, name, value):
        """Besides the usual: "name:2" renames the run at place 2 of the table, "delete" comes with a place."""
        for button in ("start", "one_batch", "export", "pick"):
            self.errors.pop(button, None)  # what was wrong with the last press is over
        kind, _, place = name.partition(":")
        if kind == "name" and place:
            return self.rename(int(place), value)
        super().apply(name, value)

    def set_units(self, value):
        numbers = re.findall(r"[^\s,]+", str(value))
        if not all(re.fullmatch(r"[0-9]{1,4}", n) and 1 <= int(n) <= MOST_UNITS for n in numbers):
            raise ValueError(f"units of the hidden layers, such as 512 or 64, 32: each from 1 to {MOST_UNITS}")
        if len(numbers) > MOST_LAYERS:
            raise ValueError(f"at most {MOST_LAYERS} hidden layers, please")
        self.units = tuple(map(int, numbers))

    def set_activation(self, value):
        self.activation = one_of(ACTIVATIONS, value)

    def set_optimizer(self, value):
        self.optimizer = one_of(OPTIMIZERS, value)

    def set_rate(self, value):
        self.rate = pick(RATES, value)
        self._turn("learning_rate", self.rate)

    def set_momentum(self, value):
        self.momentum = pick(MOMENTA, value)
        if self.running and self.running.settings["optimizer"] in WITH_MOMENTUM:
            self._turn("momentum", self.momentum)

    def set_batch_size(self, value):
        self.batch_size = int(one_of(map(str, BATCH_SIZES), value))

    def set_epochs(self, value):
        self.epochs = within(value, 1, 30)

    def set_seed(self, value):
        self.seed = within(value, 0, 99)

    def set_start(self, value):
        self._start(paused=False)

    def set_one_batch(self, value):
        if self.running:
            self.running.training.step()
        else:
            self._start(paused=True)
            self.running.training.step()

    def set_pause(self, value):
        if self.running and self.running.training.status == PAUSED:
            self.running.training.resume()
        elif self.running:
            self.running.training.pause()

    def set_stop(self, value):
        if self.running:
            self.running.training.stop(wait=False)  # the page is told when it has ended

    def set_delete(self, value):
        run = self.runs[within(value, 0, len(self.runs) - 1)]
        run.training.stop(wait=False)
        self.runs.remove(run)

    def set_pick(self, value):
        """A button in the table."""
        if isinstance(value, list) and len(value) == 2 and value[0] == "delete":
            self.set_delete(value[1])

    def set_export(self, value):
        path, self.exported = Path(FILE), ""
        try:
            self.export(path)
        except OSError as error:
            raise ValueError(
                f"{path} could not be written: {error.strerror or error}. Is the folder read-only, the disk full, or the "
                "file open in another program?"
            ) from None
        self.exported = f"Written to {path}, beside the notebook: {len(self.runs)} runs."

    def rename(self, place, name):
        self.runs[within(place, 0, len(self.runs) - 1)].name = str(name)[:LONGEST_NAME]

    # ── runs ──

    @property
    def running(self):
        """The run that trains or waits now, or None."""
        return next((run for run in self.runs if run.training.active), None)

    @property
    def network(self):
        """The network of the newest run that has one."""
        return next((run.training.network for run in reversed(self.runs) if run.training.network is not None), None)

    def settings(self):
        return {
            "units": self.units,
            "activation": self.activation,
            "optimizer": self.optimizer,
            "learning rate": self.rate,
            "momentum": self.momentum if self.optimizer in WITH_MOMENTUM else 0.0,
            "batch size": self.batch_size,
            "epochs": self.epochs,
            "seed": self.seed,
        }

    def _start(self, paused):
        if self.running:
            raise ValueError("a run is going on: stop it first")
        if len(self.runs) >= MOST_RUNS:
            raise ValueError(f"{MOST_RUNS} runs are enough to look at: delete some first")
        self.made += 1
        settings = self.settings()
        options = {"batch_size": self.batch_size, "epochs": self.epochs, "validation_data": self.validation}
        training = BackgroundTraining(
            lambda: network_of(settings, self.y.shape[1]), self.x, self.y, self.seed, self.on_change, **options
        )
        self.runs.append(Run(f"run {self.made}", settings, training))
        training.start(paused)

    def _turn(self, knob, value):
        """Change a number of the running optimizer; it counts from the next batch on."""
        if self.running and self.running.training.network is not None:
            setattr(self.running.training.network.optimizer, knob, value)
            self.running.changes.append((self.running.training.updates, f"{knob.replace('_', ' ')} {value:g}"))

    def export(self, path):
        """Write all points of all runs as CSV. The file appears whole or not at all."""
        temporary = Path(f"{path}.{os.getpid()}.tmp")
        try:
            with open(temporary, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(["run", *self.settings(), "curve", "update", "value"])
                for run in self.runs:
                    for curve, values in run.training.curves.items():
                        for update, value in values:
                            writer.writerow(
                                [harmless(run.name), *map(str, run.settings.values()), curve, update, value]
                            )
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def close(self):
        for run in self.runs:
            run.training.on_change = lambda: None
            run.training.stop(wait=False)
        self.runs.clear()  # a run knows this state, too: without the circle its memory is free at once

    # ── what is seen ──

    def sentence(self):
        run = self.running or (self.runs[-1] if self.runs else None)
        if run is None:
            return text(
                "Press start. The curves appear as it trains; learning rate and momentum may be turned meanwhile."
            )
        training = run.training
        if training.status == DIVERGED:
            rate = run.settings["learning rate"]
            advice = f"Turn down the learning rate: {rate / 10:g} instead of {rate:g}."
            return text(f"{run.name} diverged: the loss is no longer a finite number. {advice}", "warn")
        if training.status == FAILED:
            return text(f"{run.name} failed. {training.message}", "warn")
        words = f"{run.name}: {training.status}, epoch {training.epoch + 1} of {run.settings['epochs']}"
        words += f", update {training.updates:,}"
        words += f", loss {run.last('loss'):.4f}" if "loss" in training.curves else ""
        return text(words + "".join(f". From update {at} on: {change}" for at, change in run.changes[-3:]))

    def view(self):
        running = self.running
        paused = running is not None and running.training.status == PAUSED
        controls = [
            self.control("units", "hidden units", ", ".join(map(str, self.units))),
            self.control("activation", "activation", self.activation, kind="select", choices=ACTIVATIONS),
            self.control("optimizer", "optimizer", self.optimizer, kind="select", choices=list(OPTIMIZERS)),
            slider(self, "rate", "learning rate", self.rate, RATES),
            slider(self, "momentum", "momentum (SGD, Nesterov)", self.momentum, MOMENTA),
            self.control(
                "batch_size", "batch size", str(self.batch_size), kind="select", choices=list(map(str, BATCH_SIZES))
            ),
            self.control("epochs", "epochs", self.epochs, kind="range", min=1, max=30),
            self.control("seed", "seed", self.seed, kind="range", min=0, max=99),
            self.control("start", "▶ start", running is None, kind="button"),
            self.control("pause", "▶ resume" if paused else "❚❚ pause", running is not None, kind="button"),
            self.control("one_batch", "+1 batch", running is None or paused, kind="button"),
            self.control("stop", "■ stop", running is not None, kind="button"),
            self.control("export", "export CSV", bool(self.runs), kind="button"),
        ]
        named = {control["name"] for control in controls if control["kind"] != "button"}  # these show their errors
        warnings = [text(f"✗ {error}", "warn") for name, error in self.errors.items() if name not in named]
        blocks = [self.sentence(), *warnings, row(self.curves("loss"), self.curves("accuracy"))]
        if self.runs:
            blocks.append(self.table())
        if self.exported:
            blocks.append(text(self.exported))
        return {"controls": controls, "blocks": blocks}

    def curves(self, name):
        """Loss or accuracy of all runs: lines for training, marks at each epoch's end for validation."""
        marks, highest, longest = [], 0.1, 10
        for i, run in enumerate(self.runs):
            color, shape = COLORS[i % len(COLORS)], SHAPES[i % len(SHAPES)]
            training = np.array(run.training.curves.get(name, [])).reshape(-1, 2)
            validation = np.array(run.training.curves.get(f"val_{name}", [])).reshape(-1, 2)
            marks += [line(training, color, width=1.5), points(validation, [color], [shape], size=6)]
            both = np.concatenate([training, validation])
            if len(both):
                highest = max(highest, np.quantile(both[:, 1], 0.95) * 1.2)
                longest = max(longest, both[:, 0].max())
        top = 1.0 if name == "accuracy" else float(min(highest, 5.0))
        words = [f"{run.name}: {run.last(f'val_{name}'):.3f}" for run in self.runs]
        return plot(
            f"{name}: line training, marks validation",
            f"Curves of the {name} over the updates. At the end, on validation data: {', '.join(words) or 'none'}.",
            marks,
            (0, float(longest), 0, top),
            labels=("update", name),
            size=(395, 270),
        )

    def table(self):
        """The runs: name (to type over), settings, results, a button to delete."""
        head = ("", "", "name", "hidden", "optimizer", "rate", "mom.", "batch", "seed", "loss", "acc.", "val.", "is")
        rows = [[cell(word, "head") for word in head]]
        for i, run in enumerate(self.runs):
            s, training = run.settings, run.training
            signs = dict(zip(SHAPES, "●■▲◆✚✖"))
            rows.append(
                [
                    cell("✕", pick=["delete", i]) | {"label": f"delete {run.name}"},
                    cell(signs[SHAPES[i % len(SHAPES)]]),
                    cell(run.name, edit=f"name:{i}") | {"label": f"name of run {i + 1}", "type": "text"},
                    cell(f"{'-'.join(map(str, s['units']))} {s['activation']}"),
                    cell(s["optimizer"]),
                    cell(f"{s['learning rate']:g}" + "*" * bool(run.changes)),
                    cell(f"{s['momentum']:g}"),
                    cell(s["batch size"]),
                    cell(s["seed"]),
                    *(cell(in_short(run.last(curve))) for curve in ("loss", "accuracy", "val_accuracy")),
                    cell(training.status),
                ]
            )
        return grid("Runs (* : a knob was turned meanwhile)", rows)


def network_of(settings, classes):
    """A compiled network as the knobs say."""
    hidden = [layers.Dense(units, activation=settings["activation"]) for units in settings["units"]]
    network = models.Sequential([*hidden, layers.Dense(classes, activation="softmax")])
    optimizer = OPTIMIZERS[settings["optimizer"]](settings["learning rate"], settings["momentum"])
    network.compile(optimizer, "categorical_crossentropy", ["accuracy"])
    return network


def one_of(choices, value):
    if value not in list(choices):
        raise ValueError(f"unknown choice {value!r}")
    return value


def within(value, low, high):
    if isinstance(value, bool) or int(value) != float(value) or not low <= int(value) <= high:
        raise ValueError(f"a whole number from {low} to {high}, please")
    return int(value)


def pick(values, place):
    return values[within(place, 0, len(values) - 1)]


def in_short(number):
    return "–" if np.isnan(number) else f"{number:.3f}"


def harmless(name):
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", name) else name


class Dashboard(Explorer):
    """The widget; training tells it from a thread that there is news, and the kernel's own loop draws them."""

    def __init__(self, data):
        super().__init__(TrainingState(data), "Training dashboard")
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:  # outside of a notebook
            self._loop = None
        self.state.on_change = self._news

    def _news(self):
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._show_news)

    def _show_news(self):
        if self.comm is not None:  # not closed meanwhile
            self._show()

    @property
    def network(self):
        """The network trained last; None if there is none yet, or if the dashboard is closed."""
        return getattr(self.state, "network", None)


def dashboard(data):
    """Show the explorer. data: ((x_train, y_train), (x_test, y_test)), pictures (samples, 784) in 0 … 1, labels one-hot.

    What it trained last is its `network`: `board = dashboard(data)`, then `board.network`.
    """
    return Dashboard(data)
