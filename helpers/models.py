"""`Sequential`: a chain of layers that can be trained. `fit` is the loop that notebook 09 writes out by hand."""

import math
import os

import numpy as np

from helpers import layers, losses, optimizers
from helpers.callbacks import History, ProgressBar
from helpers.metrics import get as metric_function
from helpers.utils import aligned_zeros, check_count, random_generator

_overflow_shows_in_the_loss = np.errstate(over="ignore", invalid="ignore", divide="ignore")


class DivergenceError(ArithmeticError):
    """The loss is no longer a finite number; training stopped."""


class Sequential:
    """A model whose layers follow one another.

    layers: a list, or use `add`. The weights are made as soon as the input's shape is known: from `layers.Input(shape)`,
    from `input_shape=` of the first layer, or from the first data. All of them live in one vector, `parameters`, with
    their gradients in `gradients`; each layer's W and b are windows into it, so an optimizer sees a single array.
    """

    def __init__(self, layers=(), name="sequential"):
        self.name, self.layers = name, []
        self.dtype = self._input = None
        self.optimizer = self.loss = None
        self.stop_training = False
        for layer in layers:
            self.add(layer)

    # ── building ────────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, layer):
        """Put a layer at the end. Raises TypeError for anything else, ValueError for a layer that cannot stand there."""
        if not isinstance(layer, layers.Layer):
            raise TypeError(f"add takes a layer, such as layers.Dense(10), but got {layer!r}")
        if isinstance(layer, layers.Input):
            if self.layers:
                raise ValueError("Input must be the first layer")
            self._input = layer
            return
        if any(layer is other for other in self.layers):
            raise ValueError("this layer is in the model already: make a new one")
        kind = type(layer).__name__.lower()
        alike = sum(type(other) is type(layer) for other in self.layers)
        layer.name = layer.name or (f"{kind}_{alike}" if alike else kind)
        self.layers.append(layer)
        if len(self.layers) == 1 and layer.input_shape is not None and self._input is None:
            self._input = layers.Input(layer.input_shape)
        if self.built:
            layer.build(self.layers[-2].output_shape, self.dtype)
            self._gather_weights()  # into new vectors: an optimizer that knew the old ones will say so

    @property
    def built(self):
        return self.dtype is not None

    def build(self, input_shape=None, dtype=None):
        """Make the weights. input_shape: (None, features…), as Keras writes it; by default what Input declared."""
        if not self.layers:
            raise ValueError("the model has no layers: add some, for instance model.add(layers.Dense(10))")
        if input_shape is None:
            if self._input is None:
                raise ValueError("the input's shape is not known: give layers.Input(shape), or call the model on data")
            input_shape, dtype = (None, *self._input.input_shape), dtype or layers.float_dtype(self._input)
        shape = tuple(input_shape[1:])
        dtype = np.dtype(dtype or "float32")
        for layer in self.layers:
            layer.build(shape, dtype)
            shape = layer.output_shape
        self.dtype = dtype
        self._gather_weights()

    def __setstate__(self, state):  # copy and pickle cut the layers' windows out of the vectors: put them back in
        self.__dict__.update(state)
        if self.built:
            self._gather_weights((self.parameters, self.gradients))

    def _gather_weights(self, vectors=None):
        step = 64 // self.dtype.itemsize  # each array starts on a 64-byte line (see aligned_zeros)
        entries = [(layer, key, p) for layer in self.layers for key, p in layer.params.items()]
        total = sum(-(-p.size // step) * step for _, _, p in entries)
        self.parameters, self.gradients = vectors or [aligned_zeros((total,), self.dtype) for _ in range(2)]
        start = 0
        for layer, key, p in entries:
            place = slice(start, start + p.size)
            layer.params[key] = self.parameters[place].reshape(p.shape)
            layer.grads[key] = self.gradients[place].reshape(p.shape)
            layer.params[key][...] = p
            start += -(-p.size // step) * step

    def _prepare_input(self, x):
        """x as an array that fits the first layer; builds the model if this is the first data it sees."""
        x = np.asarray(x)
        if x.dtype.kind not in "buif":
            raise TypeError(f"x must be an array of numbers, but got {x.dtype}")
        if not self.built:
            self.build(*(() if self._input else (x.shape, layers.float_dtype(x))))
        self.layers[0].check_input(x.shape)
        return x

    # ── what every model offers ─────────────────────────────────────────────────────────────────────────────────────

    def __call__(self, x):
        """Predictions for a batch, in one piece."""
        a = self._prepare_input(x).astype(self.dtype, copy=False)
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def activations(self, x):
        """What each layer makes of a batch: a list of the layers' outputs, in order; the last is `model(x)`.

        x: (samples, features…) → arrays (samples, units…) of the model's dtype. Raises ValueError
        if x does not fit the first layer or the model has no layers, TypeError if x does not hold numbers.
        """
        outputs = [self._prepare_input(x).astype(self.dtype, copy=False)]
        for layer in self.layers:
            outputs.append(layer.forward(outputs[-1]))
        return outputs[1:]

    def compile(self, optimizer="rmsprop", loss=None, metrics=None):
        """Choose how to learn. optimizer, loss: names or objects. metrics: list of names or functions."""
        if loss is None:
            raise ValueError(f"compile needs a loss. Known: {', '.join(map(repr, losses.LOSSES))}.")
        if isinstance(metrics, str):
            metrics = [metrics]
        self.optimizer, self.loss = optimizers.get(optimizer), losses.get(loss)
        self.metrics = {}
        for metric in metrics or []:
            function = metric_function(metric, self.loss)
            self.metrics[metric if isinstance(metric, str) else function.__name__] = function

    @_overflow_shows_in_the_loss
    def fit(
        self,
        x,
        y,
        batch_size=32,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_data=None,
        shuffle=True,
    ):
        """Train: for each epoch, for each batch, one step against the gradient of the loss.

        x: (samples, features…), y: labels as the loss takes them. validation_data: (x, y), judged after every epoch.
        shuffle: a new order each epoch. verbose: 0 silent, "auto" or 1 a progress line, 2 a line an epoch.
        Returns a History. Raises ValueError for shapes that do not fit and DivergenceError if the loss stops being finite.
        """
        x, y, y_loss = self._prepare_data(x, y)
        check_count("batch_size", batch_size)
        check_count("epochs", epochs)
        if validation_data is not None:
            self._prepare_data(*validation_data)
        history = History()
        every = [history, *(callbacks or [])]
        if verbose:
            bar = ProgressBar()
            bar.live = bar.live and verbose != 2
            every.append(bar)
        steps = -(-len(x) // batch_size)
        for callback in every:
            callback.model, callback.params = self, {"epochs": epochs, "steps": steps, "batch_size": batch_size}
        self.stop_training = False
        _tell(every, "on_train_begin")
        for epoch in range(epochs):
            _tell(every, "on_epoch_begin", epoch)
            order = random_generator().permutation(len(x)) if shuffle else np.arange(len(x))
            logs = self._fit_epoch(x, y, y_loss, order, batch_size, epoch, every)
            if validation_data is not None:
                judged = self.evaluate(*validation_data, batch_size=batch_size, verbose=0, return_dict=True)
                logs.update({f"val_{name}": value for name, value in judged.items()})
            _tell(every, "on_epoch_end", epoch, logs)
            if self.stop_training:
                break
        _tell(every, "on_train_end")
        return history

    def _fit_epoch(self, x, y, y_loss, order, batch_size, epoch, every):
        totals = [0.0] * len(self.metrics_names)
        batch = aligned_zeros((min(batch_size, len(x)), *x.shape[1:]), self.dtype)
        for step, start in enumerate(range(0, len(x), batch_size)):
            chosen = order[start : start + batch_size]
            x_batch = batch[: len(chosen)]
            if x.dtype == self.dtype:
                np.take(x, chosen, axis=0, out=x_batch, mode="clip")  # "clip" writes straight into out; "raise" buffers
            else:
                x_batch[...] = x[chosen]
            y_batch = y_loss[chosen]
            y_pred, sample_losses = self._step(x_batch, y_batch)
            totals = [t + s for t, s in zip(totals, self._sums(y[chosen], y_pred, sample_losses))]
            if not math.isfinite(totals[0]):
                self._diverged(totals[0], x_batch, y_batch, epoch, step)
            logs = {name: total / (start + len(chosen)) for name, total in zip(self.metrics_names, totals)}
            _tell(every, "on_train_batch_end", step, logs)
            if self.stop_training:
                break
        return logs

    def _sums(self, y, y_pred, sample_losses):
        """Loss and metrics of a batch, each summed over the samples; a metric may also give the batch's mean."""
        values = [sample_losses, *(metric(y, y_pred) for metric in self.metrics.values())]
        return [float(np.sum(v)) * (len(y) / np.size(v)) for v in values]

    @_overflow_shows_in_the_loss
    def train_on_batch(self, x, y):
        """One update from one batch; returns its loss, measured before the update."""
        loss = self.gradient_on_batch(x, y)
        self.optimizer.apply([self.gradients], [self.parameters])
        return loss

    @_overflow_shows_in_the_loss
    def gradient_on_batch(self, x, y):
        """Forward, loss, backward: `gradients` are then those of the batch's mean loss, which is returned; no update."""
        x, _, y = self._prepare_data(x, y)
        x = x.astype(self.dtype, copy=False)
        y_pred, sample_losses = self._forward_and_loss(x, y, training=True)
        loss = float(sample_losses.mean())
        if not math.isfinite(loss):
            self._diverged(loss, x, y, 0, 0)
        self._backward(y, y_pred)
        return loss

    def _step(self, x, y):
        """Forward, loss, backward, update: the four steps, on one batch. Returns predictions and each sample's loss."""
        y_pred, sample_losses = self._forward_and_loss(x, y, training=True)
        if math.isfinite(sample_losses.sum()):  # if not, the weights stay as they are, and the caller explains
            self._backward(y, y_pred)
            self.optimizer.apply([self.gradients], [self.parameters])
        return y_pred, sample_losses

    def _backward(self, y, y_pred):
        da = self.loss.fused_gradient(y, y_pred) if self._fused else self.loss.gradient(y, y_pred)
        # Nothing below the first layer with weights needs a gradient: spares a product as large as the first.
        first = next((i for i, layer in enumerate(self.layers) if layer.params), 0)
        for i in reversed(range(first, len(self.layers))):
            da = self.layers[i].backward(da, need_dx=i > first)

    @property
    def _fused(self):
        """Does the loss take the last activation along?"""
        activation = getattr(self.layers[-1], "activation", None)
        return activation is not None and activation == self.loss.fused_activation

    def _forward_and_loss(self, x, y, training=False):
        *hidden, last = self.layers
        a = x
        for layer in hidden:
            a = layer.forward(a, training)
        if self._fused:
            sample_losses, y_pred = self.loss.fused(y, last.forward(a, training, activate=False))
            return y_pred, sample_losses
        y_pred = last.forward(a, training)
        return y_pred, self.loss.call(y, y_pred)

    def _diverged(self, loss, x, y, epoch, step):
        for name, data in (("x", x), ("y", y)):
            if not np.all(np.isfinite(data)):
                raise DivergenceError(
                    f"The loss is {loss} because the data is: in batch {step} of epoch {epoch + 1}, {name} holds nan or "
                    f"inf. Clean {name} first; np.isfinite({name}) finds the places."
                )
        rate = self.optimizer.learning_rate
        raise DivergenceError(
            f"Training diverged: the loss is {loss} at epoch {epoch + 1}, batch {step} (after {self.optimizer.iterations} "
            f"updates). The usual reason is a learning rate too large: yours is {rate:g}, try {rate / 10:g}. Also check "
            "that x is scaled to about 0 … 1. The weights are spoiled: build the model again before the next try."
        )

    @_overflow_shows_in_the_loss
    def evaluate(self, x, y, batch_size=32, verbose="auto", return_dict=False):
        """Loss and metrics on data, without learning from it: a list in `metrics_names`' order, or a dict."""
        x, y, y_loss = self._prepare_data(x, y)
        check_count("batch_size", batch_size)
        totals = np.zeros(len(self.metrics_names))
        for start in range(0, len(x), batch_size):
            part = slice(start, start + batch_size)
            y_pred, sample_losses = self._forward_and_loss(x[part].astype(self.dtype, copy=False), y_loss[part])
            totals += self._sums(y[part], y_pred, sample_losses)
        result = dict(zip(self.metrics_names, (totals / len(x)).tolist()))
        if verbose:
            print(" - ".join(f"{name}: {value:.4f}" for name, value in sorted(result.items())))
        return result if return_dict else list(result.values()) if self.metrics else result["loss"]

    @property
    def metrics_names(self):
        return ["loss", *self.metrics]

    def predict(self, x, batch_size=32, verbose="auto"):
        """The model's output for every sample: (samples, outputs). verbose is there for Keras's sake; nothing is printed."""
        x = self._prepare_input(x)
        check_count("batch_size", batch_size)
        parts = [self(x[start : start + batch_size]) for start in range(0, len(x), batch_size)]
        return np.concatenate(parts) if parts else np.zeros((0, *self.layers[-1].output_shape), self.dtype)

    def _prepare_data(self, x, y):
        """Check x and y against the model and each other; → x, y for the metrics, y for the loss."""
        if self.loss is None:
            raise ValueError(
                "compile the model first: model.compile(optimizer='rmsprop', loss='categorical_crossentropy')"
            )
        x, y = self._prepare_input(x), np.asarray(y)
        if len(x) == 0:
            raise ValueError(f"there is no data: x has shape {x.shape}")
        if y.dtype.kind not in "buif":
            raise TypeError(f"y must be an array of numbers, but got {y.dtype}")
        if y.ndim == 0 or len(x) != len(y):
            raise ValueError(f"x has {len(x):,} samples, but y has shape {y.shape}: they must go together one to one")
        y_loss = self.loss.prepare(y, (len(x), *self.layers[-1].output_shape)).astype(self.dtype, copy=False)
        return x, y_loss if y.shape == y_loss.shape else y, y_loss

    # ── weights ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _named_weights(self):
        if not self.built:
            self.build()
        return {f"{i}.{layer.name}.{key}": p for i, layer in enumerate(self.layers) for key, p in layer.params.items()}

    def count_params(self):
        return sum(p.size for p in self._named_weights().values())

    def get_weights(self):
        """Copies of all weights: [W, b, W, b, …]."""
        return [p.copy() for p in self._named_weights().values()]

    def set_weights(self, weights):
        """Copy arrays into the weights. Raises ValueError, changing nothing, if their number or a shape differs."""
        named = self._named_weights()
        layers.check_weights(named, weights)
        for p, new in zip(named.values(), weights):
            p[...] = new

    def save_weights(self, filepath):
        """Write all weights to an .npz file (the ending is added if missing); returns its path.

        The file appears whole or not at all: it is written under another name first and then renamed.
        """
        path = _npz(filepath)
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            with open(temporary, "wb") as file:
                np.savez(file, **self._named_weights())
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise
        return path

    def load_weights(self, filepath):
        """Read weights that `save_weights` wrote for a model of the same layers.

        Raises FileNotFoundError, or ValueError if the file is broken or does not fit; then nothing has changed.
        """
        path = _npz(filepath)
        try:
            with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
                _check_sizes(file, self.count_params())  # before memory is asked for: a header may promise anything
                found = [file[key] for key in file.files]
        except FileNotFoundError:
            raise
        except Exception as error:  # a broken zip file raises whatever its broken place suggests
            raise ValueError(f"{path}: expected an .npz file written by save_weights, found {error}") from None
        try:
            self.set_weights(found)
        except ValueError as error:
            raise ValueError(f"{path} does not fit this model: {error}") from None

    def summary(self, print_fn=print):
        """Print a table of the layers, their output shapes and numbers of weights; builds them if the shape is known."""
        if not self.built and self._input and self.layers:
            self.build()
        rows = [("Layer (type)", "Output Shape", "Param #")]
        for layer in self.layers:
            shape = f"({', '.join(map(str, (None, *layer.output_shape)))})" if layer.built else "?"
            params = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
            rows.append((f"{layer.name} ({type(layer).__name__})", shape, params))
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = [f"{a:<{widths[0]}}   {b:<{widths[1]}}   {c:>{widths[2]}}" for a, b, c in rows]
        rule = "─" * len(lines[0])
        total = sum(layer.count_params() for layer in self.layers)
        print_fn(
            "\n".join([f'Model: "{self.name}"', rule, lines[0], rule, *lines[1:], rule, f"Total params: {total:,}"])
        )


def _npz(filepath):
    path = os.fspath(filepath)
    return path if path.endswith(".npz") else path + ".npz"


def _check_sizes(file, most):
    """Raise ValueError if an array in an open .npz file has more numbers, by its header, than `most`."""
    for name in file.zip.namelist():
        with file.zip.open(name) as array:
            version = np.lib.format.read_magic(array)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            size = math.prod(header(array)[0])
        if size > most:
            raise ValueError(f"{size:,} numbers in {name}, but the model has only {most:,} weights")


def _tell(callbacks, event, *args):
    for callback in callbacks:
        getattr(callback, event)(*args)
