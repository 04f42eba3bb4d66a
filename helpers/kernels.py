"""The mathematics of a dense network as plain functions: each forward beside its backward.

Notation, everywhere in the collection: ``x`` input, ``W`` weights, ``b`` bias, ``z = x @ W + b``, ``a`` the activation
of ``z``, and ``dz`` short for the gradient of the loss with regard to ``z``. Samples are rows. ``out=`` takes an array to
write the result into, as in NumPy; it may be the input itself.
"""

import numpy as np


def floats(x):
    """Whole numbers as floats, floats as they are: differences of bytes would wrap round (0 - 1 is 255)."""
    return x if x.dtype.kind == "f" else x.astype(np.result_type(x, np.float32))


# ── the affine map of a Dense layer ─────────────────────────────────────────────────────────────────────────────────


def affine(x, W, b, out=None):
    """The affine map ``z = x @ W + b``.

    x: (samples, inputs), W: (inputs, units), b: (units,) or None for no bias → z: (samples, units).
    """
    z = np.matmul(x, W, out=out)
    return z if b is None else np.add(z, b, out=out)


def affine_backward(dz, x, W, out=(None, None, None), need_dx=True):
    """Gradients of the affine map: ``dx = dz @ W.T``, ``dW = x.T @ dz``, ``db = dz.sum(axis=0)``.

    dz: (samples, units) → dx: (samples, inputs), dW: (inputs, units), db: (units,).
    ``need_dx=False`` returns None for dx: a network's first layer has no use for the gradient of its input.
    """
    dx = np.matmul(dz, W.T, out=out[0]) if need_dx else None
    dW = np.matmul(x.T, dz, out=out[1])
    db = dz.sum(axis=0, out=out[2])
    return dx, dW, db


# ── activations; each backward needs only the output ``a``, so ``z`` may be overwritten ─────────────────────────────


def linear(z, out=None):
    """The identity ``a = z``; any shape."""
    if out is None or out is z:
        return z
    out[...] = z
    return out


def linear_backward(da, a, out=None):
    """``dz = da``; any shape."""
    return linear(da, out)


def relu(z, out=None):
    """Rectified linear unit ``a = max(z, 0)``, element by element; any shape."""
    if out is None:
        return np.maximum(z, 0)
    # NumPy has vector instructions for two arrays, not for array and number: 9 µs in place of 25, 1.3 % of a step.
    return np.maximum(z, np.zeros(np.shape(z)[-1:], out.dtype), out=out)


def relu_backward(da, a, out=None):
    """``dz = da`` where ``a > 0``, else 0: the slope of relu is 1 to the right of zero and, by choice, 0 at zero."""
    return np.multiply(da, a > 0, out=out)


def sigmoid(z, out=None):
    """Logistic function ``a = 1 / (1 + exp(-z))``, element by element; any shape; never overflows."""
    # 1 / (1 + exp(-z)) = (1 + tanh(z / 2)) / 2, and tanh is bounded where exp is not.
    a = np.tanh(np.multiply(z, 0.5, out=out), out=out)
    a = np.multiply(a, 0.5, out=out)
    return np.add(a, 0.5, out=out)


def sigmoid_backward(da, a, out=None):
    """``dz = da · a · (1 - a)``; any shape."""
    return np.multiply(da, a * (1 - a), out=out)


def tanh(z, out=None):
    """Hyperbolic tangent, element by element; any shape."""
    return np.tanh(z, out=out)


def tanh_backward(da, a, out=None):
    """``dz = da · (1 - a²)``; any shape."""
    return np.multiply(da, 1 - a * a, out=out)


def softmax(z, out=None):
    """Scores to probabilities along the last axis: ``a_i = exp(z_i) / Σ_j exp(z_j)``; shape (…, classes).

    The largest score is subtracted first: it leaves the result unchanged and keeps exp from overflowing.
    """
    z = floats(z)
    a = np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
    np.exp(a, out=a)
    a /= a.sum(axis=-1, keepdims=True)
    return a


def softmax_backward(da, a, out=None):
    """``dz = a · (da - Σ_j da_j · a_j)`` along the last axis; shape (…, classes)."""
    return np.multiply(a, da - np.sum(da * a, axis=-1, keepdims=True), out=out)


ACTIVATIONS = {
    "linear": (linear, linear_backward),
    "relu": (relu, relu_backward),
    "sigmoid": (sigmoid, sigmoid_backward),
    "tanh": (tanh, tanh_backward),
    "softmax": (softmax, softmax_backward),
}

