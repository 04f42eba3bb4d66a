"""Where weights start: bounds, spread, seeds."""

import numpy as np
import pytest

from helpers import initializers, utils

SHAPE = (300, 200)  # large enough for sample statistics to sit close to the true ones

# name → low, high, standard deviation
UNIFORM = {
    "glorot_uniform": (6 / 500) ** 0.5,
    "he_uniform": (6 / 300) ** 0.5,
    "random_uniform": 0.05,
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", initializers.INITIALIZERS)
def test_shape_and_dtype(name, dtype):
    w = initializers.get(name)((3, 2), dtype)
    assert (w.shape, w.dtype) == ((3, 2), dtype)
    assert initializers.get(name)((3, 2)).dtype == "float32"
    assert w.flags.writeable


@pytest.mark.parametrize(("name", "limit"), UNIFORM.items())
def test_uniform_bounds_and_spread(name, limit):
    w = type(initializers.get(name))(seed=1)(SHAPE, "float64")
    assert -limit <= w.min() < -0.99 * limit
    assert 0.99 * limit < w.max() <= limit
    assert abs(w.mean()) < 0.02 * limit
    assert w.std() == pytest.approx(limit / 3**0.5, rel=0.01)


def test_random_uniform_and_normal_arguments():
    w = initializers.RandomUniform(2, 3, seed=1)(SHAPE)
    assert 2 <= w.min() < 2.01 < 2.99 < w.max() <= 3
    w = initializers.RandomNormal(mean=1.0, stddev=0.1, seed=1)(SHAPE, "float64")
    assert w.mean() == pytest.approx(1, abs=2e-3)
    assert w.std() == pytest.approx(0.1, rel=0.02)
    assert np.mean(np.abs(w - 1) < 0.1) == pytest.approx(0.6827, abs=0.01)  # a bell, not a box
    assert initializers.RandomNormal(seed=1)(SHAPE).std() == pytest.approx(0.05, rel=0.02)


def test_constants():
    assert initializers.get("zeros")((2,)).tolist() == [0, 0]
    assert initializers.get("ones")((2,)).tolist() == [1, 1]


RANDOM = ["glorot_uniform", "he_uniform", "random_uniform", "random_normal"]


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_repeats_whatever_the_shared_generator_does(name):
    kind = type(initializers.get(name))
    first = kind(seed=5)((4, 3))
    utils.random_generator().normal(size=7)
    np.testing.assert_array_equal(kind(seed=5)((4, 3)), first)
    assert (kind(seed=6)((4, 3)) != first).any()
    one = kind(seed=5)
    assert (one((4, 3)) != one((4, 3))).any()  # two layers sharing an initializer do not start alike


@pytest.mark.parametrize("name", RANDOM)
def test_without_a_seed_the_shared_generator_counts(name):
    made_before = initializers.get(name)  # asks for the generator when called, not when made
    utils.set_random_seed(3)
    first = made_before((4, 3)), made_before((4, 3))
    utils.set_random_seed(3)
    np.testing.assert_array_equal(initializers.get(name)((4, 3)), first[0])
    np.testing.assert_array_equal(initializers.get(name)((4, 3)), first[1])
    assert (first[0] != first[1]).any()


def test_get_takes_names_classes_and_objects():
    mine = initializers.HeUniform(seed=1)
    assert initializers.get(mine) is mine
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    with pytest.raises(ValueError, match="Did you mean 'he_uniform'"):
        initializers.get("he_unifrom")


def test_a_normal_is_about_zero_unless_told_otherwise():
    numbers = initializers.RandomNormal(seed=0)((1000,))
    assert abs(numbers.mean()) < 0.01
    assert numbers.std() == pytest.approx(0.05, rel=0.1)
