"""Sweeps: train a network with many settings, side by side on Dask, and see which do best.

    space = {"units": [32, 128, 512], "learning_rate": sweep.between(1e-4, 1e-1, log=True)}
    results = sweep.run(build, sweep.random(space, 24), data, validation_data, epochs=2, file="sweep.jsonl")

Each trial draws its random numbers from a generator of its own, so the results do not depend on how many workers there are,
or on which is first.
"""

import math
import time
from itertools import product
from numbers import Integral, Real

import numpy as np
from IPython import get_ipython
from IPython.display import HTML, display

from helpers.cluster import distributed, given_or_local
from helpers.models import DivergenceError
from helpers.sweep_results import Results, open_file
from helpers.utils import check_count, own_random_seed

TRIES = 4  # how often a trial is sent out before it counts as failed


# ── what to try ─────────────────────────────────────────────────────────────────────────────────────────────────────


def between(low, high, log=False):
    """For `random`: a number from low … high, whole if both are; log=True makes every order of magnitude equally likely."""
    numbers = all(isinstance(end, Real) and math.isfinite(end) for end in (low, high))
    if not (numbers and low < high and (low > 0 or not log)):
        raise ValueError(f"between needs numbers low < high{', above 0 for log' * log}, but got {low!r} and {high!r}")
    whole = isinstance(low, Integral) and isinstance(high, Integral)

    def draw(rng):
        top = high + whole  # a whole number is rounded down
        number = math.exp(rng.uniform(math.log(low), math.log(top))) if log else rng.uniform(low, top)
        return min(int(number), high) if whole else number

    return draw


def grid(space):
    """All combinations. space: {name: list of values} → list of settings {name: value}; the last name changes fastest."""
    for name, values in _checked(space).items():
        if callable(values):
            raise ValueError(f"a grid needs a list of values for {name!r}; `between` is for sweep.random")
    return [dict(zip(space, values)) for values in product(*space.values())]


def random(space, trials, seed=0):
    """Settings drawn at random. space: {name: list of values, or `between(…)`} → list of so many settings {name: value}.

    Where few of the settings matter, this finds good ones sooner than a grid: Bergstra & Bengio, 2012.
    """
    _checked(space)
    check_count("trials", trials)
    rng = np.random.default_rng(seed)
    return [
        {name: values(rng) if callable(values) else values[rng.integers(len(values))] for name, values in space.items()}
        for _ in range(trials)
    ]


def _checked(space):
    if not isinstance(space, dict) or not space:
        raise ValueError(f"a space is a dict such as {{'units': [32, 128]}}, but got {space!r}")
    for name, values in space.items():
        if not callable(values) and (not isinstance(values, (list, tuple, np.ndarray)) or len(values) == 0):
            raise ValueError(f"{name!r} needs a list of values to try, such as [32, 128], but got {values!r}")
    return space


