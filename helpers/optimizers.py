"""Optimizers: how the gradients change the weights. Update rules and defaults are those of Keras 3.

Below, ``w`` is a weight, ``g`` its gradient, ``t`` a scratch array. Every rule works in place, because a step that makes
new arrays of 400 000 numbers spends more time fetching memory than computing.
"""

from numbers import Real

import numpy as np

from helpers.utils import aligned_zeros, lookup

# Numbers handled at a time, so that w, g, state and scratch stay in the cache. Measured with RMSprop, beside no blocks: 22 %
# of an update of 6.5 million weights, 8 % of 1.6 million, nothing for 0.4 million; half the size costs 3 to 10 % more.
BLOCK = 196608


class Optimizer:
    """Base of all optimizers. A rule is one method, `update(w, g, *state, t)`; `slots` says how many state arrays it keeps.

    learning_rate: number ≥ 0, may be changed at any time. iterations: updates made so far.
    """

    slots = 0

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate
        self.iterations = 0
        self._state = None

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate = _number("learning_rate", value, 0)

    def initial_state(self):
        """The value each state array starts with."""
        return [0.0] * self.slots

    def build(self, variables):
        """Make the state arrays: one set for each weight array."""
        self._weights = list(variables)
        self._state = [
            [_filled(w.size, w.dtype, value) for value in self.initial_state()]
            + [aligned_zeros((min(w.size, BLOCK),), w.dtype)]
            for w in variables
        ]

    def apply(self, grads, trainable_variables):
        """Take one step: change the weight arrays in place.

        grads, trainable_variables: lists of arrays of equal shapes, C-contiguous; the same weights at every call.
        Raises ValueError if they do not match.
        """
        if self._state is None:
            self.build(trainable_variables)
        self._check(grads, trainable_variables)
        self.iterations += 1
        for g, w, (*state, t) in zip(grads, trainable_variables, self._state):
            flat = [w.reshape(-1), g.reshape(-1), *state]
            for start in range(0, w.size, BLOCK):
                block = [array[start : start + BLOCK] for array in flat]
                self.update(*block, t[: len(block[0])])

    def _check(self, grads, variables):
        if not len(grads) == len(variables) == len(self._state):
            raise ValueError(
                f"{len(grads)} gradients met {len(variables)} weight arrays; this optimizer was built for "
                f"{len(self._state)}. An optimizer remembers its weights: make a new one for a new network."
            )
        for i, (g, w, known) in enumerate(zip(grads, variables, self._weights)):
            if g.shape != w.shape:
                raise ValueError(f"gradient {i} has shape {g.shape}, but weight array {i} has {w.shape}")
            if w is not known and (w.shape != known.shape or not np.may_share_memory(w, known)):
                raise ValueError(
                    f"weight array {i}, of shape {w.shape}, is not the one of shape {known.shape} that this optimizer was "
                    "built for. An optimizer remembers its weights: make a new one for a new network."
                )
            if not (w.flags.c_contiguous and g.flags.c_contiguous):
                raise ValueError(f"weight array {i} or its gradient is not contiguous: pass np.ascontiguousarray(...)")


