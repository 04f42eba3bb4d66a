"""The exercises of notebook 03."""

import numpy as np

from helpers.checks.core import Function, Value


class Letters(Value):
    """Checks which letters were chosen; their order, and what stands between them, does not matter."""

    def judge(self, answer):
        if isinstance(answer, (list, tuple, set)) and answer and all(isinstance(part, str) for part in answer):
            answer = "".join(answer)
        if isinstance(answer, str):
            answer = "".join(sorted({letter for letter in answer.upper() if letter.isalpha()}))
        return super().judge(answer)


def picture(*rows):
    return np.array(rows, "uint8")


def filled_at(place, numbers, shape):
    """Zeros, but for the numbers at that place."""
    z = np.zeros(shape)
    z[place] = numbers
    return z


def written_into(z):
    """Leaky relu, written into a copy of z: whole numbers have no room for it."""
    z = z.copy()
    z[z < 0] = 0.1 * z[z < 0]
    return z


def shrunk_in(z):
    z = z.copy()
    z[z < 0] *= 0.1
    return z


def out_of_bounds(*_):
    raise IndexError


def ambiguous(*_):
    raise ValueError


byte_arithmetic = Value(
    "byte_arithmetic",
    (int((picture([250]) + picture([10]))[0, 0]), int((picture([3]) - picture([5]))[0, 0])),
    {
        "So it would be with enough room. But a `uint8` holds only 0 to 255: which numbers are left?": (260, -2),
        "It doesn't stop at the ends: it goes on at the other end, like a clock.": lambda a: 255 in a or 0 in a,
        "Close. From 0 to 255 there are 256 numbers, so once round is 256.": lambda a: a[0] == 5 or a[1] == 253,
        "Both numbers are right. Write them without the array around each, like `(1, 2)`.": lambda a: np.array_equal(
            np.ravel(a), (4, 254)
        ),
        "The sum is right. And what comes before 0?": lambda a: a[0] == 4,
        "The difference is right. And what comes after 255?": lambda a: a[1] == 254,
    },
    "Count on from 250, ten steps, and back from 3, five steps. After 255 comes 0.",
)

naive_multiply = Function(
    "naive_multiply",
    lambda x, y: x * y,
    [
        (np.array([[1, 2], [3, 4]]), np.array([[5, -6], [7, 0]])),
        (np.array([[1, 2], [3, 4], [5, 6]]), np.array([[2, 0], [-1, 3], [4, 10]])),
        (np.array([[1, 2, 3], [4, 5, 6]]), np.array([[2, 0, -1], [3, 4, 10]])),
        (np.array([[2, 5]]), np.array([[0.5, -0.25]])),
        (np.array([[1.5, 0.0], [-2.0, 4.0]]), np.array([[3, 7], [2, 1]])),
    ],
    {
        "That is the sum. Here each pair of numbers is multiplied.": lambda x, y: x + y,
        "That is the product of two matrices, which adds up. Here each number only meets its partner.": lambda x, y: (
            x @ y
        ),
        "`x[i, j]` meets `y[j, i]`. Its partner stands at the same place.": lambda x, y: x * y.T,
        "The result has lost its fractions: it has the dtype of `x`. Which dtype has room for both?": lambda x, y: (
            x * y
        ).astype(x.dtype),
        "The result has lost its fractions: its dtype is for whole numbers. By itself, `np.empty` has room for fractions.": (
            lambda x, y: (x * y).astype(int)
        ),
        "Only the first number is there: does `return` stand inside the loops?": lambda x, y: filled_at(
            (0, 0), x[0, 0] * y[0, 0], x.shape
        ),
        "Only the first row is there: does `return` stand inside the outer loop?": lambda x, y: filled_at(
            0, x[0] * y[0], x.shape
        ),
        "An index ran too far. `x.shape` says first how many rows there are, then how many columns.": out_of_bounds,
    },
)

