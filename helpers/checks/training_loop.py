"""The exercises of notebook 09."""

import itertools
from functools import partial

import numpy as np

from helpers import kernels
from helpers.checks.contest import NOT_YET, Contest, backward, forward, wrong
from helpers.checks.core import Check, Function, Verdict, indent, kind, limited, show, trouble
from helpers.checks.gradient_descent import Gradients
from helpers.utils import to_categorical


def numbers(seed, *shape):
    """Random numbers for a case, the same each time."""
    return np.random.default_rng(seed).normal(size=shape).round(1)


def updates(per_epoch):
    """A function like count_updates, by a formula for the updates in an epoch."""

    def count(samples, batch_size, epochs):
        one = per_epoch(samples, batch_size)
        return one, one * epochs

    return count


right_count = updates(lambda samples, batch_size: -(-samples // batch_size))

count_updates = Function(
    "count_updates",
    right_count,
    [(60000, 128, 5), (1000, 100, 3), (10, 3, 3), (5, 32, 2), (7, 1, 1)],
    {
        "The last batch is missing: what is left over after the full batches makes a short one.": updates(
            lambda samples, batch_size: samples // batch_size
        ),
        "With 1000 samples in batches of 100 nothing is left over, so there is no short batch to add.": updates(
            lambda samples, batch_size: samples // batch_size + 1
        ),
        "Updates are whole: a short batch makes a whole update, too.": updates(
            lambda samples, batch_size: samples / batch_size
        ),
        "Rounding is not enough: a short batch counts, however short it is.": updates(
            lambda samples, batch_size: round(samples / batch_size)
        ),
        "A batch never reaches into the next epoch: each epoch ends with its own short one.": (
            lambda samples, batch_size, epochs: (-(-samples // batch_size), -(-samples * epochs // batch_size))
        ),
        "Give back two numbers: the updates in an epoch, and the updates in all.": lambda *case: right_count(*case)[1],
        "That is the number for one epoch. Give back two: the updates in an epoch, and the updates in all.": (
            lambda *case: right_count(*case)[0]
        ),
        "The two numbers come in the wrong order: first the updates in an epoch, then in all.": (
            lambda *case: right_count(*case)[::-1]
        ),
    },
)


class Shuffled(Check):
    """Checks a function that cuts the numbers 0 … samples - 1 into batches in random order. Many answers are right."""

    cases = ((10, 4), (12, 3), (9, 4), (3, 8), (1000, 128))

    def wanted(self):
        return "a function of samples, batch_size"

    def judge(self, answer):
        if not callable(answer):
            return wrong(f"{show(answer)} is not it. Expected {self.wanted()}: give its name, without brackets.")
        for case in self.cases:
            made, error = limited(lambda: self._make(answer, *case), self.seconds)  # noqa: B023
            called = f"{self.name}{case}"
            if isinstance(error, TimeoutError):
                return wrong(f"{called}: stopped after {self.seconds:g} seconds.{error} Does a loop never end?")
            if error is not None:
                return wrong(f"{called} fails: {indent(trouble(error))}")
            if made[0] is ...:
                return NOT_YET
            fault = self._fault(*made, *case)
            if fault:
                return wrong(f"{called} is wrong.\n  got       {indent(show(made[0]))}", fault)
        return Verdict("✓", f"right: each sample once, in a new order each time, in all {len(self.cases)} cases.")

    def _make(self, answer, samples, batch_size):
        """What two calls give, as lists; a generator is run to its end, or what would be an end."""
        twice = answer(samples, batch_size), answer(samples, batch_size)
        if not all(hasattr(batches, "__iter__") and not isinstance(batches, (str, dict)) for batches in twice):
            return twice
        return tuple(list(itertools.islice(batches, samples + 2)) for batches in twice)

    def _fault(self, batches, again, samples, batch_size):
        if not isinstance(batches, list):
            return f"Expected a list of batches, and yours is {kind(batches)}."
        try:
            batches, again = [[np.asarray(batch) for batch in made] for made in (batches, again)]
            whole = all(batch.dtype.kind in "iu" and batch.ndim == 1 for batch in batches)
        except ValueError:
            whole = False
        if not whole:
            return "Each batch should be a vector of whole numbers: the places of its samples, to be used as an index."
        order, sizes = np.concatenate([[], *batches]).astype(int), [len(batch) for batch in batches]
        return self._fault_of_samples(order, samples, batch_size) or (
            self._fault_of_sizes(sizes, batch_size) or self._fault_of_order(order, batches, again)
        )

    def _fault_of_samples(self, order, samples, batch_size):
        if len(order) == 0:
            return "There are no batches."
        if order.min() == 1 and order.max() == samples:
            return "Samples are counted from 0: the first is number 0, the last one samples - 1."
        if order.min() < 0 or order.max() >= samples:
            return f"There is no sample number {order.max() if order.max() >= samples else order.min()}."
        counts, left = np.bincount(order, minlength=samples), samples % batch_size
        if counts.max() > 1:
            return (
                "Some samples come more than once, and others not at all. Don't draw each number anew: "
                "bring all of them into a random order, and cut that."
            )
        if counts.min() == 0 and left and len(order) == samples - left:
            return f"What is left over after the full batches, here {left}, is missing. It makes a batch that is short."
        return f"Samples that are missing: {np.sum(counts == 0)}." if counts.min() == 0 else None

    def _fault_of_sizes(self, sizes, batch_size):
        if 0 in sizes:
            return "One of the batches is empty."
        if max(sizes) > batch_size:
            return "One of the batches is larger than batch_size."
        if any(size < batch_size for size in sizes[:-1]):
            return "All batches but the last should be full, and only what is left over makes a short one."
        return None

    def _fault_of_order(self, order, batches, again):
        if len(order) < 100:  # with so few, a random order may look like anything
            return None
        if np.array_equal(order, np.arange(len(order))):
            return "The samples are in their old order: shuffle them first."
        if np.mean(np.abs(np.concatenate([np.diff(batch) for batch in batches])) == 1) > 0.5:
            return (
                "The batches are shuffled, but inside each the samples are still neighbours. Shuffle first, then cut."
            )
        if len(again) == len(batches) and all(map(np.array_equal, batches, again)):
            return (
                "Two calls give the same order. Each epoch should have a new one: is a seed set inside your function?"
            )
        return None


shuffled_batches = Shuffled("shuffled_batches")

one_hot_rows = Function(
    "one_hot_rows",
    lambda labels, classes: to_categorical(labels, classes),
    [(np.array([2, 0, 1]), 3), (np.array([1, 1, 0, 3]), 5), (np.array([7]), 10), (np.array([0, 1]), 2)],
    {
        "Each row is right, but there are too few classes: their number is given, it isn't the largest label plus 1.": (
            lambda labels, classes: to_categorical(labels)
        ),
        "That marks the classes from 1. Class 0 has the first place.": lambda labels, classes: np.roll(
            to_categorical(labels, classes), -1, axis=1
        ),
        "Classes and samples are exchanged: there should be a row for each sample.": lambda labels, classes: (
            to_categorical(labels, classes).T
        ),
        "Every row has all the ones. Each should have a single 1: pair row i with its own label.": (
            lambda labels, classes: np.tile(to_categorical(labels, classes).max(axis=0), (len(labels), 1))
        ),
        "The places are right, but they hold the labels. A one-hot row holds a single 1.": lambda labels, classes: (
            to_categorical(labels, classes) * labels[:, None]
        ),
        "The right comparison, but it gives True and False. Make numbers of them.": lambda labels, classes: (
            to_categorical(labels, classes).astype(bool)
        ),
        "You have all the classes in order, a 1 in row i at place i. Which row does each label ask for?": (
            lambda labels, classes: np.eye(classes)
        ),
    },
)


def _exp_by(z, shift, axis=-1, below=None):
    """Exponentials of z - shift, divided by their sums over an axis, or by those of z - below."""
    with np.errstate(all="ignore"):
        a, divisors = np.exp(z - shift), np.exp(z - (shift if below is None else below))
        return a / divisors.sum(axis=axis, keepdims=True)


def _maxima(z):
    return z.max(axis=-1, keepdims=True)


stable_softmax = Function(
    "stable_softmax",
    kernels.softmax,
    [
        (np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]),),
        (numbers(0, 3, 3),),
        (np.array([[1000.0, 1001.0], [-1.0, 3.0]]),),
        (np.array([[0.0, 5.0, -1000.0], [-2000.0, -2000.0, -2001.0]]),),
        (numbers(1, 1, 10),),
    ],
    {
        "Right for small scores, but e¹⁰⁰⁰ overflows. A number subtracted from all scores of a row changes nothing: "
        "which one makes them harmless?": lambda z: _exp_by(z, 0),
        "One maximum for the whole batch is too much for a row of small scores: all its exponentials become 0, "
        "and 0 is divided by 0. Each row has a maximum of its own.": lambda z: _exp_by(z, z.max()),
        "The columns sum to 1. The probabilities of one sample stand in a row: over which axis do you sum?": (
            lambda z: _exp_by(z, z.max(axis=0), axis=0)
        ),
        "All numbers together sum to 1. Each row should.": lambda z: _exp_by(z, z.max(), axis=None),
        "The maxima are right, but there is one sum for the whole batch. Each row has its own.": lambda z: _exp_by(
            z, _maxima(z), axis=None
        ),
        "Subtract the maxima below the line as well as above it: both have the same exponentials.": lambda z: _exp_by(
            z, _maxima(z), below=0
        ),
        "Yours has the columns' maxima. Which axis runs along a row?": lambda z: _exp_by(z, z.max(axis=0)),
        "The smallest score is subtracted, so the others can still overflow.": lambda z: _exp_by(
            z, z.min(axis=-1, keepdims=True)
        ),
        "Subtracting the mean helps only a little: a score far above it still overflows.": lambda z: _exp_by(
            z, z.mean(axis=-1, keepdims=True)
        ),
        "Those are the exponentials. Probabilities sum to 1: divide them by their sum.": lambda z: np.exp(
            z - _maxima(z)
        ),
        "Each score is divided by the sum of the scores. Where are the exponentials?": lambda z: (
            z / z.sum(axis=-1, keepdims=True)
        ),
        "Read the end of the error. If it speaks of broadcasting: there is one maximum for each row, and one sum, "
        "so make columns of them, with `keepdims=True`.": lambda z: _exp_by(z, z.max(axis=-1)),
    },
)

share_right = Function(
    "share_right",
    lambda scores, labels: (scores.argmax(axis=-1) == labels).mean(),
    [
        (np.array([[0.1, 0.9, 0.0], [0.5, 0.2, 0.3], [0.2, 0.2, 0.6], [0.0, 0.2, 0.8]]), np.array([1, 0, 2, 1])),
        (np.array([[-3.0, -1.0], [-5.0, -6.0], [-2.0, -4.0]]), np.array([0, 1, 1])),
        (np.array([[2.0, 9.0, 4.0], [9.0, 1.0, 3.0], [5.0, 2.0, 8.0]]), np.array([1, 0, 0])),
        (numbers(0, 50, 10), np.arange(50) % 10),
        (np.array([[0.0, 4.0, 1.0]]), np.array([1])),
    ],
    {
        "That counts the right answers. Asked for is their share, from 0 to 1.": lambda scores, labels: (
            scores.argmax(axis=-1) == labels
        ).sum(),
        "That is a percentage. Asked for is a share, from 0 to 1.": lambda scores, labels: (
            100 * (scores.argmax(axis=-1) == labels).mean()
        ),
        "That says for each sample whether it is right. Asked for is one number.": lambda scores, labels: (
            scores.argmax(axis=-1) == labels
        ),
        "Those are the network's answers. How many of them are the labels?": lambda scores, labels: scores.argmax(
            axis=-1
        ),
        "That divides by the number of classes. The share is one of the samples.": lambda scores, labels: (
            (scores.argmax(axis=-1) == labels).sum() / scores.shape[-1]
        ),
        "That is the share of *wrong* answers.": lambda scores, labels: (scores.argmax(axis=-1) != labels).mean(),
        "`max` is the largest score itself. You need the place where it stands.": lambda scores, labels: (
            scores.max(axis=-1) == labels
        ).mean(),
        "`argmax` without an axis gives one place for the whole array. Which axis runs along a row?": (
            lambda scores, labels: (scores.argmax() == labels).mean()
        ),
        "That looks for the largest score of each class. It should be the largest of each sample: along which axis?": (
            lambda scores, labels: np.mean(scores.argmax(axis=0) == labels)
        ),
        "That looks for the smallest score. The network's answer is the largest.": lambda scores, labels: (
            scores.argmin(axis=-1) == labels
        ).mean(),
    },
)


def _with_biases(change):
    def answer(x, *others):
        dW1, db1, dW2, db2 = backward(x, *others)
        return [dW1, change(db1, x), dW2, change(db2, x)]

    return answer


def _batch(seed, samples, features, units, classes):
    """x, a1, y_pred, y_true, W2 of a network of two layers, as it comes from a forward pass."""
    x, W2, W1 = numbers(seed, samples, features), numbers(seed + 1, units, classes), numbers(seed + 2, features, units)
    a1, z2 = forward(x, (W1, np.zeros(units), W2, np.zeros(classes)))
    return x, a1, kernels.softmax(z2), to_categorical(np.arange(samples) % classes, classes), W2


backward_two_layers = Gradients(
    ["dW1", "db1", "dW2", "db2"],
    "backward_two_layers",
    lambda x, a1, y_pred, y_true, W2: backward(x, a1, y_pred, y_true, W2),
    [_batch(0, 4, 3, 5, 2), _batch(3, 3, 3, 3, 3), _batch(6, 1, 2, 4, 3), _batch(9, 7, 2, 6, 10)],
    {
        "dW2 and db2 are right. On the way back the relu is missing: its slope is 0 where a1 is 0.": partial(
            backward, relu=lambda da, a: da
        ),
        "On the way back, relu asks whether its *output* was positive, not whether the gradient is.": partial(
            backward, relu=lambda da, a: da * (da > 0)
        ),
        "The gradient is multiplied by a1 itself. What passes relu passes unchanged, times 1; the rest times 0.": partial(
            backward, relu=lambda da, a: da * a
        ),
        "All four are too large by the number of samples: the loss is a mean over the batch.": partial(
            backward, start=lambda x, y_pred, y_true: y_pred - y_true
        ),
        "The loss is a mean over the samples, not over all their classes: by what do you divide?": partial(
            backward, start=lambda x, y_pred, y_true: (y_pred - y_true) / y_pred.size
        ),
        "All signs are the wrong way round. It is prediction minus truth.": partial(
            backward, start=lambda x, y_pred, y_true: (y_true - y_pred) / len(x)
        ),
        "Prediction minus truth is the gradient for the scores already, softmax included. Don't take its slope again.": (
            partial(
                backward,
                start=lambda x, y_pred, y_true: kernels.softmax_backward((y_pred - y_true) / len(x), y_pred),
            )
        ),
        "The gradients of W are right. Those of b are sums over the samples; the mean is in dz2 already.": _with_biases(
            lambda db, x: db / len(x)
        ),
        "The numbers are right, but each db should have the shape of its b, `(units,)`: a sum without `keepdims`.": (
            _with_biases(lambda db, x: db[None])
        ),
        "The right four, in another order: dW1, db1, dW2, db2.": lambda *case: [
            backward(*case)[i] for i in (2, 3, 0, 1)
        ],
        "The right four, but those of W come first, then those of b. Expected: dW1, db1, dW2, db2.": lambda *case: [
            backward(*case)[i] for i in (0, 2, 1, 3)
        ],
        # With any error of this kind, also of another product: so it speaks of all of them.
        "Read the end of the error. If two shapes don't meet in a product: each dW has the shape of its W, and the way "
        "back through W2 is by its transpose.": lambda x, a1, y_pred, y_true, W2: y_pred @ W2,
    },
)


def stops_after(losses, patience, better=lambda loss, best, previous: loss < best, best=float("inf"), reset=True):
    """The number of epochs, as Keras's EarlyStopping counts; the options are where slips go."""
    previous, waited = best, 0
    for epoch, loss in enumerate(losses, 1):
        if better(loss, best, previous):
            waited = 0 if reset else waited
        else:
            waited += 1
        best, previous = min(best, loss), loss
        if waited >= patience:
            return epoch
    return len(losses)


stop_early = Function(
    "stop_early",
    lambda losses, patience: stops_after(losses, patience),
    [
        ([0.5, 0.4, 0.3, 0.35, 0.32, 0.31], 2),
        ([0.5, 0.4, 0.45, 0.39, 0.41, 0.38, 0.4, 0.39, 0.42], 2),
        ([0.5, 0.4, 0.3], 2),
        ([0.5, 0.3, 0.4, 0.35, 0.34, 0.29], 3),
        ([0.5, 0.3, 0.4, 0.35, 0.36, 0.37, 0.38], 2),
        ([0.3, 0.3, 0.3, 0.3, 0.2], 3),
        ([0.6, 0.7], 1),
    ],
    {
        "Compare each loss with the *best* so far, not with the one before: 0.32 is less than 0.35, but no new best.": (
            partial(stops_after, better=lambda loss, best, previous: loss < previous)
        ),
        "A loss that only equals the best is no progress: it must be smaller.": partial(
            stops_after, better=lambda loss, best, previous: loss <= best
        ),
        "After each new best, the counting starts again: it takes `patience` epochs in a row.": partial(
            stops_after, reset=False
        ),
        "The first loss is a new best, too. Yours is compared with itself, and counts as none.": lambda losses, patience: (
            stops_after(losses, patience, best=losses[0])
        ),
        "That is the epoch with the best loss. Training goes on for some epochs more, since it can't know that.": (
            lambda losses, patience: int(np.argmin(losses[: stops_after(losses, patience)])) + 1
        ),
        "One too few: the epochs are counted, so the first is number 1.": lambda losses, patience: (
            stops_after(losses, patience) - 1
        ),
        "One epoch too late: stop as soon as `patience` epochs in a row were without a new best.": (
            lambda losses, patience: stops_after(losses, patience + 1)
        ),
        "That is the number of all epochs. Was there a stretch of `patience` epochs without a new best?": (
            lambda losses, patience: len(losses)
        ),
        "That counts from the best of *all* epochs. Training may end before it comes, and never goes on after the last.": (
            lambda losses, patience: int(np.argmin(losses)) + 1 + patience
        ),
    },
)


beat_rmsprop = Contest("beat_rmsprop", seconds=20)  # it takes half a second, on a busy machine several
