"""What a sweep has found: a table of trials, the best network, and the file that outlives an interruption."""

import html
import json
import os
import zlib
from pathlib import Path

import numpy as np

from helpers.utils import own_random_seed


class Results:
    """The trials of a sweep. `rows`: a dict for each, by trial and epochs; `best`: the row of the best.

    A row: trial (its place in `trials`), epochs, status ("done", "diverged" or "failed"), score (the metric at the end, or
    None), history (as `fit` returns it), seconds, message.
    """

    def __init__(self, build, trials, metric, sample):
        self.build, self.trials, self.metric, self.sample = build, trials, metric, sample
        self._rows, self._file = {}, None
        self._best, self._weights = None, None  # of the best: (trial, epochs), and its weights if they are at hand

    @property
    def rows(self):
        return [self._rows[key] for key in sorted(self._rows)]

    def settings(self, row):
        return self.trials[row["trial"]]

    def knows(self, trial, epochs):
        """Is this trial over? A failed one is tried again when a sweep goes on."""
        return (trial, epochs) in self._rows

    def ranking(self, epochs):
        """Numbers of the trials that were trained so long and came to their end, the best first; among equals, the first."""
        sign = 1 if self.metric.endswith("loss") else -1
        rows = [row for row in self.rows if row["epochs"] == epochs and row["status"] == "done"]
        return [row["trial"] for row in sorted(rows, key=lambda row: (sign * row["score"], row["trial"]))]

    @property
    def final(self):
        """Each trial's row with the most epochs: the longest trained and best first, those without a score last."""
        longest = sorted({epochs for _, epochs in self._rows}, reverse=True)
        ordered = [(trial, epochs) for epochs in longest for trial in self.ranking(epochs)]
        ordered += [key for key in sorted(self._rows) if self._rows[key]["status"] != "done"]
        found = {}
        for key in ordered:
            found.setdefault(key[0], self._rows[key])
        return list(found.values())

    @property
    def best(self):
        """The row of the best trial among those trained longest; None before the first has ended."""
        return next((row for row in self.final if row["status"] == "done"), None)

    def best_model(self):
        """The network of the best trial, trained. Raises ValueError if no trial came to its end."""
        if self.best is None:
            raise ValueError("no trial of this sweep came to its end: look at the messages in `rows`")
        return self._network(self._best)

    def first_network(self):
        """What `build` makes of the first settings, in words; None if that fails (the trial will say why)."""
        try:
            return _in_words(self._untrained(0))
        except Exception:
            return None

    def _untrained(self, trial):
        with own_random_seed(0):  # leave the reader's random numbers alone
            network = self.build(**self.trials[trial])
            network(self.sample)  # makes the weights
        return network

    def _network(self, key):
        network = self._untrained(key[0])
        if self._weights is None:
            network.load_weights(self._weights_file(key))
        else:
            network.set_weights(self._weights)
        return network

    def add(self, row, weights=None):
        """Take a row in; keep the weights if it is the best so far. With a file: the weights are written first."""
        key, former = (row["trial"], row["epochs"]), self._best
        self._rows[key] = row
        if self.best is row:
            self._best, self._weights = key, weights
            if self._file:
                self._network(key).save_weights(self._weights_file(key))
        if self._file:
            _append(self._file, row)
            if former not in (None, self._best):
                self._weights_file(former).unlink(missing_ok=True)

    def keep_in(self, file):
        """From now on write what is added to this file, and the best weights beside it."""
        self._file = file
        if self._best and not self._weights_file(self._best).exists():
            del self._rows[self._best]  # its weights are lost: it is trained again, and comes out the same
            self._best = None

    def _weights_file(self, key):
        return self._file.with_name(f"{self._file.stem}.best-{key[0]}-{key[1]}.npz")

    def raise_if_all_failed(self):
        if self._rows and all(row["status"] == "failed" for row in self._rows.values()):
            raise ValueError(f"every trial failed; the first with: {self.rows[0]['message']}")

    # ── to look at ──

    def table(self):
        """A heading and the `final` rows, as texts."""
        head = ["trial", *self.trials[0], "epochs", self.metric, "seconds"]
        return [head, *(self._cells(row) for row in self.final)]

    def _cells(self, row):
        values = [f"{value:.3g}" if isinstance(value, float) else str(value) for value in self.settings(row).values()]
        score = row["status"] if row["score"] is None else f"{row['score']:.4f}"
        return [str(row["trial"]), *values, str(row["epochs"]), score, f"{row['seconds']:.1f}"]

    def line(self, row):
        """One trial in words: ``trial 3, units 32, learning_rate 0.01, epochs 2, val_accuracy 0.9461, seconds 3.1``."""
        return ", ".join(f"{name} {cell}" for name, cell in zip(self.table()[0], self._cells(row)))

    def __str__(self):
        table = self.table()
        widths = [max(map(len, column)) for column in zip(*table)]
        return "\n".join("  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths)) for cells in table)

    def _repr_html_(self):
        heading, *rows = ([html.escape(cell) for cell in cells] for cells in self.table())
        lines = [f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for cells in rows]
        return f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in heading)}</tr>{''.join(lines)}</table>"


# ── the file: JSON, a line each; the first says which sweep it is, each other is a row ──────────────────────────────


def open_file(file, results, options, data):
    """Take in what a file holds, or begin it; from now on `results.add` writes to it too.

    options: {name: value} and data: arrays, which decide what a trial gives. Raises ValueError if the file is broken, or
    holds a sweep of other trials, options or data, or if `build` now makes another network of the first settings.
    """
    path = Path(file)
    checksums = [f"{a.dtype} {a.shape} {zlib.crc32(np.ascontiguousarray(a)):08x}" for a in map(np.asarray, data)]
    head = {"trials": results.trials, **options, "data": checksums, "network": results.first_network()}
    head = json.loads(_json(head))  # as it comes back from the file: tuples are lists there
    if path.exists() and path.stat().st_size:
        _read(path, head, results)
    else:
        _append(path, head)
    results.keep_in(path)


def _read(path, head, results):
    *lines, torn = path.read_bytes().split(b"\n")
    try:
        found, *rows = [json.loads(line) for line in lines]
        different = [name for name in head if found.get(name) != head[name]]
        for row in rows if not different else []:
            if row["status"] != "failed":
                results.add(row)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(
            f"{path}: expected a file that `sweep.run` wrote, one JSON object a line, but it is broken or another kind of "
            "file. Choose another name, or delete it to begin again."
        ) from None
    if different:
        raise ValueError(
            f"{path} holds a sweep with other {' and other '.join(different)}: choose another file, or delete it to begin "
            "again."
        )
    if torn:  # its writer was killed in mid-line; that trial is tried again
        os.truncate(path, path.stat().st_size - len(torn))


def _in_words(part):
    """A network, or a part of it: each object by its type and what it was made with, each array by its shape alone."""
    if isinstance(part, np.ndarray):
        return list(part.shape)
    if isinstance(part, dict):
        return {name: _in_words(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_in_words(value) for value in part]
    if hasattr(part, "__name__"):  # a function
        return part.__name__
    if hasattr(part, "__dict__"):
        return {"type": type(part).__name__, **_in_words(vars(part))}
    return str(part)


def _append(path, record):
    with open(path, "ab") as file:
        file.write(f"{_json(record)}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def _json(record):
    try:
        return json.dumps(record, default=lambda value: value.item())  # NumPy's numbers become Python's
    except (AttributeError, ValueError, TypeError):
        raise ValueError(
            "a sweep with a file needs settings that can be written down: numbers, texts, True and False, None, or lists of "
            f"them; but got {record.get('trials')}"
        ) from None