leaky_relu = Function(
    "leaky_relu",
    lambda z: np.where(z > 0, z, 0.1 * z),
    [
        (np.array([-2.0, 0.0, 3.0]),),
        (np.array([[-1.5, 0.0, 2.0], [3.0, -4.0, -0.5]]),),
        (np.arange(-4, 4).reshape((2, 2, 2)),),
    ],
    {
        "That is relu itself: nothing of the negative numbers is left.": lambda z: np.maximum(z, 0),
        "The other way round: the positive numbers have shrunk, and the negative ones are whole.": lambda z: np.where(
            z < 0, z, 0.1 * z
        ),
        "Now all numbers have shrunk. The positive ones should stay as they are.": lambda z: 0.1 * z,
        "The negative numbers have become positive. A tenth of −2 is still negative.": lambda z: np.maximum(
            z, -0.1 * z
        ),
        "Each negative number has become the same. It should be a tenth of what it was.": lambda z: np.maximum(z, 0.1),
        "Each negative number has become −0.1. It should be a tenth of *what it was*.": lambda z: np.where(
            z > 0, z, -0.1
        ),
        "If it says *truth value … ambiguous*: Python's `max` and `if` ask for one True or False, but an array has many. "
        "Take one of NumPy's that goes number by number.": ambiguous,
        "That is a hundredth, which is usual, too. Here it should be a tenth.": lambda z: np.where(z > 0, z, 0.01 * z),
        "These are whole numbers, and an array of whole numbers has no room for a tenth. Make a new array.": shrunk_in,
        "The tenths have lost their fractions: they were written into an array of whole numbers. "
        "Make a new array.": written_into,
    },
)

inverted = Function(
    "inverted",
    lambda picture: 255 - picture,
    [(picture([0, 1, 200, 255]),), (picture([10, 20], [30, 40], [128, 90]),)],
    {
        "Close, but 0 stays 0. It should become 255.": lambda picture: -picture,
        "1 minus a picture is right for numbers from 0.0 to 1.0. What is black here?": lambda picture: 1 - picture,
        "The picture comes out in numbers from 0.0 to 1.0. It should stay `uint8`, with 0 to 255.": lambda picture: (
            1 - picture / 255
        ),
        "0 should become 255 in every picture, even if its own darkest number is less.": lambda picture: (
            picture.max() - picture
        ),
        "Which is taken from which? A `uint8` below 0 goes round to 255.": lambda picture: picture - 255,
        "On the detour, 165 becomes 164.99…, and `astype` leaves out what is behind the point. "
        "Is the detour needed?": lambda picture: ((1 - picture / 255) * 255).astype("uint8"),
        "The numbers are right, but the dtype is not `uint8` any more. Is the detour needed? "
        "Can the result ever leave 0 to 255?": lambda picture: 255 - picture.astype(int),
    },
)

shaded = Function(
    "shaded",
    lambda picture, amount: np.clip(picture.astype(int) + amount, 0, 255).astype("uint8"),
    [
        (picture([0, 100, 250]), 10),
        (picture([0, 15, 100], [20, 21, 255]), -20),
        (picture([0, 60], [1, 255]), 200),
        (picture([7, 250]), 0),
    ],
    {
        "250 + 10 has gone round, and clipping comes too late then: "
        "until it is clipped, the sum needs a dtype with more room.": lambda picture, amount: (
            picture + np.array(amount).astype("uint8")
        ),
        "The numbers are right, but the dtype is not `uint8`: turn it back at the end.": lambda picture, amount: (
            np.clip(picture.astype(int) + amount, 0, 255)
        ),
        "The upper end is right. But what is less than 0 must become 0.": lambda picture, amount: np.minimum(
            picture.astype(int) + amount, 255
        ).astype("uint8"),
        "The lower end is right. But what is more than 255 must become 255.": lambda picture, amount: np.maximum(
            picture.astype(int) + amount, 0
        ).astype("uint8"),
        "The `u` of `uint16` says: no negative numbers. Which dtype has room for −20?": lambda picture, amount: np.clip(
            picture.astype("uint16") + amount, 0, 255
        ).astype("uint8"),
        "Clipped to 0 and 1. In `uint8`, the ends are 0 and 255.": lambda picture, amount: np.clip(
            picture.astype(int) + amount, 0, 1
        ).astype("uint8"),
    },
)

