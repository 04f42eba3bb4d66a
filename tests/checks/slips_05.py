"""Typical wrong answers to the exercises of notebook 05, as readers write them, and words of the hint for each."""

import numpy as np


def replaced_each_time(x, y, i, j):
    total = 0
    for k in range(x.shape[1]):
        total = x[i, k] * y[k, j]
    return total


def returned_too_early(x, y, i, j):
    total = 0
    for k in range(x.shape[1]):
        total += x[i, k] * y[k, j]
        return total


def stopped_too_early(x, y, i, j):
    total = 0
    for k in range(x.shape[1] - 1):
        total += x[i, k] * y[k, j]
    return total


def looped_over_the_rows(x, y, i, j):
    total = 0
    for k in range(len(x)):
        total += x[i, k] * y[k, j]
    return total


def looped_over_the_columns(x, y, i, j):
    total = 0
    for k in range(y.shape[1]):
        total += x[i, k] * y[k, j]
    return total


def exchanged_indices(x, y, i, j):
    total = 0
    for k in range(x.shape[1]):
        total += x[j, k] * y[k, i]
    return total


def row_with_row(x, y, i, j):
    total = 0
    for k in range(x.shape[1]):
        total += x[i, k] * y[j, k]
    return total


def dense_without_relu(x, W, b):
    z = np.dot(x, W)
    return z + b


def dense_with_a_late_bias(x, W, b):
    a = np.dot(x, W)
    a[a < 0] = 0
    return a + b


def dense_for_columns(x, W, b):
    return np.maximum(0, np.dot(x, np.transpose(W)) + b)


def dense_in_place(x, W, b):
    z = x @ W
    b += z[0] * 0 + 1
    return np.maximum(z + b - 1, 0)


def flattened_one_by_one(pictures):
    return np.concatenate([picture.ravel() for picture in pictures])


def flattened_and_stacked_as_columns(pictures):
    return np.stack([picture.ravel() for picture in pictures], axis=1)


def flattened_with_channels(pictures):
    n, height, width, channels = pictures.shape
    return pictures.reshape(n, height * width, channels)


def flattened_to_the_wrong_side(pictures):
    n, height, width, channels = pictures.shape
    return pictures.reshape(height * width * channels, n).T


def index_of_the_pixel(row, column, channel, shape):
    height, width, channels = shape
    return width * row + column


def index_by_height(row, column, channel, shape):
    height, width, channels = shape
    return row * height * channels + column * channels + channel


def index_from_one(row, column, channel, shape):
    height, width, channels = shape
    return row * width * channels + column * channels + channel + 1


def index_of_planes(row, column, channel, shape):
    height, width, channels = shape
    return channel * height * width + row * width + column


def index_first_axis_fastest(row, column, channel, shape):
    height, width, channels = shape
    return row + column * height + channel * height * width


def left_first(a, b, c, d):
    return a * c * (b + d)


def right_first(a, b, c, d):
    return b * d * (a + c)


def first_product_only(a, b, c, d):
    return a * b * c if a * b * c < b * c * d else b * c * d


def planes_to_confetti(planes):
    _, height, width = planes.shape
    return planes.reshape(height, width, 3)


def planes_reversed(planes):
    return np.transpose(planes)


def planes_in_one_row(planes):
    red, green, blue = planes
    return np.stack([red.ravel(), green.ravel(), blue.ravel()], axis=1)


def planes_blue_first(planes):
    red, green, blue = planes
    return np.stack([blue, green, red], axis=-1)


def gram(x):
    table = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        for j in range(len(x)):
            table[i, j] = x[i] @ x[j]
    return table


def gram_of_features(x):
    return np.dot(x.T, x)


def cosines_without_a_root(x):
    squares = (x * x).sum(axis=1)
    return x @ x.T / np.outer(squares, squares)


def cosines_by_columns(x):
    unit = x / np.linalg.norm(x, axis=0)
    return unit @ unit.T


