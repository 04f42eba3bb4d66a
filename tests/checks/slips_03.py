"""Typical wrong answers to the exercises of notebook 03, as readers write them, and words of the hint for each."""

import numpy as np


def loops_of_sums(x, y):
    z = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            z[i, j] = x[i, j] + y[i, j]
    return z


def loops_into_a_table_like_x(x, y):
    z = np.empty_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            z[i, j] = x[i, j] * y[i, j]
    return z


def loops_into_whole_numbers(x, y):
    z = np.empty(x.shape, dtype="int64")
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            z[i, j] = x[i, j] * y[i, j]
    return z


def loops_that_run_over_rows_twice(x, y):
    z = np.zeros(x.shape)
    for i in range(len(x)):
        for j in range(len(x)):
            z[i, j] = x[i, j] * y[i, j]
    return z


def loops_with_an_early_return(x, y):
    z = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            z[i, j] = x[i, j] * y[i, j]
        return z


def loops_without_a_return(x, y):
    z = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            z[i, j] = x[i, j] * y[i, j]


def loops_over_the_input(x, y):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] * y[i, j]
    return y


def leaky_by_mask(z):
    z = z.astype(float)
    z[z > 0] *= 0.1
    return z


def leaky_in_a_copy(z):
    result = z.copy()
    result[z < 0] *= 0.1
    return result


def leaky_written_into_a_copy(z):
    result = z.copy()
    result[z < 0] = 0.1 * z[z < 0]
    return result


def leaky_by_if(z):
    return z if z > 0 else 0.1 * z


def leaky_by_max(z):
    return max(z, 0.1 * z)


def inverted_in_place(picture):
    picture[:] = 255 - picture
    return picture


def brightened_by_where(picture, amount):
    wide = picture.astype("int32") + amount
    return np.where(wide > 255, 255, wide).astype("uint8")


def brightened_too_late(picture, amount):
    return np.clip((picture.astype("int64") + amount).astype("uint8"), 0, 255)


def brightened_and_wide(picture, amount):
    wide = picture.astype("int16") + amount
    wide[wide < 0] = 0
    wide[wide > 255] = 255
    return wide


def brightened_without_a_sign(picture, amount):
    return np.clip(picture.astype("uint16") + amount, 0, 255).astype("uint8")


def framed_in_place(picture):
    picture[[0, -1]] = 255
    picture[:, [0, -1]] = 255
    return picture


def framed_in_white(picture):
    result = picture.copy()
    result[[0, -1]] = 0
    result[:, [0, -1]] = 0
    return result


def framed_above_and_left(picture):
    result = picture.copy()
    for i in range(picture.shape[0]):
        result[i, 0] = 255
    for j in range(picture.shape[1]):
        result[0, j] = 255
    return result


def framed_in_rows(picture):
    result = picture.copy()
    result[0, :], result[-1, :] = 255, 255
    return result


def framed_at_27(picture):
    result = picture.copy()
    result[0], result[27] = 255, 255
    result[:, 0], result[:, 27] = 255, 255
    return result


def framed_around(picture):
    result = np.full((picture.shape[0] + 2, picture.shape[1] + 2), 255, "uint8")
    result[1:-1, 1:-1] = picture
    return result


def distance_by_loops(x, y):
    total = 0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total += abs(int(x[i, j]) - int(y[i, j]))
    return total


WRONG = {
    "byte_arithmetic": [
        ((260, -2), "which numbers are left"),
        ((255, 0), "like a clock"),
        ((5, 253), "256 numbers"),
        ([4, -2], "The sum is right"),
        ((np.array([4], "uint8"), np.array([254], "uint8")), "without the array"),
        ((260, 254), "The difference is right"),
    ],
    "naive_multiply": [
        (loops_of_sums, "That is the sum"),
        (loops_into_a_table_like_x, "the dtype of `x`"),
        (loops_into_whole_numbers, "for whole numbers"),
        (loops_that_run_over_rows_twice, "An index ran too far"),
        (loops_with_an_early_return, "inside the outer loop"),
        (loops_without_a_return, "end with `return`"),
        (loops_over_the_input, "for whole numbers"),
        (lambda x, y: np.matmul(x, y), "product of two matrices"),
    ],
    "leaky_relu": [
        (lambda z: z * (z > 0), "relu itself"),
        (leaky_by_mask, "other way round"),
        (lambda z: np.minimum(z, 0.1 * z), "other way round"),
        (lambda z: z / 10, "all numbers have shrunk"),
        (leaky_by_if, "one True or False"),
        (leaky_by_max, "one True or False"),
        (leaky_in_a_copy, "no room for a tenth"),
        (leaky_written_into_a_copy, "lost their fractions"),
        (lambda z: np.maximum(z, 0.01 * z), "a hundredth"),
        (lambda z: np.where(z > 0, z, abs(z) * 0.1), "have become positive"),
    ],
    "inverted": [
        (lambda picture: 0 - picture, "0 stays 0"),
        (lambda picture: 1.0 - picture / 255.0, "from 0.0 to 1.0"),
        (lambda picture: np.max(picture) - picture, "darkest number"),
        (lambda picture: abs(picture - 255), "goes round to 255"),
        (lambda picture: 255.0 - picture, "not `uint8` any more"),
        (lambda picture: ((1 - picture / 255) * 255).astype("uint8"), "164.99"),
        (inverted_in_place, "changes its input"),
    ],
    "shaded": [
        (brightened_too_late, "too late"),
        (brightened_by_where, "less than 0"),
        (brightened_and_wide, "turn it back"),
        (brightened_without_a_sign, "negative"),
    ],
    "who_changes": [
        ("ABDF", "Not A"),
        ("BCDF", "Not C"),
        ("B, D, E, F", "Not E"),
        (["D", "F"], "One is missing: `z += 1`"),
        ("b f", "a view or a copy"),
        ("DB", "`out`"),
        ("BDFG", "Letters from A to F"),
    ],
    "framed": [
        (framed_in_place, "changes its input"),
        (framed_in_white, "colour of paper"),
        (framed_above_and_left, "right and bottom"),
        (framed_in_rows, "Left and right are missing"),
        (framed_around, "has grown"),
        (framed_at_27, "of any size"),
    ],
    "picture_distance": [
        (lambda x, y: abs(x - y).mean(), "has room for negative"),
        (lambda x, y: np.mean(x * 1.0 - y), "cancel"),
        (distance_by_loops, "The sum"),
        (lambda x, y: np.mean((x / 1 - y) ** 2), "squared"),
        (lambda x, y: abs(x / 1 - y), "One number is asked for"),
        (lambda x, y: np.mean(np.abs(x / 255 - y / 255)), "units of the pixels"),
    ],
}
