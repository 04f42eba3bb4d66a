"""The exercises of notebook 02."""

import numpy as np

from helpers.checks.core import Function, Value
from helpers.datasets import samples

sliced_shape = Value(
    "sliced_shape",
    (100, 14),
    {
        "The number 3 removes its axis. Which lengths are left?": lambda a: tuple(a) in [(100, 1, 14), (100, 3, 14)],
        "`stop` itself is left out: how many numbers are there from 100 to 199?": lambda a: a[0] in (99, 101),
        "`7:-7` leaves out seven at the beginning *and* seven before the end.": lambda a: a[-1] in (21, 13, 15, 7),
        "Only 3 is a number, and removes its axis. The other two are slices, and keep theirs.": lambda a: len(a) == 1,
        "After the first comma comes the second axis, the rows: 3 takes one of them.": (100, 28, 14),
    },
    "Go through the three axes one by one: what is taken of 60000, of 28, of 28?",
)

after_two_changes = Value(
    "after_two_changes",
    [0, 0, 0, 0, 4, 5],
    {
        "A slice is a view: what is written into `part` is written into `x`.": [0, 1, 2, 3, 4, 5],
        "Entries picked by a list of places are a copy. What is written into `picked` stays there.": [0, 0, 0, 0, 9, 9],
        "It is the other way round: which of the two is a view of `x`, and which is a copy?": [0, 1, 2, 3, 9, 9],
        "`stop` is left out: `x[1:4]` goes from place 1 to place 3.": [0, 0, 0, 0, 0, 5],
        "`part[:] = 0` writes into all of `part`, not only into its first entry.": [0, 0, 2, 3, 4, 5],
    },
    "Six numbers. Which of them does `part` share with `x`, and which does `picked`?",
)


def halves(images):
    return images.shape[1] // 2, images.shape[2] // 2


def cut(rows, columns):
    """A crop of the pictures: rows and columns are functions of half the height or width."""

    def crop(images):
        height, width = halves(images)
        return images[:, rows(height), columns(width)]

    return crop


def first(half):
    return slice(half)


def second(half):
    return slice(half, None)


def numbered(*shape):
    return np.arange(np.prod(shape)).reshape(shape)


upper_left = Function(
    "upper_left",
    cut(first, first),
    [(numbered(2, 4, 6),), (numbered(3, 28, 28),), (numbered(1, 6, 2),)],
    {
        "That is the lower right quarter. Row 0 is at the top, column 0 at the left.": cut(second, second),
        "That is the upper *right* quarter. Column 0 is at the left.": cut(first, second),
        "That is the *lower* left quarter. Row 0 is at the top.": cut(second, first),
        "That is the whole left half. Rows are to be cut, too.": cut(lambda height: slice(None), first),
        "That is the whole upper half. Columns are to be cut, too.": cut(first, lambda width: slice(None)),
        "The first axis counts the pictures. Take all of it, then cut the other two.": lambda images: images[
            : halves(images)[0], : halves(images)[1]
        ],
        "A row and a column are missing: a slice leaves out `stop` by itself.": cut(
            lambda height: slice(height - 1), lambda width: slice(width - 1)
        ),
        "A row and a column too many: a slice starts at 0, so half of the height is its `stop`.": cut(
            lambda height: slice(height + 1), lambda width: slice(width + 1)
        ),
        "14 is half of 28. Pictures of another size have another half: ask `images.shape`.": lambda images: images[
            :, :14, :14
        ],
        "`images.shape[0]` counts the pictures. Height and width come after it.": lambda images: images[
            :, : images.shape[0] // 2, : images.shape[1] // 2
        ],
        "Height and width are exchanged: rows are cut by half the height, columns by half the width.": (
            lambda images: images[:, : halves(images)[1], : halves(images)[0]]
        ),
        "If it says *slice indices must be integers*: 28 / 2 is 14.0, but 28 // 2 is 14.": lambda images: images[
            :, : images.shape[1] / 2
        ],
    },
)

