"""Losses: how badly the network predicts, as one number to make smaller."""

import numpy as np

from helpers import kernels
from helpers.utils import lookup, to_categorical


class Loss:
    """Base of all losses.

    `loss(y_true, y_pred)` is the mean over the samples; `call` gives each sample's. `fused_activation` names the last
    activation that is better taken together with this loss, from the scores z before it: quicker, and never log(0).
    """

    fused_activation = None

    def __call__(self, y_true, y_pred):
        y_pred = np.asarray(y_pred)
        # At least float32: float16 cannot tell 1 - EPSILON from 1, and log(0) would follow.
        y_pred = y_pred.astype(np.result_type(y_pred, np.float32), copy=False)
        return float(np.mean(self.call(self.prepare(y_true, y_pred.shape), y_pred)))

    def prepare(self, y_true, shape):
        """Labels as this loss computes with them. Raises ValueError if they do not fit predictions of this shape."""
        y_true = np.asarray(y_true)
        if y_true.shape == shape[:-1] and shape[-1] == 1:
            y_true = y_true[..., None]
        if y_true.shape != tuple(shape):
            raise ValueError(
                f"{self.name}: the labels have shape {y_true.shape}, but the predictions have {tuple(shape)}.{self.hint}"
            )
        return y_true

    hint = ""


class CategoricalCrossentropy(Loss):
    """Cross-entropy for one-hot labels (samples, classes). from_logits: predictions are scores, not probabilities."""

    name = "categorical_crossentropy"
    hint = (
        " One-hot labels come from to_categorical(labels); for plain class numbers take"
        " loss='sparse_categorical_crossentropy'."
    )

    def __init__(self, from_logits=False):
        self.from_logits = from_logits
        self.fused_activation = None if from_logits else "softmax"

    def call(self, y_true, y_pred):
        if self.from_logits:
            return kernels.softmax_cross_entropy(y_pred, y_true)[0]
        return kernels.categorical_crossentropy(y_true, y_pred)

    def gradient(self, y_true, y_pred):
        """Gradient of the mean loss with regard to y_pred."""
        if self.from_logits:
            return kernels.softmax_cross_entropy_backward(y_true, kernels.softmax(y_pred))
        return kernels.categorical_crossentropy_backward(y_true, y_pred)

    def fused(self, y_true, z):
        """Losses (samples,) and predictions, from the scores before the last activation."""
        return kernels.softmax_cross_entropy(z, y_true)

    def fused_gradient(self, y_true, y_pred):
        """Gradient of the mean loss with regard to those scores."""
        return kernels.softmax_cross_entropy_backward(y_true, y_pred)


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """Cross-entropy for class numbers (samples,): the same loss, with labels written short."""

    name = "sparse_categorical_crossentropy"
    hint = " It takes class numbers, one a sample; for one-hot labels take loss='categorical_crossentropy'."

    def prepare(self, y_true, shape):
        y_true = np.asarray(y_true)
        if y_true.shape == (*shape[:-1], 1):
            y_true = y_true[..., 0]
        if y_true.shape != tuple(shape[:-1]):
            raise ValueError(
                f"{self.name}: the labels have shape {y_true.shape}, but predictions of shape {tuple(shape)} need "
                f"{tuple(shape[:-1])}.{self.hint}"
            )
        return to_categorical(y_true, shape[-1]).astype("float32")


class BinaryCrossentropy(Loss):
    """Cross-entropy of yes/no answers: labels 0 or 1, one or more outputs. from_logits as above."""

    name = "binary_crossentropy"

    def __init__(self, from_logits=False):
        self.from_logits = from_logits
        self.fused_activation = None if from_logits else "sigmoid"

    def call(self, y_true, y_pred):
        if self.from_logits:
            return kernels.sigmoid_cross_entropy(y_pred, y_true)[0]
        return kernels.binary_crossentropy(y_true, y_pred)

    def gradient(self, y_true, y_pred):
        """Gradient of the mean loss with regard to y_pred."""
        if self.from_logits:
            return kernels.sigmoid_cross_entropy_backward(y_true, kernels.sigmoid(y_pred))
        return kernels.binary_crossentropy_backward(y_true, y_pred)

    def fused(self, y_true, z):
        """Losses (samples,) and predictions, from the scores before the last activation."""
        return kernels.sigmoid_cross_entropy(z, y_true)

    def fused_gradient(self, y_true, y_pred):
        """Gradient of the mean loss with regard to those scores."""
        return kernels.sigmoid_cross_entropy_backward(y_true, y_pred)


class MeanSquaredError(Loss):
    """Mean of the squared differences."""

    name = "mean_squared_error"

    def call(self, y_true, y_pred):
        return kernels.mean_squared_error(y_true, y_pred)

    def gradient(self, y_true, y_pred):
        """Gradient of the mean loss with regard to y_pred."""
        return kernels.mean_squared_error_backward(y_true, y_pred)


LOSSES = {
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "binary_crossentropy": BinaryCrossentropy,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
}


def get(identifier):
    """A Loss from a name, class or object."""
    return lookup("loss", identifier, LOSSES, Loss)
