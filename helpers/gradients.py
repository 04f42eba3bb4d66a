"""Gradients by brute force: slow, simple, and the judge of every formula in `kernels`."""

import numpy as np


def numerical_gradient(f, x, h=1e-5):
    """Central differences ``(f(x + h) - f(x - h)) / 2h``, one element of x at a time.

    f: a function of no arguments that reads x and returns a number. x: float64 array, any shape; changed in
    place while measuring and put back, whatever happens. Returns an array of x's shape. Raises TypeError if x is not
    a float64 array: float32 has too few digits for a difference this small.
    """
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        found = getattr(x, "dtype", type(x).__name__)
        raise TypeError(f"numerical_gradient needs a float64 array, but got {found}: use x.astype('float64')")
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        before = x[index]
        try:
            x[index] = before + h
            above = f()
            x[index] = before - h
            below = f()
        finally:
            x[index] = before
        gradient[index] = (above - below) / (2 * h)
    return gradient


def relative_error(a, b):
    """Distance of two arrays in units of their length: ``‖a - b‖ / (‖a‖ + ‖b‖)``; 0 for two zero arrays.

    Raises ValueError if their shapes differ: NumPy would stretch one of them, and a wrong gradient look right.
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"relative_error compares arrays of one shape, but got {np.shape(a)} and {np.shape(b)}")
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(np.subtract(a, b)) / size) if size else 0.0
