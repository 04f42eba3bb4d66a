"""The judge of all other gradients must itself be right."""

import numpy as np
import pytest

from helpers.gradients import numerical_gradient, relative_error


def test_gradient_of_a_known_function():
    x = np.array([[1.0, -2.0], [3.0, 0.5]])
    np.testing.assert_allclose(numerical_gradient(lambda: np.sum(x**3), x), 3 * x**2, rtol=1e-8)


def test_central_differences_are_exact_for_a_parabola():
    # One-sided differences would be off by h = 0.5 here.
    x = np.array([2.0])
    assert numerical_gradient(lambda: x[0] ** 2, x, h=0.5).tolist() == [4]


@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (2, 1, 2), (0,)])
def test_any_shape_and_x_is_put_back(shape):
    x = np.random.default_rng(0).normal(size=shape)
    before = x.copy()
    np.testing.assert_allclose(numerical_gradient(lambda: 2 * np.sum(x), x), np.full(shape, 2.0), rtol=1e-8)
    assert x.tobytes() == before.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_only_float64(dtype):
    with pytest.raises(TypeError, match=rf"{dtype}.*astype\('float64'\)"):
        numerical_gradient(lambda: 0, np.zeros(2, dtype))


def test_relative_error():
    a = np.array([3.0, 4.0])
    assert relative_error(a, a) == 0
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error(a, np.zeros(2)) == 1
    assert relative_error(a, -a) == 1
    assert relative_error(a, 1.1 * a) == pytest.approx(0.1 / 2.1)
    assert relative_error(1e-9 * a, 1.1e-9 * a) == pytest.approx(0.1 / 2.1)  # units do not matter
    assert isinstance(relative_error(a, a), float)