class SGD(Optimizer):
    """Stochastic gradient descent: ``w -= lr · g``; with momentum ``v = momentum·v - lr·g``, ``w += v``.

    nesterov: step ``w += momentum·v - lr·g`` with the new v instead, looking one step ahead.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False):
        super().__init__(learning_rate)
        self.momentum = _number("momentum", momentum, 0, 1)
        self.nesterov = nesterov

    slots = 1

    def update(self, w, g, v, t):
        if self.momentum == 0:
            np.multiply(g, -self.learning_rate, out=v)
            w += v
            return
        np.multiply(g, self.learning_rate, out=t)
        v *= self.momentum
        v -= t
        if self.nesterov:
            w -= t
            np.multiply(v, self.momentum, out=t)
            w += t
        else:
            w += v


class Adagrad(Optimizer):
    """``v += g²``, ``w -= lr · g / sqrt(v + epsilon)``: weights that moved much move less. Duchi et al., 2011."""

    slots = 1

    def __init__(self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7):
        super().__init__(learning_rate)
        self.initial_accumulator_value = _number("initial_accumulator_value", initial_accumulator_value, 0)
        self.epsilon = _number("epsilon", epsilon, 0)

    def initial_state(self):
        return [self.initial_accumulator_value]

    def update(self, w, g, v, t):
        np.multiply(g, g, out=t)
        v += t
        np.add(v, self.epsilon, out=t)
        np.sqrt(t, out=t)
        np.divide(g, t, out=t)
        t *= self.learning_rate
        w -= t


class RMSprop(Optimizer):
    """``v = rho·v + (1 - rho)·g²``, ``w -= lr · g / sqrt(v + epsilon)``: steps measured by recent gradients. Hinton, 2012.

    centered: the mean gradient's square is taken from v first. momentum: steps gather speed as in SGD.
    """

    def __init__(self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
        super().__init__(learning_rate)
        self.rho = _number("rho", rho, 0, 1)
        self.momentum = _number("momentum", momentum, 0, 1)
        self.epsilon = _number("epsilon", epsilon, 0)
        self.centered = centered
        self.slots = 1 + bool(centered) + bool(momentum)

    # The first state array u holds (v + epsilon) / (1 - rho) instead of v. The rule for it is u = rho·u + (g² + epsilon),
    # one pass over memory fewer, and u never fades into the denormal numbers, on which processors are many times slower.

    def initial_state(self):
        return [self.epsilon / (1 - self.rho)] + [0.0] * (self.slots - 1)

    def update(self, w, g, u, *rest):
        *state, t = rest
        np.multiply(g, g, out=t)
        t += self.epsilon
        u *= self.rho
        u += t
        if self.centered:
            mean = state[0]
            np.subtract(g, mean, out=t)
            t *= 1 - self.rho
            mean += t
            np.multiply(mean, mean, out=t)
            t /= self.rho - 1
            t += u
            np.maximum(t, self.epsilon / (1 - self.rho), out=t)  # v ≥ mean² but for rounding
            np.sqrt(t, out=t)
        else:
            np.sqrt(u, out=t)
        np.divide(g, t, out=t)
        t *= self.learning_rate / (1 - self.rho) ** 0.5
        if self.momentum:
            step = state[-1]
            step *= self.momentum
            step += t
            t = step
        w -= t


class Adam(Optimizer):
    """Momentum and RMSprop together: ``m`` averages g, ``v`` averages g², both corrected for starting at 0.

    ``w -= lr · sqrt(1 - beta_2ᵗ) / (1 - beta_1ᵗ) · m / (sqrt(v) + epsilon)`` at update t. Kingma & Ba, 2014.
    """

    slots = 2

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(learning_rate)
        self.beta_1 = _number("beta_1", beta_1, 0, 1)
        self.beta_2 = _number("beta_2", beta_2, 0, 1)
        self.epsilon = _number("epsilon", epsilon, 0)

    def update(self, w, g, m, v, t):
        np.subtract(g, m, out=t)
        t *= 1 - self.beta_1
        m += t
        np.multiply(g, g, out=t)
        t -= v
        t *= 1 - self.beta_2
        v += t
        np.sqrt(v, out=t)
        t += self.epsilon
        np.divide(m, t, out=t)
        t *= self.learning_rate * (1 - self.beta_2**self.iterations) ** 0.5 / (1 - self.beta_1**self.iterations)
        w -= t


OPTIMIZERS = {"sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop, "adam": Adam}


def get(identifier):
    """An Optimizer from a name, class or object."""
    return lookup("optimizer", identifier, OPTIMIZERS, Optimizer)


def _number(name, value, low, below=float("inf")):
    if not isinstance(value, Real) or not low <= value < below:
        raise ValueError(f"{name} must be a number with {low} ≤ {name} < {below}, but got {value!r}")
    return float(value)


def _filled(size, dtype, value):
    array = aligned_zeros((size,), dtype)
    array += value
    return array
