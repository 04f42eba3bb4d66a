"""Layers: a layer turns its input into a more useful representation, and knows the gradient of what it did."""

import operator

import numpy as np

from helpers import initializers, kernels
from helpers.utils import aligned_zeros, lookup


class Layer:
    """Base of all layers. `params` holds the weights and `grads` their gradients, under the same names.

    build(input_shape, dtype) makes the weights; shapes here leave out the samples axis. forward(x, training) and
    backward(da) are the two directions; backward follows a forward with training=True.
    """

    def __init__(self, name=None, input_shape=None):
        self.name = name
        self.input_shape = None if input_shape is None else _shape(input_shape)
        self.output_shape = None
        self.params, self.grads, self._buffers = {}, {}, {}

    @property
    def built(self):
        return self.output_shape is not None

    def __call__(self, x):
        x = np.asarray(x)
        if not self.built:
            self.build(x.shape[1:], float_dtype(x))
        self.check_input(x.shape)
        return self.forward(x)

    def check_input(self, shape):
        """Raise ValueError unless a batch of this shape fits the layer."""
        if tuple(shape[1:]) != self.input_shape:
            raise ValueError(
                f"{self.name or type(self).__name__} was built for an input of shape (samples, {_join(self.input_shape)}), "
                f"but got {tuple(shape)}"
            )

    def count_params(self):
        return sum(p.size for p in self.params.values())

    def get_weights(self):
        """Copies of the weights, in the order of `params`."""
        return [p.copy() for p in self.params.values()]

    def set_weights(self, weights):
        """Copy arrays into the weights. Raises ValueError, changing nothing, if their number or a shape differs."""
        check_weights(self.params, weights)
        for p, new in zip(self.params.values(), weights):
            p[...] = new

    def _buffer(self, key, shape, dtype):
        # Made once and used for every batch (a smaller last batch takes its first rows): no fresh memory each step.
        buffer = self._buffers.get(key)
        if buffer is None or len(buffer) < shape[0] or buffer.dtype != dtype:
            buffer = self._buffers[key] = aligned_zeros(shape, dtype)
        return buffer[: shape[0]]


class Input(Layer):
    """What one sample looks like: `Input(shape=(784,))`. It only names a shape; no numbers pass through it."""

    def __init__(self, shape, dtype="float32", name=None):
        super().__init__(name, _shape(shape))
        self.dtype = np.dtype(dtype)


class Flatten(Layer):
    """All numbers of a sample in one row: (samples, 28, 28) → (samples, 784)."""

    def build(self, input_shape, dtype="float32"):
        self.input_shape = tuple(input_shape)
        self.output_shape = (int(np.prod(input_shape)),)

    def forward(self, x, training=False):
        return x.reshape(len(x), -1)

    def backward(self, da, need_dx=True):
        return da.reshape(len(da), *self.input_shape)


class Rescaling(Layer):
    """`x * scale + offset`: as a model's first layer, `Rescaling(1 / 255)` lets it learn from pictures as they are.

    Bytes become floats batch by batch, so there is no second copy of all pictures; it costs about 3 % of a step. Any shape →
    the same shape.
    """

    def __init__(self, scale, offset=0.0, input_shape=None, name=None):
        super().__init__(name, input_shape)
        self.scale, self.offset = float(scale), float(offset)

    def build(self, input_shape, dtype="float32"):
        self.input_shape = self.output_shape = tuple(input_shape)

    def forward(self, x, training=False):
        out = self._buffer("a", x.shape, x.dtype) if training else None
        a = np.multiply(x, self.scale, out=out, dtype=float_dtype(x))
        return np.add(a, self.offset, out=out) if self.offset else a

    def backward(self, da, need_dx=True):
        return da * self.scale


class Dense(Layer):
    """`a = activation(x @ W + b)`: every unit looks at every input.

    units: length of the output. activation: a name in `kernels.ACTIVATIONS` or None for linear. Input (samples, features),
    output (samples, units). Weights W (features, units) and b (units,) start as the two initializers say.
    """

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        input_shape=None,
        name=None,
    ):
        super().__init__(name, input_shape)
        if isinstance(units, bool) or not isinstance(units, (int, np.integer)) or units < 1:
            raise ValueError(f"units must be a whole number ≥ 1, but got {units!r}")
        self.units = int(units)
        self.activation = activation or "linear"
        self._activate, self._activate_backward = lookup("activation", self.activation, kernels.ACTIVATIONS, tuple)
        if isinstance(self.activation, str):
            self.activation = self.activation.lower()
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def build(self, input_shape, dtype="float32"):
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense takes samples of one axis, (samples, features), but got (samples, {_join(input_shape)}): put "
                f"layers.Flatten() before it, or reshape the data to (samples, {int(np.prod(input_shape))})"
            )
        self.input_shape, self.output_shape = tuple(input_shape), (self.units,)
        self.params = {"W": self.kernel_initializer((input_shape[0], self.units), dtype)}
        if self.use_bias:
            self.params["b"] = self.bias_initializer((self.units,), dtype)
        self.grads = {key: np.zeros_like(p) for key, p in self.params.items()}

    def forward(self, x, training=False, activate=True):
        """The layer's output; `activate=False` stops at z. training=True keeps what backward needs and reuses memory."""
        out = self._buffer("a", (len(x), self.units), x.dtype) if training else None
        a = kernels.affine(x, self.params["W"], self.params.get("b"), out=out)
        if activate:
            a = self._activate(a, out=a)
        if training:
            self.x, self.a, self.activated = x, a, activate
        return a

    def backward(self, da, need_dx=True):
        """From the gradient of forward's output: fill `grads`, return the gradient of its input. da is overwritten."""
        dz = self._activate_backward(da, self.a, out=da) if self.activated else da
        dx = self._buffer("dx", self.x.shape, dz.dtype) if need_dx else None
        out = dx, self.grads["W"], self.grads.get("b")
        return kernels.affine_backward(dz, self.x, self.params["W"], out, need_dx)[0]


def float_dtype(x):
    """float64 stays float64; everything else is computed in float32, as in Keras."""
    return np.dtype("float64" if x.dtype == np.float64 else "float32")


def check_weights(params, weights):
    """Raise ValueError unless `weights` are arrays of numbers of the shapes in the dict `params`."""
    if len(weights) != len(params):
        raise ValueError(f"expected {len(params)} weight arrays ({', '.join(params)}), but got {len(weights)}")
    for (key, p), new in zip(params.items(), weights):
        if np.shape(new) != p.shape:
            raise ValueError(f"weights {key} have shape {p.shape}, but the array given has {np.shape(new)}")
        if np.asarray(new).dtype.kind not in "buif":
            raise ValueError(f"weights {key} are numbers, but the array given has {np.asarray(new).dtype}")


def _shape(shape):
    try:
        return tuple(map(operator.index, shape))
    except TypeError:
        message = "a shape is a tuple of whole numbers, such as (784,) or (28, 28), but got"
        raise ValueError(f"{message} {shape!r}. For one axis of 784 numbers, write (784,).") from None


def _join(shape):
    return ", ".join(map(str, shape))