def cosines_half_divided(x):
    norms = np.linalg.norm(x, axis=1)
    return (x @ x.T) / norms[:, None]


def cosines_in_place(x):
    x /= np.linalg.norm(x, axis=1)[:, None]
    return x @ x.T


WRONG = {
    "chain_shape": [
        ((3, 5), "first product alone"),
        ((4, 2), "second and the third"),
        ((2, 3), "wrong order"),
        ((3, 4, 5, 2), "Inner lengths vanish"),
        ("error", "no error"),
        ((3, 4), "which two stay"),
        ("(3, 2)", "is a text"),
    ],
    "product_at": [
        (replaced_each_time, "replace the total"),
        (returned_too_early, "inside the loop"),
        (stopped_too_early, "where does the loop end"),
        (looped_over_the_rows, "The rows of `x` don't matter"),
        (looped_over_the_columns, "The columns of `y` don't matter"),
        (exchanged_indices, "row j and column i"),
        (row_with_row, "row of `x` with a row of `y`"),
        (lambda x, y, i, j: np.matmul(x, y), "whole product"),
    ],
    "dense_layer": [
        (dense_without_relu, "That is z"),
        (dense_with_a_late_bias, "before relu"),
        (dense_for_columns, "need not be transposed"),
        (dense_in_place, "changes its input"),
        (lambda x, W, b: np.maximum(np.matmul(x, W), 0), "Where is the bias"),
        (lambda x, W, b: (x @ W + b).max(axis=0), "largest number along an axis"),
        (lambda x, W, b: np.maximum(W @ x + b, 0), "read the last line of the error"),
    ],
    "flatten_batch": [
        (flattened_one_by_one, "row of its own"),
        (flattened_and_stacked_as_columns, "become the columns"),
        (flattened_with_channels, "an axis of their own"),
        (flattened_to_the_wrong_side, "are mixed"),
        (lambda pictures: pictures.T.reshape(len(pictures), -1), "all four axes"),
        (lambda pictures: pictures.reshape(len(pictures), 784), "read the last line of the error"),
    ],
    "flat_index": [
        (index_of_the_pixel, "number of the pixel"),
        (index_by_height, "*wide*"),
        (lambda row, column, channel, shape: row * shape[1] * shape[2] + column + channel, "skips a whole pixel"),
        (lambda row, column, channel, shape: (row * shape[1] + column) * shape[2], "where the pixel begins"),
        (index_from_one, "One too many"),
        (index_of_planes, "*first* axis"),
        (index_first_axis_fastest, "it's the last"),
    ],
    "fewest_multiplications": [
        (left_first, "from left to right"),
        (right_first, "from right to left"),
        (first_product_only, "only the first"),
        (lambda a, b, c, d: max(left_first(a, b, c, d), right_first(a, b, c, d)), "dearer"),
        (lambda a, b, c, d: d * c * b * a, "all four lengths"),
    ],
    "channels_last": [
        (planes_to_confetti, "confetti"),
        (planes_reversed, "height and width are exchanged"),
        (lambda planes: planes.T.reshape(planes.shape[1], planes.shape[2], 3), "not their places"),
        (planes_in_one_row, "give them back their rows"),
        (planes_blue_first, "Red and blue"),
        (lambda planes: np.moveaxis(planes, 0, -1).astype(float), "the dtype uint8"),
    ],
    "cosine_table": [
        (gram, "Long rows still count"),
        (gram_of_features, "Each *row* should meet each row"),
        (cosines_without_a_root, "A root is missing"),
        (cosines_by_columns, "lengths of the columns"),
        (cosines_half_divided, "one side only"),
        (lambda x: x @ x.T / np.linalg.norm(x, axis=1), "Divided only once"),
        (lambda x: (x / np.linalg.norm(x, axis=1)) @ (x / np.linalg.norm(x, axis=1)).T, "must be a column"),
        (cosines_in_place, "changes its input"),
    ],
}
