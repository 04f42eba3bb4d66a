"""The exercises of notebook 09."""

import functools
import itertools

import numpy as np

from helpers import kernels, layers, optimizers
from helpers.checks.core import Check, Function, Verdict, difference, hint_for, indent, kind, limited, show, trouble
from helpers.datasets import mnist
from helpers.utils import own_random_seed, to_categorical


def numbers(seed, *shape):
    """Random numbers for a case, the same each time."""
    return np.random.default_rng(seed).normal(size=shape).round(1)


count_updates = Function(
    "count_updates",
    lambda samples, batch_size, epochs: (-(-samples // batch_size), -(-samples // batch_size) * epochs),
    [(60000, 128, 5), (1000, 100, 3), (10, 3, 3), (5, 32, 2), (7, 1, 1)],
    {
        "The last batch is missing: what is left over after the full batches makes a short one.": (
            lambda samples, batch_size, epochs: (samples // batch_size, samples // batch_size * epochs)
        ),
        "With 1000 samples in batches of 100 nothing is left over, so there is no short batch to add.": (
            lambda samples, batch_size, epochs: (samples // batch_size + 1, (samples // batch_size + 1) * epochs)
        ),
        "Updates are whole: a short batch makes a whole update, too.": lambda samples, batch_size, epochs: (
            samples / batch_size,
            samples / batch_size * epochs,
        ),
        "A batch never reaches into the next epoch: each epoch ends with its own short one.": (
            lambda samples, batch_size, epochs: (-(-samples // batch_size), -(-samples * epochs // batch_size))
        ),
        "Rounding is not enough: a short batch counts, however short it is.": lambda samples, batch_size, epochs: (
            round(samples / batch_size),
            round(samples / batch_size) * epochs,
        ),
        "Give back two numbers: the updates in an epoch, and the updates in all.": lambda samples, batch_size, epochs: (
            -(-samples // batch_size) * epochs
        ),
        "The two numbers come in the wrong order: first the updates in an epoch, then in all.": (
            lambda samples, batch_size, epochs: (-(-samples // batch_size) * epochs, -(-samples // batch_size))
        ),
    },
)


class Shuffled(Check):
    """Checks a function that cuts the numbers 0 … samples - 1 into batches in random order. Many answers are right."""

    cases = ((10, 4), (12, 3), (3, 8), (1000, 128))

    def wanted(self):
        return "a function of samples, batch_size"

    def judge(self, answer):
        if not callable(answer):
            return Verdict("✗", f"{show(answer)} is not it. Expected {self.wanted()}: give its name, without brackets.")
        for samples, batch_size in self.cases:
            made, error = limited(lambda: self._make(answer, samples, batch_size), self.seconds)  # noqa: B023
            case = f"{self.name}({samples}, {batch_size})"
            if isinstance(error, TimeoutError):
                return Verdict("✗", f"{case}: stopped after {self.seconds:g} seconds.{error} Does a loop never end?")
            if error is not None:
                return Verdict("✗", f"{case} fails: {indent(trouble(error))}")
            if made[0] is ...:
                return Verdict("·", "not yet. Replace the dots, then run this cell again.")
            wrong = self._fault(*made, samples, batch_size)
            if wrong:
                return Verdict("✗", f"{case} is wrong.\n  got       {indent(show(made[0]))}\n  hint      {wrong}")
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
        sizes, order = [len(batch) for batch in batches], np.concatenate([[], *batches]).astype(int)
        counts = np.bincount(order[(order >= 0) & (order < samples)], minlength=samples)
        left = samples % batch_size
        if len(order) == 0:
            return "There are no batches."
        if order.min() == 1 and order.max() == samples:
            return "Samples are counted from 0: the first is number 0, the last one samples - 1."
        if order.min() < 0 or order.max() >= samples:
            return f"There is no sample number {order.max() if order.max() >= samples else order.min()}."
        if counts.max() > 1:
            return (
                "Some samples come more than once, and others not at all. Don't draw each number anew: "
                "bring all of them into a random order, and cut that."
            )
        if counts.min() == 0:
            if left and len(order) == samples - left:
                return f"The last {left} of the samples are missing: they make a batch that is short."
            return f"{np.sum(counts == 0)} of the samples are missing."
        if any(size == 0 for size in sizes):
            return "One of the batches is empty."
        if max(sizes) > batch_size:
            return "One of the batches is larger than batch_size."
        if sizes[:-1] != [batch_size] * (len(sizes) - 1):
            return "All batches but the last should be full, and only what is left over makes a short one."
        if samples < 100:  # with so few, a random order may look like anything
            return None
        if np.array_equal(order, np.arange(samples)):
            return "The samples are in their old order: shuffle them first."
        inside = np.concatenate([np.diff(batch) for batch in batches])
        if np.mean(np.abs(inside) == 1) > 0.5:
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


def _exp_by(z, shift, axis=-1):
    with np.errstate(all="ignore"):
        a = np.exp(z - shift)
        return a / a.sum(axis=axis, keepdims=True)


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
        "Yours has the columns' maxima. Which axis runs along a row?": lambda z: _exp_by(z, z.max(axis=0)),
        "The smallest score is subtracted, so the others can still overflow.": lambda z: _exp_by(
            z, z.min(axis=-1, keepdims=True)
        ),
        "Subtracting the mean helps only a little: a score far above it still overflows.": lambda z: _exp_by(
            z, z.mean(axis=-1, keepdims=True)
        ),
        "Those are the exponentials. Probabilities sum to 1: divide them by their sum.": lambda z: np.exp(
            z - z.max(axis=-1, keepdims=True)
        ),
        "Each score is divided by the sum of the scores. Where are the exponentials?": lambda z: (
            z / z.sum(axis=-1, keepdims=True)
        ),
    },
)

share_right = Function(
    "share_right",
    lambda scores, labels: (scores.argmax(axis=-1) == labels).mean(),
    [
        (np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.2, 0.2, 0.6], [0.0, 0.1, 0.9]]), np.array([1, 0, 2, 1])),
        (np.array([[-3.0, -1.0], [-5.0, -6.0]]), np.array([0, 1])),
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
        "That is the share of *wrong* answers.": lambda scores, labels: (scores.argmax(axis=-1) != labels).mean(),
        "`max` is the largest score itself. You need the place where it stands.": lambda scores, labels: (
            scores.max(axis=-1) == labels
        ).mean(),
        "That looks for the largest score of each class. It should be the largest of each sample: along which axis?": (
            lambda scores, labels: (scores.argmax(axis=0) == labels).mean()
        ),
        "That looks for the smallest score. The network's answer is the largest.": lambda scores, labels: (
            scores.argmin(axis=-1) == labels
        ).mean(),
    },
)


def _batch(seed, samples, features, units, classes):
    """x, a1, y_pred, y_true, W2 of a network of two layers, as it comes from a forward pass."""
    x, W2 = numbers(seed, samples, features), numbers(seed + 1, units, classes)
    a1 = kernels.relu(x @ numbers(seed + 2, features, units))
    y_true = to_categorical(np.arange(samples) % classes, classes)
    return x, a1, kernels.softmax(a1 @ W2), y_true, W2


def two_layers(x, a1, y_pred, y_true, W2, *, relu=kernels.relu_backward, scale=1.0):
    """The gradients by the kernels; `relu` and `scale` are where slips go."""
    dz2 = kernels.softmax_cross_entropy_backward(y_true, y_pred) * scale
    da1, dW2, db2 = kernels.affine_backward(dz2, a1, W2)
    _, dW1, db1 = kernels.affine_backward(relu(da1, a1), x, None, need_dx=False)
    return [dW1, db1, dW2, db2]


def _means_for_sums(x, a1, y_pred, y_true, W2):
    dW1, db1, dW2, db2 = two_layers(x, a1, y_pred, y_true, W2)
    return [dW1, db1 / len(x), dW2, db2 / len(x)]


def _biases_as_rows(x, a1, y_pred, y_true, W2):
    dW1, db1, dW2, db2 = two_layers(x, a1, y_pred, y_true, W2)
    return [dW1, db1[None], dW2, db2[None]]


def _softmax_twice(x, a1, y_pred, y_true, W2):
    dz2 = kernels.softmax_backward((y_pred - y_true) / len(x), y_pred)
    da1, dW2, db2 = kernels.affine_backward(dz2, a1, W2)
    _, dW1, db1 = kernels.affine_backward(kernels.relu_backward(da1, a1), x, None, need_dx=False)
    return [dW1, db1, dW2, db2]


class Gradients(Function):
    """A Function that gives several arrays, in a given order; says which of them is wrong, and shows that one alone."""

    def __init__(self, names, *definition, **options):
        super().__init__(*definition, **options)
        self.names = names

    def _say(self, number, case, right, result, wrong, results):
        slip, parts = self._slip(number, results), result.value
        if isinstance(parts, (tuple, list)) and len(parts) == len(self.names):
            bad = [i for i, part in enumerate(parts) if difference(right[i], part, self.tolerance)]
            which, first = ", ".join(self.names[i] for i in bad), bad[0]
            right, result = right[first], result._replace(value=parts[first])
            wrong, expected = difference(right, parts[first], self.tolerance), f"{self.names[first]} = {show(right)}"
            got = show(parts[first])
        else:
            which, expected = "the result", f"{len(self.names)} arrays: {', '.join(self.names)}"
            got = result.trouble or (
                f"{kind(parts)} of {len(parts)}" if isinstance(parts, (tuple, list)) else kind(parts)
            )
        samples, features = case[0].shape
        lines = [
            f"case {number + 1} of {len(self.cases)}, with x of shape {(samples, features)}: wrong is {which}.",
            f"  expected  {indent(expected)}",
            f"  got       {indent(got)}",
            f"  hint      {indent(slip or hint_for(right, result, wrong))}",
        ]
        return Verdict("✗", "\n".join(lines))


backward_two_layers = Gradients(
    ["dW1", "db1", "dW2", "db2"],
    "backward_two_layers",
    lambda x, a1, y_pred, y_true, W2: two_layers(x, a1, y_pred, y_true, W2),
    [_batch(0, 4, 3, 5, 2), _batch(3, 3, 3, 3, 3), _batch(6, 1, 2, 4, 3), _batch(9, 7, 2, 6, 10)],
    {
        "dW2 and db2 are right. On the way back the relu is missing: its slope is 0 where a1 is 0.": (
            lambda x, a1, y_pred, y_true, W2: two_layers(x, a1, y_pred, y_true, W2, relu=lambda da, a: da)
        ),
        "On the way back, relu asks whether its *output* was positive, not whether the gradient is.": (
            lambda x, a1, y_pred, y_true, W2: two_layers(x, a1, y_pred, y_true, W2, relu=lambda da, a: da * (da > 0))
        ),
        "The gradient is multiplied by a1 itself. What passes relu passes unchanged, times 1; the rest times 0.": (
            lambda x, a1, y_pred, y_true, W2: two_layers(x, a1, y_pred, y_true, W2, relu=lambda da, a: da * a)
        ),
        "All four are too large by the number of samples: the loss is a mean over the batch.": (
            lambda x, a1, y_pred, y_true, W2: two_layers(x, a1, y_pred, y_true, W2, scale=len(x))
        ),
        "The loss is a mean over the samples, not over all their classes: by what do you divide?": (
            lambda x, a1, y_pred, y_true, W2: two_layers(x, a1, y_pred, y_true, W2, scale=1 / y_pred.shape[1])
        ),
        "All signs are the wrong way round. It is prediction minus truth.": lambda x, a1, y_pred, y_true, W2: (
            two_layers(x, a1, y_pred, y_true, W2, scale=-1)
        ),
        "The gradients of W are right. Those of b are sums over the samples; the mean is in dz2 already.": _means_for_sums,
        "The numbers are right, but each db should have the shape of its b, `(units,)`: a sum without `keepdims`.": (
            _biases_as_rows
        ),
        "Prediction minus truth is the gradient for the scores already, softmax included. Don't take its slope again.": (
            _softmax_twice
        ),
        "The right four, in another order: dW1, db1, dW2, db2.": lambda x, a1, y_pred, y_true, W2: [
            two_layers(x, a1, y_pred, y_true, W2)[i] for i in (2, 3, 0, 1)
        ],
    },
)


def stops_after(losses, patience, better=lambda loss, best, previous: loss < best, reset=True):
    """The number of epochs, as Keras's EarlyStopping counts; the options are where slips go."""
    best = previous = float("inf")
    waited = 0
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
        ([0.3, 0.3, 0.3, 0.3, 0.2], 3),
        ([0.6, 0.7], 1),
    ],
    {
        "Compare each loss with the *best* so far, not with the one before: 0.32 is less than 0.35, but no new best.": (
            lambda losses, patience: stops_after(losses, patience, lambda loss, best, previous: loss < previous)
        ),
        "A loss that only equals the best is no progress: it must be smaller.": lambda losses, patience: stops_after(
            losses, patience, lambda loss, best, previous: loss <= best
        ),
        "After each new best, the counting starts again: it takes `patience` epochs in a row.": (
            lambda losses, patience: stops_after(losses, patience, reset=False)
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


# ── write your own optimizer ──

SAMPLES, UNITS, BATCH, EPOCHS, STARTS = 2000, 32, 64, 3, 3
AHEAD = 0.9  # the loss must be below this part of RMSprop's: no win by rounding, none by luck


OLD_STATE = (
    "A second optimizer doesn't begin afresh: it goes on with the state of the first. "
    "Make the state in `__init__` or in `apply`, not in the class itself."
)


class _Stub(Exception):
    """The answer still has its dots."""


class _Fault(Exception):
    """Something is wrong with the answer; the message says what."""


class _Diverged(Exception):
    """A loss that is no number any more."""


@functools.cache
def _pictures():
    (images, labels), _ = mnist.load_data()
    x = images[:SAMPLES].reshape(SAMPLES, -1).astype("float32") / 255
    return x, to_categorical(labels[:SAMPLES], 10).astype("float32")


def train(optimizer, start):
    """Train a small network. start: number of the start weights and of the order of the batches.

    Returns (mean loss on all samples before, after). Raises _Diverged, and what the optimizer raises.
    """
    x, y_true = _pictures()
    network = [layers.Dense(UNITS, activation="relu"), layers.Dense(10)]
    with own_random_seed(start):
        network[0].build(x.shape[1:])
        network[1].build((UNITS,))
    weights = [layer.params[key] for layer in network for key in ("W", "b")]
    gradients = [layer.grads[key] for layer in network for key in ("W", "b")]

    def scores(x, training=False):
        return network[1].forward(network[0].forward(x, training), training)

    def loss():
        return float(kernels.softmax_cross_entropy(scores(x), y_true)[0].mean())

    before, random, updates = loss(), np.random.default_rng(start), 0
    for _ in range(EPOCHS):
        order = random.permutation(SAMPLES)
        for batch in np.split(order, range(BATCH, SAMPLES, BATCH)):
            losses, y_pred = kernels.softmax_cross_entropy(scores(x[batch], training=True), y_true[batch])
            if not np.isfinite(losses).all():
                raise _Diverged(f"after update {updates}, the loss is no number any more")
            dz = kernels.softmax_cross_entropy_backward(y_true[batch], y_pred)
            network[0].backward(network[1].backward(dz), need_dx=False)
            optimizer.apply(list(gradients), list(weights))
            updates += 1
    after = loss()
    if not np.isfinite(after):
        raise _Diverged(f"after update {updates}, the loss is no number any more")
    return before, after


@functools.cache
def _rmsprop_losses():
    return [train(optimizers.RMSprop(), start)[1] for start in range(STARTS)]


def _problem(*shapes):
    """Weights and gradients for a trial, the same each time."""
    random = np.random.default_rng(0)
    return [random.normal(size=shape) for shape in shapes], [random.normal(size=shape) for shape in shapes]


def _moved(optimizer, gradients, weights, steps):
    """How far each weight array moves in so many steps with the same gradients."""
    now = [w.copy() for w in weights]
    for _ in range(steps):
        optimizer.apply([g.copy() for g in gradients], list(now))
    return [w - old for w, old in zip(now, weights)]


def _same(one, other):
    return all(np.allclose(a, b, rtol=1e-6, atol=1e-12, equal_nan=True) for a, b in zip(one, other))


class Contest(Check):
    """Trains a small network with the reader's optimizer, and compares its loss with that of RMSprop as it comes.

    An answer is a class, or a function, that makes a new optimizer: an object with `apply(gradients, weights)`, two lists
    of arrays of equal shapes, which changes the weight arrays in place. That is what `fit` asks of an optimizer, too.
    """

    def wanted(self):
        return "a class whose objects have a method apply(gradients, weights)"

    def judge(self, answer):
        if not callable(answer):
            if callable(getattr(answer, "apply", None)):
                return Verdict(
                    "✗",
                    "that is one optimizer, made already. Give the class, without brackets: each start needs a new one.",
                )
            return Verdict("✗", f"{show(answer)} is not it. Expected: {self.wanted()}.")
        theirs = _rmsprop_losses()
        result, error = limited(lambda: self._run(answer), self.seconds)
        if isinstance(error, _Stub):
            return Verdict("·", "not yet. Replace the dots, then run this cell again.")
        if isinstance(error, _Fault):
            return Verdict("✗", str(error))
        if isinstance(error, TimeoutError):
            return Verdict(
                "✗",
                f"stopped after {self.seconds:g} seconds.{error}\n"
                "  hint      Does a loop never end, or go over the weights one by one? Take whole arrays.",
            )
        if error is not None:
            return Verdict("✗", f"training stops with an error: {indent(trouble(error))}")
        ours, hint = result
        numbers = f"your loss {np.mean(ours):.3f}, RMSprop's {np.mean(theirs):.3f}, means of {STARTS} starts"
        if hint is None:
            return Verdict("✓", f"right, you are ahead: {numbers}.")
        return Verdict("✗", f"not ahead yet: {numbers}. Get below {AHEAD * np.mean(theirs):.3f}.\n  hint      {hint}")

    def _run(self, make):
        """(the loss of each start, None or what to look at). Runs within the time limit; raises _Fault and _Stub."""
        with np.errstate(all="ignore"):
            self._look_at(make)
            try:
                results = [train(self._new(make), start) for start in range(STARTS)]
            except _Diverged as error:
                hint = self._habit(make) or "Are the steps too long? Try a tenth of your learning rate."
                raise _Fault(f"it diverges: {error}.\n  hint      {hint}") from None
            except (ValueError, TypeError, IndexError) as error:
                hint = self._shapes(make)
                if hint is None:
                    raise
                raise _Fault(f"training stops with an error: {indent(trouble(error))}\n  hint      {hint}") from None
            ours = [after for _, after in results]
            pairs = list(zip(ours, _rmsprop_losses()))
            if all(mine < AHEAD * theirs for mine, theirs in pairs):
                return ours, None
            hint = self._habit(make)
            if hint is None and any(after > before for before, after in results):
                hint = "After training, the loss is higher than before it. Are the steps too long?"
            hint = hint or self._habit(make, memory=True)
            if hint is None and sum(mine < AHEAD * theirs for mine, theirs in pairs):
                hint = "From some starts you win, from others not. Steps that are a little shorter are often steadier."
            return ours, hint or (
                "The rule works. Change its learning rate first, by a factor of 3 or 10 up or down, then try another rule."
            )

    def _new(self, make):
        try:
            optimizer = make()
        except TypeError as error:
            raise _Fault(
                f"a new optimizer cannot be made: {trouble(error)}\n"
                "  hint      It is made with nothing in the brackets. Give each parameter of `__init__` a default."
            ) from None
        if optimizer is ...:
            raise _Stub
        if not callable(getattr(optimizer, "apply", None)):
            raise _Fault(f"it makes {kind(optimizer)} without a method `apply`. Expected: {self.wanted()}.")
        return optimizer

    def _look_at(self, make):
        """The contract: the weight arrays change, in place."""
        optimizer = self._new(make)
        weights, gradients = _problem((3, 3), (3, 3))
        before, slopes = [w.copy() for w in weights], [g.copy() for g in gradients]
        for _ in range(3):
            given = list(weights)
            answer = optimizer.apply(list(gradients), given)
            if answer is ...:
                raise _Stub
        if not all(map(np.array_equal, before, weights)):
            return
        if any(new is not old for new, old in zip(given, weights)):
            wrong = "puts new arrays into the list, and the old ones, which belong to the network, stay as they are"
        elif isinstance(answer, (list, tuple, np.ndarray)):
            wrong = "gives back new arrays, and those of the network stay as they are"
        elif not all(map(np.array_equal, slopes, gradients)):
            raise _Fault(
                "`apply` changes the gradients, and the weights stay as they are.\n"
                "  hint      Is their order right? The gradients come first: apply(gradients, weights)."
            )
        else:
            wrong = "changes no weight"
        raise _Fault(
            f"`apply` {wrong}.\n"
            "  hint      Write into the arrays that you are given, with `-=` or `[...] =`. A plain `w = …` only gives the "
            "name w to a new array."
        )

    def _shapes(self, make):
        """Why an error may come with the network's arrays and not with the two of the first look. None if unknown."""
        try:
            if not self._afresh(make, *_problem((3, 3), (3, 3))):
                return OLD_STATE
            weights, gradients = _problem((2, 3), (3,), (4,))
            for w, g in zip(weights, gradients):
                _moved(self._new(make), [g], [w], steps=2)
        except Exception:
            return None
        return (
            "With one weight array it works, and with several of different shapes it fails. "
            "Each needs a state of its own, of the same shape."
        )

    def _afresh(self, make, weights, gradients):
        """Do two optimizers, one made after the other, do the same?"""
        return _same(*(_moved(self._new(make), gradients, weights, steps=3) for _ in range(2)))

    def _habit(self, make, memory=False):
        """A habit that keeps an optimizer back, in words; memory: having none. None if it can't be told."""
        try:
            return self._find_memory(make) if memory else self._find_habit(make)
        except (_Fault, ValueError, TypeError, IndexError, ArithmeticError):
            return None

    def _find_habit(self, make):
        weights, gradients = _problem((3,), (3,))
        moves = _moved(self._new(make), gradients, weights, steps=3)
        along = [float((move * g).sum()) for move, g in zip(moves, gradients)]
        if sum(along) > 0:
            return "It walks uphill: weights and gradient grow together. Check the sign of the step."
        if any(not move.any() for move in moves):
            return "It changes some of the weight arrays and not the others. Does a `return` end the loop too early?"
        if not self._afresh(make, weights, gradients):
            return OLD_STATE
        alone = [_moved(self._new(make), [g], [w], steps=3)[0] for g, w in zip(gradients, weights)]
        if not _same(moves, alone):
            return (
                "How one weight array moves depends on the others. "
                "Is there one state, or one counter, where each array needs its own?"
            )
        return None

    def _find_memory(self, make):
        weights, gradients = _problem((3,), (3,))
        if _same(self._last_move(make, weights, gradients, 1), self._last_move(make, weights, gradients, -3)):
            return (
                "Each step depends on the present gradient alone, as in plain SGD. "
                "If something was to be kept from one call to the next, it belongs into `self`."
            )
        return None

    def _last_move(self, make, weights, gradients, factor):
        """The move for these gradients, after two calls with a multiple of them."""
        optimizer, now = self._new(make), [w.copy() for w in weights]
        for _ in range(2):
            optimizer.apply([factor * g for g in gradients], list(now))
        for w, old in zip(now, weights):
            w[...] = old
        optimizer.apply([g.copy() for g in gradients], list(now))
        return [w - old for w, old in zip(now, weights)]


beat_rmsprop = Contest("beat_rmsprop", seconds=20)  # it takes half a second, on a busy machine several
