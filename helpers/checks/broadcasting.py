"""The exercises of notebook 04."""

import numpy as np

from helpers.checks.core import Function, Value


def fits(a, b):
    """Whether two shapes broadcast, by NumPy itself."""
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return False
    return True


def numbers(*shape):
    """Random numbers for a case, the same each time."""
    return np.random.default_rng(sum(shape)).normal(size=shape).round(1)


sum_shape = Value(
    "sum_shape",
    (8, 7, 6),
    {
        "Lengths of 1 are repeated on both sides: the 1 of the first shape meets the 7 of the second.": (8, 1, 6),
        "The first shape has three axes, so the result has three as well.": lambda a: len(a) == 2,
        "A length of 1 never clashes. Align right: 6 meets 1, then 1 meets 7.": lambda a: (
            isinstance(a, str) and not any(sign.isdigit() for sign in a)
        ),
    },
    "Write the two shapes one under the other, right ends aligned, and go through the four steps.",
)

times_table = Function(
    "times_table",
    lambda n: n[:, None] * n,
    [(np.arange(1, 4),), (np.arange(1, 11),), (np.array([2, 5]),)],
    {
        "That is each number times itself. Make one of the two a column: `n[:, None]`.": lambda n: n * n,
        "That is a table of sums. Which sign multiplies?": lambda n: n[:, None] + n,
    },
)

broadcasts = Function(
    "broadcasts",
    fits,
    [
        ((2, 3), (3,)),
        ((2, 3), (2,)),
        ((2, 3), (2, 1)),
        ((4, 1), (3,)),
        ((), (5, 5)),
        ((3, 1, 2), (4, 2)),
        ((3, 4, 2), (3, 2)),
        ((1,), (7, 1)),
        ((5, 2), (5, 2)),
    ],
    {
        # First, so that it is also said to a function that is only sometimes wrong: all wrong answers look alike here.
        "Write the two shapes one under the other, right ends aligned. What does your function say of each pair?": (
            lambda a, b: not fits(a, b)
        ),
        "Align the shapes at their right ends, not at their left ends.": lambda a, b: all(
            m == n or 1 in (m, n) for m, n in zip(a, b)
        ),
        "Lengths need not be equal: a 1 fits to everything.": lambda a, b: all(
            m == n for m, n in zip(a[::-1], b[::-1])
        ),
        "Shapes of different rank may fit, too: the shorter one gets new axes on its left.": lambda a, b: (
            len(a) == len(b) and fits(a, b)
        ),
        "Two lengths clash if they differ *and* neither is 1: join the conditions by `and`, not by `or`.": lambda a, b: (
            all(m == n == 1 for m, n in zip(a[::-1], b[::-1]))
        ),
        "The 1 may stand in the first shape as well as in the second.": lambda a, b: all(
            n in (m, 1) for m, n in zip(a[::-1], b[::-1])
        ),
        "The 1 may stand in the second shape as well as in the first.": lambda a, b: all(
            m in (n, 1) for m, n in zip(a[::-1], b[::-1])
        ),
        "Only the last pair of lengths is compared: does a `return` stand inside the loop?": lambda a, b: fits(
            a[-1:], b[-1:]
        ),
        "That is True each time. When do two lengths clash?": lambda a, b: True,
        "That is False each time. When do two lengths fit?": lambda a, b: False,
    },
)

since_open = Function(
    "since_open",
    lambda prices: prices - prices[:, :1, 2:],
    [(numbers(2, 3, 3),), (numbers(5, 4, 3),), (numbers(1, 1, 3),)],
    {
        "`prices[:, :1]` still has three numbers in its last axis: take only *now*, the last.": lambda prices: (
            prices - prices[:, :1]
        ),
        "That is the first price of the first day, for all days. Keep the axis of days: `:`.": lambda prices: (
            prices - prices[0, 0, 2]
        ),
        "That is the last minute of each day. The first is number 0.": lambda prices: prices - prices[:, -1:, 2:],
        "That is the first *highest* price. *Now* is the last of the three.": lambda prices: prices - prices[:, :1, :1],
        "That is the first *lowest* price. *Now* is the last of the three.": lambda prices: prices - prices[:, :1, 1:2],
        "That is the price *now* of each minute. Of each day, only the first is to be subtracted.": lambda prices: (
            prices - prices[:, :, 2:]
        ),
        "What you subtract needs shape `(days, 1, 1)`: a number in the brackets removes its axis, a slice keeps it.": (
            lambda prices: prices - prices[:, 0, 2]
        ),
    },
)

without_red = Function(
    "without_red",
    lambda films: films * np.array([0, 1, 1], dtype=films.dtype),
    [(np.arange(24, dtype="uint8").reshape(1, 2, 2, 2, 3),), (np.full((2, 1, 1, 2, 3), 200, "uint8"),)],
    {
        "That keeps red and takes out the others.": lambda films: films * np.array([1, 0, 0], films.dtype),
        "That takes out blue: the channels come in the order red, green, blue.": lambda films: (
            films * np.array([1, 1, 0], films.dtype)
        ),
        "The colours are right, but the dtype is no longer uint8, and that takes more memory: "
        "give your vector the dtype of the films.": lambda films: films * np.array([0, 1, 1], "int64"),
    },
)

centre_rows = Function(
    "centre_rows",
    lambda x: x - x.mean(axis=1, keepdims=True),
    [(numbers(2, 3),), (numbers(3, 3),), (numbers(5, 1),)],
    {
        "That centres the columns: `axis=0` averages over the rows. Which axis runs along a row?": lambda x: (
            x - x.mean(axis=0)
        ),
        "That subtracts one mean, of all numbers. Each row has its own: say which axis.": lambda x: x - x.mean(),
        "The means are right, but they go to the columns: make them a column, with `[:, None]` or `keepdims=True`.": (
            lambda x: x - x.mean(axis=1)
        ),
    },
)

distances = Function(
    "distances",
    lambda a: ((a[:, None] - a) ** 2).sum(axis=-1),
    [(np.array([[0.0, 0.0], [3.0, 4.0], [6.0, -8.0]]),), (numbers(4, 3),), (numbers(2, 784),)],
    {
        "That is each row minus itself. Make new axes, so that each row meets each other: `a[:, None] - a`.": lambda a: (
            ((a - a) ** 2).sum(axis=-1)
        ),
        "Square before you sum: else steps to the left and to the right cancel.": lambda a: (a[:, None] - a).sum(
            axis=-1
        ),
        "That is the distance itself. Asked for is its square, without the root.": lambda a: np.sqrt(
            ((a[:, None] - a) ** 2).sum(axis=-1)
        ),
        "Sum over the features, the last axis.": lambda a: ((a[:, None] - a) ** 2).sum(axis=0),
        "These are the squares, still one for each feature. Add them up along the last axis.": lambda a: (
            (a[:, None] - a) ** 2
        ),
        "First square, then sum: the square of a sum is another number.": lambda a: (a[:, None] - a).sum(axis=-1) ** 2,
        "The differences are to be squared. To leave out their signs is not enough.": lambda a: np.abs(
            a[:, None] - a
        ).sum(axis=-1),
    },
)
