"""Typical wrong answers to the exercises of notebook 04, as readers write them, and words of the hint for each."""

import numpy as np


def table_by_loops_of_sums(n):
    table = np.zeros((len(n), len(n)), int)
    for i, a in enumerate(n):
        for j, b in enumerate(n):
            table[i, j] = a + b
    return table


def fits_from_the_left(a, b):
    for i in range(min(len(a), len(b))):
        if a[i] != b[i] and a[i] != 1 and b[i] != 1:
            return False
    return True


def fits_without_ones(a, b):
    for i in range(1, min(len(a), len(b)) + 1):
        if a[-i] != b[-i]:
            return False
    return True


def fits_if_ranks_are_equal(a, b):
    return len(a) == len(b) and all(m == n or m == 1 or n == 1 for m, n in zip(a, b))


def fits_by_or(a, b):
    for m, n in zip(a[::-1], b[::-1]):
        if m != n or m != 1 or n != 1:
            return False
    return True


def fits_with_a_one_in_the_second(a, b):
    for m, n in zip(a[::-1], b[::-1]):
        if m != n and n != 1:
            return False
    return True


def fits_if_the_last_do(a, b):
    for m, n in zip(a[::-1], b[::-1]):
        return m == n or m == 1 or n == 1
    return True


def fits_but_for_scalars(a, b):
    return len(a) > 0 and not fits_from_the_left(a[::-1], b[::-1])


def centred_in_place(x):
    x -= x.mean(axis=1)[:, None]
    return x


WRONG = {
    "sum_shape": [
        ((8, 1, 6), "the 1 of the first shape"),
        ((7, 6), "three axes"),
        ("error", "never clashes"),
        ("(8, 7, 6)", "is a text"),
    ],
    "times_table": [
        (lambda n: n**2, "Make one of the two a column"),
        (table_by_loops_of_sums, "table of sums"),
        (lambda n: np.outer(n, n).ravel(), "the shape should be (3, 3)"),
    ],
    "broadcasts": [
        (fits_from_the_left, "right ends"),
        (fits_without_ones, "a 1 fits"),
        (fits_if_ranks_are_equal, "new axes on its left"),
        (fits_by_or, "by `and`, not by `or`"),
        (fits_with_a_one_in_the_second, "The 1 may stand in the first"),
        (lambda a, b: fits_with_a_one_in_the_second(b, a), "The 1 may stand in the second"),
        (fits_if_the_last_do, "inside the loop"),
        (fits_but_for_scalars, "say of each pair"),
        (lambda a, b: True, "True each time"),
        (lambda a, b: False, "False each time"),
        (lambda a, b: a == b, "say of each pair"),
    ],
    "since_open": [
        (lambda prices: prices - prices[:, 0:1, :], "take only *now*"),
        (lambda prices: prices - prices[0, 0, -1], "first day"),
        (lambda prices: prices - prices[:, -1:, -1:], "first is number 0"),
        (lambda prices: prices - prices[:, :1, 0:1], "first *highest*"),
        (lambda prices: prices - prices[:, :1, 1:2], "first *lowest*"),
        (lambda prices: prices - prices[..., 2:], "of each minute"),
        (lambda prices: prices - prices[:, 0, 2], "a slice keeps it"),
        (lambda prices: prices - prices[:, 0], "a slice keeps it"),
    ],
    "without_red": [
        (lambda films: films * np.array([1, 0, 0], "uint8"), "keeps red"),
        (lambda films: films * np.array([1, 1, 0], "uint8"), "red, green, blue"),
        (lambda films: films * np.array([0, 1, 1]), "give your vector the dtype"),
        (lambda films: films * np.array([0.0, 1.0, 1.0]), "no longer uint8"),
    ],
    "centre_rows": [
        (lambda x: x - np.mean(x, 0), "axis=0"),
        (lambda x: x - np.mean(x), "Each row has its own"),
        (lambda x: x - np.mean(x, 1), "make them a column"),
        (centred_in_place, "changes its input"),
    ],
    "distances": [
        (lambda a: np.sum((a - a) ** 2, axis=1), "each row meets each other"),
        (lambda a: np.sum(a[:, None] - a, axis=-1), "Square before"),
        (lambda a: np.linalg.norm(a[:, None] - a, axis=-1), "without the root"),
        (lambda a: np.sum((a[:, None] - a) ** 2, axis=0), "last axis"),
        (lambda a: (a[:, None] - a) ** 2, "one for each feature"),
        (lambda a: np.sum(a[:, None] - a, axis=-1) ** 2, "First square, then sum"),
        (lambda a: np.sum(abs(a[:, None] - a), axis=-1), "to be squared"),
    ],
}