# ── trying it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(
    build,
    trials,
    data,
    validation_data,
    *,
    epochs=1,
    rounds=1,
    factor=3,
    batch_size=128,
    metric="val_accuracy",
    seed=0,
    client=None,
    workers=2,
    file=None,
    verbose=True,
):
    """Train `build(**settings)` for each of the settings in `trials`; returns `Results`.

    build: a function that gives a compiled Sequential. data, validation_data: (x, y); networks learn from the one and are
    judged on the other. metric: what makes a trial the best, a name in `fit`'s history; the lowest if it ends in "loss",
    else the highest. client: a `dask.distributed.Client`; by default one on this computer, with so many workers, is opened
    and closed again. verbose: show a table that grows.

    rounds: 2 or more is *successive halving* (Jamieson & Talwalkar, 2016): after each round the best 1/factor of the trials
    are trained with `factor` times as many epochs. They start afresh, with the same random numbers: nothing has to be kept
    for them, and only 1/factor of each round after the first is training done twice.

    file: results are added to it as they come. Called again with the same arguments, `run` does only what is missing in it.
    A trial whose loss is no longer finite ends there, as "diverged"; one whose worker dies is sent to another; one that
    raises an error is "failed". Raises ValueError if all failed, and if the file is broken or holds another sweep: other
    trials, data or options, or another network for the first settings.
    """
    if not isinstance(trials, (list, tuple)) or not trials or not all(isinstance(one, dict) for one in trials):
        raise ValueError(f"trials must be a list of settings, as sweep.grid(space) gives it, but got {trials!r}")
    for name, pair in (("data", data), ("validation_data", validation_data)):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"{name} must be a pair (x, y), but got {type(pair).__name__}")
    if not isinstance(metric, str):
        raise ValueError(f"metric must be a name such as 'val_accuracy', but got {metric!r}")
    counts = {"epochs": (epochs, 1), "rounds": (rounds, 1), "factor": (factor, 2), "seed": (seed, 0)}
    for name, (value, low) in counts.items():
        check_count(name, value, low)
    results = Results(build, trials, metric, sample=np.asarray(data[0])[:1])
    if file is not None:
        open_file(file, results, {"batch_size": batch_size, "metric": metric, "seed": seed}, (*data, *validation_data))
    table = _LiveTable(results) if verbose else None
    with given_or_local(client, workers) as client:
        chosen = range(len(trials))
        for _ in range(rounds):
            missing = [trial for trial in chosen if not results.knows(trial, epochs)]
            options = {"epochs": epochs, "batch_size": batch_size, "metric": metric, "seed": seed}
            for row, weights in _train_all(client, build, trials, missing, (*data, *validation_data), options):
                results.add(row, weights)
                if table:
                    table.show(row, epochs, left=sum(not results.knows(trial, epochs) for trial in chosen))
            chosen = results.ranking(epochs)[: max(1, len(chosen) // factor)]
            epochs *= factor
    results.raise_if_all_failed()
    return results


def train_one(build, trial, settings, data, epochs, batch_size, metric, seed):
    """One trial, on a worker; returns its row for the table and, if it came to its end, the weights."""
    # Dask hands arrays out from the middle of a message: numbers that do not begin at a multiple of their size are slow.
    x, y, *validation_data = (np.require(array, requirements="A") for array in data)
    row, weights, start = _row(trial, epochs), None, time.perf_counter()
    try:
        with own_random_seed([seed, trial]):  # whoever trains it, and whenever
            model = build(**settings)
            kept = model.fit(x, y, batch_size, epochs, verbose=0, validation_data=tuple(validation_data))
        row["history"] = kept.history
        if metric not in kept.history:
            raise ValueError(f"there is no {metric!r} in the history, only {', '.join(kept.history)}")
        row["score"] = float(kept.history[metric][-1])
        if not math.isfinite(row["score"]):
            raise DivergenceError(f"{metric} is {row['score']}")
        weights = model.get_weights()
    except DivergenceError as error:
        row.update(status="diverged", score=None, history={}, message=str(error))
    except Exception as error:  # a setting that cannot work must not end the others
        row.update(status="failed", message=f"{type(error).__name__}: {error}")
    row["seconds"] = time.perf_counter() - start
    return row, weights


def _train_all(client, build, trials, numbers, data, options):
    """Send the trials of these numbers to the workers and yield what `train_one` gives, as they end."""
    lost = list(numbers)
    for attempt in range(TRIES):
        # At last one by one: so a trial that kills its workers, by lack of memory say, takes no other with it.
        groups = [[trial] for trial in lost] if attempt >= TRIES - 2 else [lost]
        lost = []
        for group in filter(None, groups):
            for trial, answer in _answers(client, build, trials, group, data, options):
                if answer is None:
                    lost.append(trial)
                else:
                    yield answer
    for trial in lost:
        message = "its workers died again and again, of lack of memory perhaps"
        yield {**_row(trial, options["epochs"]), "status": "failed", "message": message}, None


def _row(trial, epochs):
    """A row of the results, as it is when all goes well, before the training."""
    blank = {"status": "done", "score": None, "message": "", "history": {}, "seconds": 0.0}
    return {"trial": trial, "epochs": epochs, **blank}


def _answers(client, build, trials, numbers, data, options):
    """Yield (trial, what `train_one` gives, or None if the worker died that had it)."""
    client.wait_for_workers(1, timeout=60)
    on_workers = client.scatter([data], broadcast=True, hash=False)[0]  # to each worker once, not with every trial
    sent = {
        client.submit(train_one, build, trial, trials[trial], on_workers, **options, pure=False): trial
        for trial in numbers
    }
    try:
        for future in distributed.as_completed(list(sent)):
            try:
                answer = future.result()
            except Exception:  # `train_one` lets no error out: this one is about workers and messages
                answer = None
            yield sent.pop(future), answer
    finally:
        client.cancel(list(sent))  # if the reader presses stop


class _LiveTable:
    """The results as they come: one table that grows in a notebook, a line a trial elsewhere."""

    def __init__(self, results):
        self.results = results
        self.live = (
            getattr(get_ipython(), "kernel", None) is not None
        )  # where a picture can be changed that is shown already
        self.handle = display(HTML("Starting …"), display_id=True) if self.live else None

    def show(self, row, epochs, left):
        if self.live:
            note = f"<p>{left} still to come, {epochs} epochs each.</p>" if left else ""
            self.handle.update(HTML(self.results._repr_html_() + note))
        else:
            print(self.results.line(row), f"· {left} to come", flush=True)
