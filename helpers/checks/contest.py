"""The contest of notebook 09: an optimizer of the reader's own against RMSprop.

The verdict is by the loss alone. Where that is not enough, trials on two small arrays tell what keeps the rule back.
"""

import functools

import numpy as np

from helpers import initializers, kernels, optimizers
from helpers.checks.core import Check, Verdict, indent, kind, limited, show, trouble
from helpers.datasets import mnist
from helpers.utils import own_random_seed, to_categorical

SAMPLES, UNITS, BATCH, EPOCHS, STARTS = 2000, 32, 64, 3, 3
AHEAD = 0.9  # the loss must be below this part of RMSprop's: no win by rounding, none by luck

# ── what keeps a rule back, in words ──

TOO_LONG = "Are the steps too long? Try a tenth of your learning rate."
OLD_STATE = (
    "A second optimizer doesn't begin afresh: it goes on with the state of the first. "
    "Make the state in `__init__` or in `apply`, not in the class itself."
)
IN_PLACE = (
    "Write into the arrays that you are given, with `-=` or `[...] =`. "
    "A plain `w = …` only gives the name w to a new array."
)
SHAPES = (
    "With one weight array it works, and with several of different shapes it fails. "
    "Each needs a state of its own, of the same shape."
)
SHARED = (
    "How one weight array moves depends on the others. "
    "Is there one state, or one counter, where each array needs its own?"
)
NO_MEMORY = (
    "Each step depends on the present gradient alone, as in plain SGD. "
    "If something was to be kept from one call to the next, it belongs into `self`."
)
UPHILL = "It walks uphill: weights and gradient grow together. Check the sign of the step."
NOT_ALL = "It changes some of the weight arrays and not the others. Does a `return` end the loop too early?"
NOT_ALWAYS = "From some starts you win, from others not. Steps that are a little shorter are often steadier."
OTHER_RATE = "The rule works. Change its learning rate first, by a factor of 3 or 10 up or down, then try another rule."

# ── the network of notebook 09 ──


def forward(x, weights):
    """a1, and the scores, of two layers."""
    W1, b1, W2, b2 = weights
    a1 = kernels.relu(kernels.affine(x, W1, b1))
    return a1, kernels.affine(a1, W2, b2)


def first_gradient(x, y_pred, y_true):
    return kernels.softmax_cross_entropy_backward(y_true, y_pred)


def backward(x, a1, y_pred, y_true, W2, *, start=first_gradient, relu=kernels.relu_backward):
    """The gradients of W1, b1, W2, b2; `start`, which gives dz2, and `relu` are where the slips of an exercise go."""
    dz2 = start(x, y_pred, y_true)
    da1, dW2, db2 = kernels.affine_backward(dz2, a1, W2)
    _, dW1, db1 = kernels.affine_backward(relu(da1, a1), x, None, need_dx=False)
    return [dW1, db1, dW2, db2]


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
    draw, random, batches = initializers.get("glorot_uniform"), np.random.default_rng(start), []
    with own_random_seed(start):
        W1, W2 = draw((x.shape[1], UNITS), "float32"), draw((UNITS, 10), "float32")
    weights = [W1, np.zeros(UNITS, "float32"), W2, np.zeros(10, "float32")]
    for _ in range(EPOCHS):
        batches += np.split(random.permutation(SAMPLES), range(BATCH, SAMPLES, BATCH))

    def look(batch, updates):
        a1, z2 = forward(x[batch], weights)
        losses, y_pred = kernels.softmax_cross_entropy(z2, y_true[batch])
        if not np.isfinite(losses).all():
            raise _Diverged(f"after update {updates}, the loss is no number any more")
        return float(losses.mean()), a1, y_pred

    before, *_ = look(slice(None), 0)
    for updates, batch in enumerate(batches):
        _, a1, y_pred = look(batch, updates)
        optimizer.apply(backward(x[batch], a1, y_pred, y_true[batch], W2), list(weights))
    return before, look(slice(None), len(batches))[0]


@functools.cache
def _rmsprop_losses():
    return [train(optimizers.RMSprop(), start)[1] for start in range(STARTS)]


# ── trials ──


def _problem(*shapes):
    """Weights and gradients for a trial, the same each time."""
    random = np.random.default_rng(0)
    return [random.normal(size=shape) for shape in shapes], [random.normal(size=shape) for shape in shapes]


def _move(optimizer, weights, gradients, factors=(1, 1, 1)):
    """How far each weight array moves at the last of several calls, all from the same place. factors: of the gradients."""
    now = [w.copy() for w in weights]
    for factor in factors:
        for w, old in zip(now, weights):
            w[...] = old
        optimizer.apply([factor * g for g in gradients], list(now))
    return [w - old for w, old in zip(now, weights)]


def _same(one, other):
    return all(np.allclose(a, b, rtol=1e-6, atol=1e-12, equal_nan=True) for a, b in zip(one, other))


def _afresh(make, weights, gradients):
    """Do two optimizers, one made after the other, do the same?"""
    return _same(*(_move(make(), weights, gradients) for _ in range(2)))