# ── losses: one number a sample; each backward is the gradient of the *mean* over the samples ───────────────────────

EPSILON = 1e-7  # Keras's "fuzz": probabilities are kept this far from 0 and 1 before a logarithm


def categorical_crossentropy(y_true, y_pred):
    """Cross-entropy ``-Σ_i y_true_i · log(y_pred_i)`` of probabilities, after scaling each row to sum 1 as Keras does.

    y_true, y_pred: (samples, classes) → (samples,).
    """
    p = np.clip(y_pred / np.sum(y_pred, axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
    return -np.sum(y_true * np.log(p), axis=-1)


def categorical_crossentropy_backward(y_true, y_pred):
    """Gradient of the mean categorical cross-entropy with regard to y_pred: (samples, classes)."""
    total = np.sum(y_pred, axis=-1, keepdims=True)
    p = y_pred / total
    inside = (p > EPSILON) & (p < 1 - EPSILON)  # where the clip acts, the loss is flat
    dp = np.where(inside, y_true / np.where(inside, -p, 1), 0)
    return (dp - np.sum(dp * p, axis=-1, keepdims=True)) / total / total.size


def softmax_cross_entropy(z, y_true, out=None):
    """Softmax and categorical cross-entropy as one step, finite for scores of any size.

    z: scores, y_true: labels, both (samples, classes) → losses (samples,), probabilities (samples, classes).
    ``-log softmax(z)_i = log Σ_j exp(z_j) - z_i``, so no probability is ever rounded to 0 before its logarithm.
    """
    z = floats(z)
    shifted = z - z.max(axis=-1, keepdims=True)
    y_pred = np.exp(shifted, out=out)
    total = y_pred.sum(axis=-1, keepdims=True)
    losses = (y_true * (np.log(total) - shifted)).sum(axis=-1)
    y_pred /= total
    return losses, y_pred


def softmax_cross_entropy_backward(y_true, y_pred, out=None):
    """Gradient of the mean loss with regard to the scores: ``dz = (y_pred - y_true) / samples``.

    y_true: labels, y_pred: probabilities; both (samples, classes). A row of labels with another sum s than 1 counts s
    times, as in Keras: ``dz = (s · y_pred - y_true) / samples``.
    """
    y_pred = floats(y_pred)
    s = y_true.sum(axis=-1, keepdims=True, dtype=y_pred.dtype)
    dz = np.subtract(s * y_pred, y_true, out=out)
    dz /= dz[..., 0].size
    return dz


def binary_crossentropy(y_true, y_pred):
    """``-(y·log p + (1 - y)·log(1 - p))``, averaged over the last axis; (samples, outputs) → (samples,)."""
    p = np.clip(y_pred, EPSILON, 1 - EPSILON)
    return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p), axis=-1)


def binary_crossentropy_backward(y_true, y_pred):
    """Gradient of the mean binary cross-entropy with regard to y_pred: (samples, outputs)."""
    inside = (y_pred > EPSILON) & (y_pred < 1 - EPSILON)
    p = np.where(inside, y_pred, 0.5)
    return np.where(inside, (p - y_true) / (p * (1 - p)), 0) / y_pred.size


def sigmoid_cross_entropy(z, y_true, out=None):
    """Sigmoid and binary cross-entropy as one step, finite for scores of any size.

    z, y_true: (samples, outputs) → losses (samples,), probabilities (samples, outputs).
    ``max(z, 0) - z·y + log(1 + exp(-|z|))`` is the same loss with no exponent that can overflow.
    """
    z = floats(z)
    losses = np.mean(np.maximum(z, 0) - z * y_true + np.log1p(np.exp(-np.abs(z))), axis=-1)
    return losses, sigmoid(z, out=out)


def sigmoid_cross_entropy_backward(y_true, y_pred, out=None):
    """Gradient of the mean loss with regard to the scores: ``dz = (y_pred - y_true) / (samples · outputs)``."""
    dz = np.subtract(floats(y_pred), y_true, out=out)
    dz /= y_pred.size
    return dz


def mean_squared_error(y_true, y_pred):
    """``(y_pred - y_true)²``, averaged over the last axis; (samples, outputs) → (samples,)."""
    return np.mean(np.square(floats(y_pred) - y_true), axis=-1)


def mean_squared_error_backward(y_true, y_pred):
    """Gradient of the mean squared error: ``2·(y_pred - y_true) / (samples · outputs)``; (samples, outputs)."""
    return 2 * (floats(y_pred) - y_true) / y_pred.size