who_changes = Letters(
    "who_changes",
    "BDF",
    {
        'Letters from A to F only, please, as in `"AC"`.': lambda a: set(a) - set("ABCDEF"),
        "Not A: `np.maximum(z, 0)` makes a new array, and `z` is as it was.": lambda a: "A" in a,
        "Not C: the right side makes a new array, and `z` becomes *its* name. The old one is as it was.": lambda a: (
            "C" in a
        ),
        "Not E: a copy has memory of its own.": lambda a: "E" in a,
        "One is missing: `z += 1` looks like `z = z + 1`, but it writes into the array that is there.": lambda a: (
            "B" not in a
        ),
        "One is missing: what kind of thing is `z[0]`, a view or a copy?": lambda a: "D" not in a,
        "One is missing: what does `out` say?": lambda a: "F" not in a,
    },
    "Ask of each line: does it make a new array, or does it write into one that is there?",
)


def frame(picture, ink=255, sides="lrtb"):
    framed = picture.copy()
    for side, place in {"t": 0, "b": -1, "l": np.s_[:, 0], "r": np.s_[:, -1]}.items():
        if side in sides:
            framed[place] = ink
    return framed


def filled_inside(picture):
    result = picture.copy()
    result[1:-1, 1:-1] = 255
    return result


framed = Function(
    "framed",
    frame,
    [
        (np.arange(20, dtype="uint8").reshape((4, 5)),),
        (np.full((3, 3), 7, "uint8"),),
        (np.full((2, 6), 100, "uint8"),),
    ],
    {
        "The frame has the colour of paper. Which number is black?": lambda picture: frame(picture, 0),
        "Two sides are missing: right and bottom. Negative indices count from the end.": lambda picture: frame(
            picture, sides="tl"
        ),
        "Left and right are missing: a column is `[:, …]`.": lambda picture: frame(picture, sides="tb"),
        "Top and bottom are missing: they are rows.": lambda picture: frame(picture, sides="lr"),
        "Now the inside is black, and the frame is not.": filled_inside,
        "If an index ran too far: pictures may be of any size, and the number −1 is the last in each.": out_of_bounds,
        "The picture has grown. The frame lies *on* its outermost pixels.": lambda picture: np.pad(
            picture, 1, constant_values=255
        ),
    },
)

picture_distance = Function(
    "picture_distance",
    lambda x, y: np.abs(x.astype(int) - y).mean(),
    [
        (picture([0, 200], [10, 255]), picture([100, 200], [20, 0])),
        (picture([255, 255, 255]), picture([0, 0, 0])),
        (picture([0, 0], [0, 0], [0, 30]), picture([1, 1], [1, 1], [1, 0])),
        (picture([9, 8]), picture([9, 8])),
    ],
    {
        "In `uint8`, 0 − 100 is not −100 but 156, and `np.abs` comes too late. "
        "Which dtype has room for negative numbers?": lambda x, y: np.abs(x - y).mean(),
        "Differences of different signs cancel. Count each one as positive.": lambda x, y: (x.astype(int) - y).mean(),
        "The sum of the differences, but asked for is their mean.": lambda x, y: np.abs(x.astype(int) - y).sum(),
        "The mean of the *squared* differences. Asked for are the differences themselves.": lambda x, y: (
            (x.astype(int) - y) ** 2
        ).mean(),
        "That is the share of pixels that differ. By how much do they?": lambda x, y: (x != y).mean(),
        "That is right for numbers from 0.0 to 1.0. Here the answer is in the units of the pixels, 0 to 255.": lambda x, y: (
            np.abs(x / 255 - y / 255).mean()
        ),
        "That is each pixel's difference. One number is asked for, their mean.": lambda x, y: np.abs(x.astype(int) - y),
        "Where the first is lighter than the second, it counts too.": lambda x, y: np.maximum(
            x.astype(int) - y, 0
        ).mean(),
    },
)