def _habit(make):
    """What keeps a rule back, whatever its learning rate; None if nothing does."""
    weights, gradients = _problem((3,), (3,))
    moves = _move(make(), weights, gradients)
    if sum((move * g).sum() for move, g in zip(moves, gradients)) > 0:
        return UPHILL
    if any(not move.any() for move in moves):
        return NOT_ALL
    if not _afresh(make, weights, gradients):
        return OLD_STATE
    alone = [_move(make(), [w], [g])[0] for w, g in zip(weights, gradients)]
    return None if _same(moves, alone) else SHARED


def _memory(make):
    """NO_MEMORY if the gradients of earlier calls make no difference, else None."""
    weights, gradients = _problem((3,), (3,))
    moves = [_move(make(), weights, gradients, factors) for factors in ((1, 1, 1), (-3, -3, 1))]
    return NO_MEMORY if _same(*moves) else None


def _trouble_with_shapes(make):
    """Why an error may come with the network's arrays and not with two of equal shape."""
    if not _afresh(make, *_problem((3, 3), (3, 3))):
        return OLD_STATE
    for w, g in zip(*_problem((2, 3), (3,), (4,))):
        _move(make(), [w], [g])
    return SHAPES


def _told(trial, make):
    """What a trial says, or None: a rule may be made for four arrays, or for two axes, and refuse those of the trial."""
    try:
        return trial(make)
    except Exception:
        return None


# ── the check ──


NOT_YET = Verdict("·", "not yet. Replace the dots, then run this cell again.")


class _Said(Exception):
    """Ends a check; holds its Verdict."""


def wrong(text, hint=None):
    return Verdict("✗", f"{text}\n  hint      {hint}" if hint else text)


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
                return wrong(
                    "that is one optimizer, made already. Give the class, without brackets: each start needs a new one."
                )
            return wrong(f"{show(answer)} is not it. Expected: {self.wanted()}.")
        _rmsprop_losses()  # before the clock runs
        verdict, error = limited(lambda: self._run(answer), self.seconds)
        if isinstance(error, _Said):
            return error.args[0]
        if isinstance(error, TimeoutError):
            return wrong(
                f"stopped after {self.seconds:g} seconds.{error}",
                "Does a loop never end, or go over the weights one by one? Take whole arrays.",
            )
        return verdict or wrong(f"training stops with an error: {indent(trouble(error))}")

    def _run(self, make):
        with np.errstate(all="ignore"):
            self._look_at(make)
            try:
                results = [train(self._new(make), start) for start in range(STARTS)]
            except _Diverged as error:
                return wrong(f"it diverges: {error}.", _told(_habit, make) or TOO_LONG)
            except (ValueError, TypeError, IndexError) as error:
                return wrong(
                    f"training stops with an error: {indent(trouble(error))}", _told(_trouble_with_shapes, make)
                )
            ours, theirs = [after for _, after in results], _rmsprop_losses()
            ahead = [mine < AHEAD * other for mine, other in zip(ours, theirs)]
            losses = f"your loss {np.mean(ours):.3f}, RMSprop's {np.mean(theirs):.3f}, means of {STARTS} starts"
            if all(ahead):
                return Verdict("✓", f"right, you are ahead: {losses}.")
            higher = any(after > before for before, after in results)
            hint = (
                _told(_habit, make)
                or (higher and f"After training, the loss is higher than before it. {TOO_LONG}")
                or _told(_memory, make)
                or (any(ahead) and NOT_ALWAYS)
                or OTHER_RATE
            )
            return wrong(f"not ahead yet: {losses}. Get below {AHEAD * np.mean(theirs):.3f}.", hint)

    def _new(self, make):
        try:
            optimizer = make()
        except TypeError as error:
            hint = "It is made with nothing in the brackets. Give each parameter of `__init__` a default."
            raise _Said(wrong(f"a new optimizer cannot be made: {trouble(error)}", hint)) from None
        if optimizer is ...:
            raise _Said(NOT_YET)
        if not callable(getattr(optimizer, "apply", None)):
            raise _Said(wrong(f"it makes {kind(optimizer)} without a method `apply`. Expected: {self.wanted()}."))
        return optimizer

    def _look_at(self, make):
        """The contract: the weight arrays change, in place."""
        optimizer, (weights, gradients) = self._new(make), _problem((3, 3), (3, 3))
        for _ in range(3):
            given = list(weights)
            answer = optimizer.apply(list(gradients), given)
            if answer is ...:
                raise _Said(NOT_YET)
        old_weights, old_gradients = _problem((3, 3), (3, 3))
        if not all(map(np.array_equal, old_weights, weights)):
            return
        hint = IN_PLACE
        if any(new is not old for new, old in zip(given, weights)):
            text = "puts new arrays into the list, and the old ones, which belong to the network, stay as they are"
        elif isinstance(answer, (list, tuple, np.ndarray)):
            text = "gives back new arrays, and those of the network stay as they are"
        elif not all(map(np.array_equal, old_gradients, gradients)):
            text = "changes the gradients, and the weights stay as they are"
            hint = "Is their order right? The gradients come first: apply(gradients, weights)."
        else:
            text = "changes no weight"
        raise _Said(wrong(f"`apply` {text}.", hint))
