"""Where weights start: small random numbers, scaled so that signals neither fade nor explode from layer to layer."""

import numpy as np

from helpers.utils import lookup, random_generator


class Initializer:
    """Base: `initializer(shape, dtype)` returns a new array. seed: its own stream of numbers; None draws from the
    shared one that `utils.set_random_seed` sets."""

    def __init__(self, seed=None):
        self.generator = None if seed is None else np.random.default_rng(seed)

    def __call__(self, shape, dtype="float32"):
        return np.asarray(self.sample(self.generator or random_generator(), tuple(shape))).astype(dtype)


class Zeros(Initializer):
    """All 0: the usual start of a bias."""

    def sample(self, generator, shape):
        return np.zeros(shape)


class Ones(Initializer):
    """All 1."""

    def sample(self, generator, shape):
        return np.ones(shape)


class RandomNormal(Initializer):
    """Normal with the given mean and standard deviation."""

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def sample(self, generator, shape):
        return generator.normal(self.mean, self.stddev, shape)


class RandomUniform(Initializer):
    """Uniform between minval and maxval."""

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def sample(self, generator, shape):
        return generator.uniform(self.minval, self.maxval, shape)


class GlorotUniform(Initializer):
    """Uniform in ±sqrt(6 / (inputs + units)). Glorot & Bengio, 2010; Keras's default for Dense."""

    def sample(self, generator, shape):
        limit = np.sqrt(6 / (shape[0] + shape[-1]))
        return generator.uniform(-limit, limit, shape)


class HeUniform(Initializer):
    """Uniform in ±sqrt(6 / inputs), made for relu. He et al., 2015."""

    def sample(self, generator, shape):
        limit = np.sqrt(6 / shape[0])
        return generator.uniform(-limit, limit, shape)


INITIALIZERS = {
    "glorot_uniform": GlorotUniform,
    "he_uniform": HeUniform,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "zeros": Zeros,
    "ones": Ones,
}


def get(identifier):
    """An Initializer from a name, class or object."""
    return lookup("initializer", identifier, INITIALIZERS, Initializer)
