"""The tensor operations as plain Python loops: to read what they do, and to time against NumPy.

NumPy only holds the numbers here (`np.asarray`, `np.empty`, an index in brackets); each sum and product is made one by
one, in a loop. Every function takes arrays or nested lists, leaves them as they are, and refuses shapes that don't fit.
"""

import numpy as np

# ── element-wise ────────────────────────────────────────────────────────────────────────────────────────────────────


def relu(z):
    """The larger of z and 0, number by number.

    z: (rows, columns) → a: the same shape. ValueError if z is not a matrix.
    """
    z = checked("relu", "z", z, axes=2)
    rows, columns = z.shape
    a = np.empty((rows, columns), z.dtype)
    for i in range(rows):
        for j in range(columns):
            a[i, j] = max(z[i, j], 0)
    return a


def add(x, y):
    """The sum x + y, number by number.

    x, y: both (rows, columns) → the same shape. ValueError if the two shapes differ.
    """
    x, y = checked("add", "x", x, axes=2), checked("add", "y", y, axes=2)
    if x.shape != y.shape:
        raise ValueError(f"add: x has shape {x.shape} and y has shape {y.shape}; the two must be equal.")
    rows, columns = x.shape
    z = np.empty((rows, columns), np.result_type(x, y))
    for i in range(rows):
        for j in range(columns):
            z[i, j] = x[i, j] + y[i, j]
    return z


def add_matrix_and_vector(x, b):
    """The sum x + b, where the vector b is added to every row of x.

    x: (samples, units), b: (units,) → (samples, units). ValueError if x has not as many columns as b has numbers.
    """
    x, b = checked("add_matrix_and_vector", "x", x, axes=2), checked("add_matrix_and_vector", "b", b, axes=1)
    samples, units = x.shape
    if units != len(b):
        raise ValueError(
            f"add_matrix_and_vector: x has shape {x.shape} and b has shape {b.shape}; "
            f"the {units} columns of x must equal the {len(b)} numbers of b."
        )
    z = np.empty((samples, units), np.result_type(x, b))
    for i in range(samples):
        for j in range(units):
            z[i, j] = x[i, j] + b[j]
    return z


# ── dot products ────────────────────────────────────────────────────────────────────────────────────────────────────


def vector_dot(x, y):
    """The dot product of two vectors: multiply number by number, add up the products.

    x, y: both (n,) → one number. ValueError if the lengths differ.
    """
    x, y = checked("vector_dot", "x", x, axes=1), checked("vector_dot", "y", y, axes=1)
    if len(x) != len(y):
        raise ValueError(
            f"vector_dot: x has shape {x.shape} and y has shape {y.shape}; "
            f"the {len(x)} numbers of x must equal the {len(y)} numbers of y in count."
        )
    total = 0
    for k in range(len(x)):
        total = total + x[k] * y[k]
    return total


def matrix_vector_dot(W, x):
    """The product of a matrix and a vector: the dot product of each row of W with x.

    W: (rows, columns), x: (columns,) → (rows,). ValueError if W has not as many columns as x has numbers.
    """
    W, x = checked("matrix_vector_dot", "W", W, axes=2), checked("matrix_vector_dot", "x", x, axes=1)
    rows, columns = W.shape
    if columns != len(x):
        raise ValueError(
            f"matrix_vector_dot: W has shape {W.shape} and x has shape {x.shape}; "
            f"the {columns} columns of W must equal the {len(x)} numbers of x."
        )
    z = np.empty(rows, np.result_type(W, x))
    for i in range(rows):
        total = 0
        for k in range(columns):
            total = total + W[i, k] * x[k]
        z[i] = total
    return z


def matrix_dot(x, y):
    """The product of two matrices: the dot product of each row of x with each column of y.

    x: (a, b), y: (b, c) → (a, c). ValueError if x has not as many columns as y has rows.
    """
    x, y = checked("matrix_dot", "x", x, axes=2), checked("matrix_dot", "y", y, axes=2)
    if x.shape[1] != y.shape[0]:
        raise ValueError(
            f"matrix_dot: x has shape {x.shape} and y has shape {y.shape}; "
            f"the {x.shape[1]} columns of x must equal the {y.shape[0]} rows of y."
        )
    z = np.empty((x.shape[0], y.shape[1]), np.result_type(x, y))
    for i in range(x.shape[0]):
        for j in range(y.shape[1]):
            total = 0
            for k in range(x.shape[1]):
                total = total + x[i, k] * y[k, j]
            z[i, j] = total
    return z


# ── reshaping ───────────────────────────────────────────────────────────────────────────────────────────────────────


def place(i, shape):
    """Where the i-th number stands in an array of this shape: the last axis runs fastest (row-major order).

    i: 0 … numbers - 1 → an index with one entry for each axis.
    """
    index = ()
    for length in reversed(shape):
        i, rest = divmod(i, length)
        index = (rest, *index)
    return index


def reshape(x, shape):
    """The same numbers in the same order, in another shape; one length may be -1: "whatever is left".

    x: any shape → shape. ValueError if the new shape has not as many places as x has numbers.
    """
    x = np.asarray(x)
    shape = complete(shape, x)
    y = np.empty(shape, x.dtype)
    for i in range(x.size):
        y[place(i, shape)] = x[place(i, x.shape)]
    return y


# ── checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def checked(function, name, x, axes):
    """The input x as an array. ValueError, with the names of function and input, if it has another number of axes."""
    x = np.asarray(x)
    if x.ndim != axes:
        kind = {1: "a vector, with one axis", 2: "a matrix, with two axes"}[axes]
        raise ValueError(f"{function}: {name} must be {kind}; it has shape {x.shape}.")
    return x


def complete(shape, x):
    """The shape as a tuple, with -1 replaced by the length that gives x's numbers. ValueError if none does."""
    asked = tuple(shape) if np.ndim(shape) else (shape,)
    if asked.count(-1) > 1 or any(length < -1 for length in asked):
        raise ValueError(f"reshape: in {asked} only one length may be -1, and none may be less.")
    places = 1
    for length in asked:
        places = places * (length if length != -1 else 1)
    if -1 in asked and places > 0 and x.size % places == 0:
        return tuple(x.size // places if length == -1 else length for length in asked)
    if -1 in asked:
        raise ValueError(
            f"reshape: x has shape {x.shape}, so {x.size} numbers; no length in place of the -1 in {asked} gives as many."
        )
    if places != x.size:
        raise ValueError(f"reshape: x has shape {x.shape}, so {x.size} numbers; {asked} has {places} places.")
    return asked