nth_batch = Function(
    "nth_batch",
    lambda x, n, size: x[size * n : size * (n + 1)],
    [(np.arange(10), 1, 4), (np.arange(10), 0, 3), (np.arange(10), 2, 4), (numbered(7, 2), 1, 3)],
    {
        "That starts at sample n. Batch n starts later: how many samples are in the batches before it?": (
            lambda x, n, size: x[n : n + size]
        ),
        "That is one batch too early: they are counted from 0.": lambda x, n, size: x[size * (n - 1) : size * n],
        "That is one batch too late: they are counted from 0.": lambda x, n, size: x[size * (n + 1) : size * (n + 2)],
        "One sample too many: a slice leaves out `stop` by itself.": lambda x, n, size: x[
            size * n : size * (n + 1) + 1
        ],
        "One sample is missing: a slice leaves out `stop` by itself.": lambda x, n, size: x[
            size * n : size * (n + 1) - 1
        ],
        "`stop` is a place, not a length: where does the batch end?": lambda x, n, size: x[size * n : size],
        "That goes on to the end. Where does the batch stop?": lambda x, n, size: x[size * n :],
        "`size * n + 1` multiplies first. Where do the brackets belong?": lambda x, n, size: x[size * n : size * n + 1],
        "Your batches have 128 samples each. Here they have `size`.": lambda x, n, size: x[128 * n : 128 * (n + 1)],
        "If the last batch would be too short, nothing is lost: take what is left.": lambda x, n, size: (
            x[size * n : size * (n + 1)] if size * (n + 1) <= len(x) else x[:0]
        ),
    },
)


def batch_sizes(count, size):
    """The sizes of all batches, by cutting them."""
    return [len(range(count)[start : start + size]) for start in range(0, count, size)]


