"""Metrics: numbers for people. They judge a network; unlike a loss, nothing is differentiated."""

from types import FunctionType

import numpy as np

from helpers.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from helpers.utils import lookup


def categorical_accuracy(y_true, y_pred):
    """True where the largest prediction stands at the label: both (samples, classes) → (samples,)."""
    y_true, y_pred = _paired(y_true, y_pred)
    return y_true.argmax(axis=-1) == y_pred.argmax(axis=-1)


def sparse_categorical_accuracy(y_true, y_pred):
    """The same for class numbers: labels (samples,), predictions (samples, classes) → (samples,)."""
    best = np.asarray(y_pred).argmax(axis=-1)
    y_true, best = _paired(y_true, best[..., None])
    return (y_true == best)[..., 0]


def binary_accuracy(y_true, y_pred, threshold=0.5):
    """Share of yes/no answers that are right, where a prediction above `threshold` is a yes; → (samples,)."""
    y_true, y_pred = _paired(y_true, y_pred)
    return np.mean(y_true == (y_pred > threshold), axis=-1)


def mean_absolute_error(y_true, y_pred):
    """Mean of ``|y_pred - y_true|`` over the last axis; → (samples,)."""
    return np.mean(np.abs(_difference(y_true, y_pred)), axis=-1)


def mean_squared_error(y_true, y_pred):
    """Mean of ``(y_pred - y_true)²`` over the last axis; → (samples,)."""
    return np.mean(np.square(_difference(y_true, y_pred)), axis=-1)


def _difference(y_true, y_pred):
    y_true, y_pred = _paired(y_true, y_pred)
    return np.subtract(y_pred, y_true, dtype=np.result_type(y_pred, np.float32))


def _paired(y_true, y_pred):
    """Both as arrays of one shape; labels (samples,) become a column beside outputs (samples, 1).

    Raises ValueError for other shapes: NumPy would stretch one of them, and the result would mean nothing.
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_pred.shape == (*y_true.shape, 1):
        y_true = y_true[..., None]
    if y_true.shape != y_pred.shape:
        raise ValueError(f"the labels have shape {y_true.shape}, but the predictions {y_pred.shape}: they must fit")
    return y_true, y_pred


def _accuracy(y_true, y_pred):
    """One output is a yes/no answer (the largest of one number is always right), several are classes."""
    return (binary_accuracy if np.shape(y_pred)[-1] == 1 else categorical_accuracy)(y_true, y_pred)


METRICS = {
    "accuracy": "accuracy",
    "acc": "accuracy",
    "categorical_accuracy": categorical_accuracy,
    "sparse_categorical_accuracy": sparse_categorical_accuracy,
    "binary_accuracy": binary_accuracy,
    "mean_absolute_error": mean_absolute_error,
    "mae": mean_absolute_error,
    "mean_squared_error": mean_squared_error,
    "mse": mean_squared_error,
}


def get(identifier, loss):
    """A function (y_true, y_pred) → a value a sample, from its name or itself; "accuracy": the one that fits the loss."""
    if callable(identifier):
        return identifier
    metric = lookup("metric", identifier, METRICS, (str, FunctionType))
    if metric != "accuracy":
        return metric
    if isinstance(loss, SparseCategoricalCrossentropy):
        return sparse_categorical_accuracy
    return binary_accuracy if isinstance(loss, BinaryCrossentropy) else _accuracy
