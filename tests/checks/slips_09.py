"""Typical wrong answers to the exercises of notebook 09, as readers write them, and words of the hint for each."""

import math

import numpy as np

from helpers.optimizers import Adam, RMSprop

random = np.random.default_rng()


def updates_of_full_batches(samples, batch_size, epochs):
    count = 0
    while (count + 1) * batch_size <= samples:
        count += 1
    return count, count * epochs


def updates_across_epochs(samples, batch_size, epochs):
    return math.ceil(samples / batch_size), math.ceil(samples * epochs / batch_size)


def batches_in_order(samples, batch_size):
    return [np.arange(start, min(start + batch_size, samples)) for start in range(0, samples, batch_size)]


def batches_of_chance(samples, batch_size):
    return [random.integers(0, samples, batch_size) for _ in range(math.ceil(samples / batch_size))]


def batches_without_the_last(samples, batch_size):
    order = random.permutation(samples)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(samples // batch_size)]


def whole_batches_shuffled(samples, batch_size):
    starts = [*range(0, samples - batch_size + 1, batch_size)]
    random.shuffle(starts)
    rest = [np.arange(samples - samples % batch_size, samples)] if samples % batch_size else []
    return [np.arange(start, start + batch_size) for start in starts] + rest


def batches_by_one_seed(samples, batch_size):
    order = np.random.default_rng(0).permutation(samples)
    return [order[start : start + batch_size] for start in range(0, samples, batch_size)]


def batches_of_equal_size(samples, batch_size):
    return np.array_split(random.permutation(samples), math.ceil(samples / batch_size))


def one_hot_everywhere(labels, classes):
    rows = np.zeros((len(labels), classes))
    rows[:, labels] = 1
    return rows


def one_hot_from_one(labels, classes):
    rows = np.zeros((len(labels), classes))
    for i, label in enumerate(labels):
        rows[i, label - 1] = 1
    return rows


def softmax_of_columns(z):
    e = np.exp(z - z.max(0))
    return e / e.sum(0)


def softmax_quietly(z):
    with np.errstate(all="ignore"):
        e = np.exp(z)
        return (e.T / e.sum(axis=1)).T


def softmax_with_one_maximum(z):
    with np.errstate(all="ignore"):
        e = np.exp(z - np.max(z))
        return e / np.sum(e, axis=1)[:, None]


def gradients(x, a1, y_pred, y_true, W2, samples, through_relu, sign=1):
    dz2 = sign * (y_pred - y_true) / samples
    dz1 = through_relu(dz2 @ W2.T)
    return x.T @ dz1, dz1.sum(0), a1.T @ dz2, dz2.sum(0)


def without_relu(x, a1, y_pred, y_true, W2):
    return gradients(x, a1, y_pred, y_true, W2, len(x), lambda da1: da1)


def without_the_mean(x, a1, y_pred, y_true, W2):
    return gradients(x, a1, y_pred, y_true, W2, 1, lambda da1: np.where(a1 > 0, da1, 0))


def relu_of_the_gradient(x, a1, y_pred, y_true, W2):
    return gradients(x, a1, y_pred, y_true, W2, len(x), lambda da1: np.maximum(da1, 0))


def truth_minus_prediction(x, a1, y_pred, y_true, W2):
    return gradients(x, a1, y_pred, y_true, W2, len(x), lambda da1: np.where(a1 > 0, da1, 0), sign=-1)


def gradients_in_order_of_finding(x, a1, y_pred, y_true, W2):
    dW1, db1, dW2, db2 = gradients(x, a1, y_pred, y_true, W2, len(x), lambda da1: np.where(a1 > 0, da1, 0))
    return dW2, db2, dW1, db1


def stop_at_the_first_rise(losses, patience):
    worse = 0
    for i in range(1, len(losses)):
        worse = worse + 1 if losses[i] >= losses[i - 1] else 0
        if worse == patience:
            return i + 1
    return len(losses)


def stop_counting_from_0(losses, patience):
    best, since = math.inf, 0
    for i, loss in enumerate(losses):
        best, since = (loss, 0) if loss < best else (best, since + 1)
        if since == patience:
            return i
    return len(losses) - 1


def stop_content_with_ties(losses, patience):
    best, since = math.inf, 0
    for i, loss in enumerate(losses):
        best, since = (loss, 0) if loss <= best else (best, since + 1)
        if since == patience:
            return i + 1
    return len(losses)


def stop_too_late(losses, patience):
    best, since = math.inf, 0
    for i, loss in enumerate(losses):
        best, since = (loss, 0) if loss < best else (best, since + 1)
        if since > patience:
            return i + 1
    return len(losses)


class Uphill:
    def apply(self, gradients, weights):
        for g, w in zip(gradients, weights):
            w += 0.01 * g


class Slow:
    def apply(self, gradients, weights):
        for g, w in zip(gradients, weights):
            w -= 0.001 * g


class MuchTooFast:
    def __init__(self, learning_rate=1e30):
        self.learning_rate, self.v = learning_rate, None

    def apply(self, gradients, weights):
        self.v = self.v or [np.zeros_like(w) for w in weights]
        for g, w, v in zip(gradients, weights, self.v):
            v[...] = 0.9 * v + g
            w -= self.learning_rate * v


class NewNames:
    def apply(self, gradients, weights):
        for g, w in zip(gradients, weights):
            w = w - 0.1 * g


class NewList:
    def apply(self, gradients, weights):
        return [w - 0.1 * g for w, g in zip(weights, gradients)]


class NewInTheList:
    def apply(self, gradients, weights):
        for i, g in enumerate(gradients):
            weights[i] = weights[i] - 0.1 * g


class Exchanged:
    def apply(self, weights, gradients):
        for g, w in zip(gradients, weights):
            w -= 0.1 * g


class OneStateForAll:
    def __init__(self):
        self.v = 0.0

    def apply(self, gradients, weights):
        for g, w in zip(gradients, weights):
            self.v = 0.9 * self.v - 0.01 * g
            w += self.v


class OneNumberForAll:
    def __init__(self):
        self.s = 0.0

    def apply(self, gradients, weights):
        for g, w in zip(gradients, weights):
            self.s += float((g**2).sum())
            w -= 0.01 * g / (self.s**0.5 + 1e-7)


class Forgetful:
    def apply(self, gradients, weights):
        for g, w in zip(gradients, weights):
            v = np.zeros_like(w)
            v[...] = 0.9 * v - 0.01 * g
            w += v


class StateOfTheClass:
    state = []

    def apply(self, gradients, weights):
        if not self.state:
            self.state.extend(np.zeros(w.shape) for w in weights)
        for g, w, s in zip(gradients, weights, self.state):
            s += g**2
            w -= 0.001 * g / np.sqrt(s + 1e-7)


class OnlyTheFirst:
    def apply(self, gradients, weights):
        for g, w in zip(gradients, weights):
            w -= 0.03 * g
            return


class NeedsARate:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply(self, gradients, weights):
        pass


def batches_but_for_a_single_one(samples, batch_size):
    order = random.permutation(samples)
    return [order[start : start + batch_size] for start in range(0, samples - 1, batch_size)]


def batches_without_the_first(samples, batch_size):
    order = random.permutation(np.arange(1, samples))
    return [order[start : start + batch_size] for start in range(0, samples, batch_size)]


def softmax_half_shifted(z):
    with np.errstate(all="ignore"):
        return np.exp(z - z.max(1)[:, None]) / np.exp(z).sum(1)[:, None]


def weights_before_biases(x, a1, y_pred, y_true, W2):
    dW1, db1, dW2, db2 = gradients(x, a1, y_pred, y_true, W2, len(x), lambda da1: np.where(a1 > 0, da1, 0))
    return dW1, dW2, db1, db2


def stop_after_rises(losses, patience):
    rises = 0
    for i in range(1, len(losses)):
        rises = rises + 1 if losses[i] > losses[i - 1] else 0
        if rises == patience:
            break
    return i + 1


def stop_from_the_first(losses, patience):
    best, since = losses[0], 0
    for i, loss in enumerate(losses):
        best, since = (loss, 0) if loss < best else (best, since + 1)
        if since == patience:
            return i + 1
    return len(losses)


WRONG = {
    "count_updates": [
        (updates_of_full_batches, "last batch is missing"),
        (updates_across_epochs, "never reaches"),
        (lambda samples, batch_size, epochs: (samples / batch_size, epochs * samples / batch_size), "whole"),
        (lambda samples, batch_size, epochs: math.ceil(samples / batch_size) * epochs, "two numbers"),
        (lambda samples, batch_size, epochs: math.ceil(samples / batch_size), "for one epoch"),
    ],
    "shuffled_batches": [
        (batches_in_order, "old order"),
        (batches_of_chance, "more than once"),
        (batches_without_the_last, "a batch that is short"),
        (whole_batches_shuffled, "still neighbours"),
        (batches_by_one_seed, "same order"),
        (batches_of_equal_size, "All batches but the last should be full"),
        (lambda samples, batch_size: random.permutation(samples), "should be a vector"),
        (lambda samples, batch_size: [random.permutation(samples) + 1], "counted from 0"),
        (batches_but_for_a_single_one, "a batch that is short"),
        (batches_without_the_first, "missing: 1"),
    ],
    "one_hot_rows": [
        (one_hot_everywhere, "pair row i"),
        (one_hot_from_one, "Class 0 has the first place"),
        (lambda labels, classes: labels[:, None] == np.arange(classes), "True and False"),
        (lambda labels, classes: np.eye(labels.max() + 1)[labels], "number is given"),
        (lambda labels, classes: (np.arange(classes)[:, None] == labels) * 1.0, "row for each sample"),
    ],
    "stable_softmax": [
        (softmax_quietly, "overflows"),
        (softmax_with_one_maximum, "whole batch"),
        (softmax_of_columns, "The columns sum to 1"),
        (lambda z: np.exp(z - z.max(1)[:, None]), "exponentials"),
        (lambda z: np.exp(z - z.max(1)[:, None]) / np.exp(z - z.max(1)[:, None]).sum(), "one sum for the whole batch"),
        (softmax_half_shifted, "below the line"),
        (lambda z: np.exp(z - z.max(1)) / np.exp(z - z.max(1)).sum(1), "make columns"),
    ],
    "share_right": [
        (lambda scores, labels: np.sum(np.argmax(scores, 1) == labels), "counts"),
        (lambda scores, labels: 100 * np.mean(np.argmax(scores, 1) == labels), "percentage"),
        (lambda scores, labels: np.mean(np.max(scores, 1) == labels), "the place where it stands"),
        (lambda scores, labels: 1 - np.mean(np.argmax(scores, 1) == labels), "*wrong*"),
        (lambda scores, labels: np.mean(np.argmax(scores) == labels), "without an axis"),
        (lambda scores, labels: np.argmax(scores, 1), "the network's answers"),
        (lambda scores, labels: np.sum(np.argmax(scores, 1) == labels) / scores.shape[1], "number of classes"),
    ],
    "backward_two_layers": [
        (without_relu, "relu is missing"),
        (without_the_mean, "too large by the number of samples"),
        (relu_of_the_gradient, "its *output*"),
        (truth_minus_prediction, "wrong way round"),
        (gradients_in_order_of_finding, "another order"),
        (weights_before_biases, "those of W come first"),
        (lambda x, a1, y_pred, y_true, W2: (y_pred - y_true) / len(x) @ W2, "If two shapes don't meet"),
        (lambda x, a1, y_pred, y_true, W2: (y_pred - y_true) / len(x), "4 arrays: dW1, db1, dW2, db2"),
    ],
    "stop_early": [
        (stop_at_the_first_rise, "*best* so far"),
        (stop_counting_from_0, "the first is number 1"),
        (stop_content_with_ties, "must be smaller"),
        (stop_too_late, "too late"),
        (stop_after_rises, "*best* so far"),
        (stop_from_the_first, "compared with itself"),
    ],
    "beat_rmsprop": [
        (RMSprop, "learning rate first"),
        (Uphill, "walks uphill"),
        (Slow, "present gradient alone"),
        (MuchTooFast, "a tenth of your learning rate"),
        (NewNames, "changes no weight"),
        (NewList, "gives back new arrays"),
        (NewInTheList, "into the list"),
        (Exchanged, "gradients come first"),
        (OneStateForAll, "several of different shapes"),
        (OneNumberForAll, "depends on the others"),
        (Forgetful, "present gradient alone"),
        (StateOfTheClass, "doesn't begin afresh"),
        (OnlyTheFirst, "too early"),
        (NeedsARate, "a default"),
        (Adam(), "made already"),
        (object, "without a method `apply`"),
    ],
}