count_batches = Function(
    "count_batches",
    lambda count, size: (len(batch_sizes(count, size)), batch_sizes(count, size)[-1]),
    [(60000, 128), (60000, 500), (10, 4), (3, 128), (128, 128)],
    {
        "`//` counts the full batches only. If samples are left, there is one more.": lambda count, size: (
            count // size,
            count % size,
        ),
        "`round` goes to the nearest whole number, up or down. But a rest, however small, needs a batch.": (
            lambda count, size: (round(count / size), count % size)
        ),
        "`round` goes to the nearest whole number, up or down. A rest, however small, needs a batch.": (
            lambda count, size: (round(count / size), count % size or size)
        ),
        "That is always one more than the full batches. If the samples fit exactly, there is no short one.": (
            lambda count, size: (count // size + 1, count % size or size)
        ),
        "If the samples fit exactly, there is no short batch to be added.": lambda count, size: (
            count // size + 1,
            count % size,
        ),
        "The number is right. If the samples fit exactly, the remainder is 0, but the last batch is full.": (
            lambda count, size: (-(-count // size), count % size)
        ),
        "The number is right. The last batch has what is left over, unless all fits exactly.": lambda count, size: (
            -(-count // size),
            size,
        ),
        "A batch is whole or short, but its number is a whole number.": lambda count, size: (
            count / size,
            count % size or size,
        ),
        "First the number of batches, then the size of the last.": lambda count, size: (
            batch_sizes(count, size)[-1],
            len(batch_sizes(count, size)),
        ),
    },
)

megabytes = Value(
    "megabytes",
    10 * 50 * 100 * 200 * 3 * 4 / 1e6,
    {
        "The number is right. Write it by itself, without brackets.": lambda a: np.ravel(a).tolist() == [120],
        "That is how many *numbers* there are, in millions. How many bytes does each take?": 30,
        "So it would be as `float64`. A `float32` is half as large.": 240,
        "The channels are missing: a colour picture has three numbers in each pixel.": lambda a: a in (40, 10),
        "That is one film. There are ten.": 12,
        "That is in bytes. A megabyte is a million of them.": lambda a: a >= 1e5,
        "That is one frame of each film. There are 50.": 2.4,
    },
    "Multiply all lengths of the shape, then by the bytes of one number, and divide by a million.",
    tolerance=0.005,
)


def days(*now):
    """Prices from the price now, minute by minute: a list for each day."""
    now = np.array(now, float)
    return np.stack([np.maximum.accumulate(now, axis=1), np.minimum.accumulate(now, axis=1), now], axis=2)


# The gap is widest on day 1. On day 0 it is wide early, day 2 is the most restless, on day 3 the price comes furthest.
FOUR_DAYS = days([10, 13.1, 12], [11.6, 10, 13.2], [13.05, 10, 13.05], [10.2, 13.2, 13.2])

widest_gap = Function(
    "widest_gap",
    lambda prices: (prices[:, -1, 0] - prices[:, -1, 1]).argmax(),
    [
        (samples.stock_prices(5, 60, seed=3),),
        (samples.stock_prices(4, 3, seed=1),),
        (samples.stock_prices(2, 7),),
        (FOUR_DAYS,),
    ],
    {
        "In the first minute of a day, the highest price so far is the lowest, too. Take the last.": lambda prices: (
            prices[:, 0, 0] - prices[:, 0, 1]
        ).argmax(),
        "That is how wide the gap was. Asked for is the day: the place of the largest.": lambda prices: (
            prices[:, -1, 0] - prices[:, -1, 1]
        ).max(),
        "That is the day with the highest price. The gap is the highest *minus* the lowest.": lambda prices: prices[
            :, -1, 0
        ].argmax(),
        "That is highest minus *now*. The lowest price is number 1 of the three.": lambda prices: (
            prices[:, -1, 0] - prices[:, -1, 2]
        ).argmax(),
        "Lowest minus highest is negative, so the narrowest gap comes out on top.": lambda prices: (
            prices[:, -1, 1] - prices[:, -1, 0]
        ).argmax(),
        "On two axes, `argmax` counts through all days and minutes. Take the last minute first.": lambda prices: (
            prices[:, :, 0] - prices[:, :, 1]
        ).argmax(),
        "That is the gap of *so far*, through all minutes. The day's own gap stands in its last minute.": lambda prices: (
            (prices[:, :, 0] - prices[:, :, 1]).sum(axis=1).argmax()
        ),
        "That is how far the price came from morning to night. In between it may have been higher or lower.": (
            lambda prices: np.abs(prices[:, -1, 2] - prices[:, 0, 2]).argmax()
        ),
        "Those are the gaps of all days. Which day has the widest?": lambda prices: prices[:, -1, 0] - prices[:, -1, 1],
        "That is the last *day*. The first axis counts days, the second minutes.": lambda prices: (
            prices[-1, :, 0] - prices[-1, :, 1]
        ).argmax(),
    },
)


def darkened(*place):
    """A function that makes this place black in a copy."""

    def darken(images):
        images = images.copy()
        images[place] = 0
        return images

    return darken


ALL, ODD, EVEN = slice(None), slice(1, None, 2), slice(None, None, 2)

venetian_blind = Function(
    "venetian_blind",
    darkened(ALL, ODD),
    [
        (np.full((3, 4, 6, 3), 200, "uint8"),),
        (samples.colour_images(3, 8, 11),),
        (np.full((1, 35, 2, 3), 9, "uint8"),),
    ],
    {
        "Whole pictures have become black: the first axis counts them. Take all of it, then the rows.": darkened(ODD),
        "It should begin with row 1, so row 0 keeps its colours. What is `start`?": darkened(ALL, EVEN),
        "Those are columns, the third axis. Rows are the second.": darkened(ALL, ALL, ODD),
        "That took the green out of each pixel: the channels are the last axis, rows are the second.": darkened(
            ALL, ALL, ALL, ODD
        ),
        "Only row 1 is black. A third number in the slice is the step.": darkened(ALL, 1),
        "All rows from 1 on are black. A third number in the slice is the step.": darkened(ALL, slice(1, None)),
        "The lowest rows are missing: a picture may have any height. Leave out `stop`, and the slice goes on to the end.": (
            darkened(ALL, slice(1, 32, 2))
        ),
        "The lowest rows are missing: a picture may have any height. Leave out `stop`, and it goes on to the end.": (
            darkened(ALL, slice(1, 28, 2))
        ),
        "Only the first picture has changed. The first axis counts the pictures: take all of it.": darkened(0, ODD),
        "Nothing has changed. `copy()` makes a new array: write into that one, and give it back.": lambda images: (
            images
        ),
    },
)
