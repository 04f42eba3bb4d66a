"""The exercises of notebook 05."""

import numpy as np

from helpers import kernels, naive
from helpers.checks.core import Function, Value

chain_shape = Value(
    "chain_shape",
    (np.ones((3, 4)) @ np.ones((4, 5)) @ np.ones((5, 2))).shape,
    {
        "That is the first product alone. It still has to be multiplied by the third matrix.": (3, 5),
        "That is the product of the second and the third. It still has to be multiplied by the first.": (4, 2),
        "The outer lengths are right, in the wrong order: the rows of the first come first.": (2, 3),
        "Inner lengths vanish: in (3, 4) · (4, 5), the two 4s.": lambda a: len(a) > 2 and not isinstance(a, str),
        "It is no error: 4 meets 4, and 5 meets 5.": lambda a: isinstance(a, str) and not any(c.isdigit() for c in a),
    },
    "Take one product at a time: which two lengths meet and vanish, and which two stay?",
)

product_at = Function(
    "product_at",
    lambda x, y, i, j: naive.matrix_dot(x, y)[i, j],
    [
        (np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 8]]), 0, 1),
        (np.arange(12).reshape((3, 4)), np.array([[1, 0], [-2, 5], [3, 3], [0, 2]]), 2, 0),
        (np.array([[0.5, -1.0, 2.0]]), np.arange(15.0).reshape((3, 5)), 0, 4),
        (np.array([[2], [3]]), np.array([[10, 20, 30]]), 1, 2),
    ],
    {
        "That is row j and column i. The first index says which row of `x`.": lambda x, y, i, j: x[j] @ y[:, i],
        "That is a row of `x` with a row of `y`. Of `y`, take column j.": lambda x, y, i, j: x[i] @ y[j],
        "That is a column of `x` with a column of `y`. Of `x`, take row i.": lambda x, y, i, j: x[:, i] @ y[:, j],
        "That is `*`: one number with its partner. A dot product adds up several products.": lambda x, y, i, j: (
            x[i, j] * y[i, j]
        ),
        "These are the products. They have to be added up.": lambda x, y, i, j: x[i] * y[:, j],
        "Only the first product is there: does `return` stand inside the loop?": lambda x, y, i, j: x[i, 0] * y[0, j],
        "Only the last product is there: is each one added to the total, or does it replace the total?": lambda x, y, i, j: (
            x[i, -1] * y[-1, j]
        ),
        "The last product is missing: where does the loop end?": lambda x, y, i, j: x[i, :-1] @ y[:-1, j],
        "How far does the loop run? The rows of `x` don't matter here: `k` goes along one of them.": lambda x, y, i, j: (
            sum(x[i, k] * y[k, j] for k in range(x.shape[0]))
        ),
        "How far does the loop run? The columns of `y` don't matter here: `k` goes down one of them.": lambda x, y, i, j: (
            sum(x[i, k] * y[k, j] for k in range(y.shape[1]))
        ),
        "That is the whole product. Asked for is the number in row i and column j.": lambda x, y, i, j: x @ y,
    },
)

dense_layer = Function(
    "dense_layer",
    lambda x, W, b: kernels.relu(kernels.affine(x, W, b)),
    [
        (
            np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -3.0]]),
            np.array([[1.0, -2.0], [3.0, 0.5]]),
            np.array([-2.0, 1.5]),
        ),
        (np.array([[0.5, -1.0, 2.0]]), np.array([[1.0, -1.0], [2.0, 0.0], [0.5, 3.0]]), np.array([0.0, -1.0])),
        (np.array([[1.0], [-2.0], [0.0], [3.0]]), np.array([[2.0, -1.0, 0.0]]), np.array([-1.0, 0.0, 0.5])),
    ],
    {
        "That is z. What is still missing at the end?": lambda x, W, b: x @ W + b,
        "The bias comes before relu, not after it.": lambda x, W, b: np.maximum(x @ W, 0) + b,
        "Where is the bias?": lambda x, W, b: np.maximum(x @ W, 0),
        "Does b have the right sign?": lambda x, W, b: np.maximum(x @ W - b, 0),
        "W is as it should be, `(features, units)`: it need not be transposed.": lambda x, W, b: np.maximum(
            x @ W.T + b, 0
        ),
        "That keeps what is below 0, and relu keeps what is above.": lambda x, W, b: np.minimum(x @ W + b, 0),
        "That makes the negative numbers positive. relu makes them 0.": lambda x, W, b: np.abs(x @ W + b),
        "`np.max` takes the largest number along an axis. relu takes the larger of *each* number and 0.": (
            lambda x, W, b: np.max(x @ W + b, 0)
        ),
    },
)

flatten_batch = Function(
    "flatten_batch",
    lambda pictures: naive.reshape(pictures, (len(pictures), -1)),
    [
        (np.arange(24).reshape((2, 2, 2, 3)),),
        (np.arange(18).reshape((1, 2, 3, 3)),),
        (np.arange(60).reshape((5, 1, 4, 3)),),
        (np.arange(8).reshape((2, 2, 2, 1)),),
    ],
    {
        "All samples have become one. Each should keep a row of its own.": lambda pictures: pictures.reshape(-1),
        "Each picture keeps its samples axis, but the channels are still an axis of their own.": lambda pictures: (
            pictures.reshape((len(pictures), -1, pictures.shape[-1]))
        ),
        "The samples have become the columns. They come first: `(samples, features)`.": lambda pictures: (
            pictures.reshape((len(pictures), -1)).T
        ),
        "The shape has the samples last. They come first, and keep their axis: `(samples, features)`.": lambda pictures: (
            pictures.reshape((-1, len(pictures)))
        ),
        "The shape is right, but the numbers of different pictures are mixed: a transpose changes their order.": lambda p: (
            p.reshape((-1, len(p))).T
        ),
        "The shape is right, but the order is not: `.T` turns round all four axes before the numbers are read.": lambda p: (
            p.T.reshape((len(p), -1))
        ),
        "That is one row for each row of pixels. One for each *picture* is asked for.": lambda pictures: (
            pictures.reshape((-1, pictures.shape[2] * pictures.shape[3]))
        ),
    },
)

flat_index = Function(
    "flat_index",
    lambda row, column, channel, shape: int(np.ravel_multi_index((row, column, channel), shape)),
    [
        (1, 2, 0, (4, 5, 3)),
        (3, 0, 1, (4, 5, 3)),
        (0, 0, 2, (28, 28, 3)),
        (27, 27, 0, (28, 28, 1)),
        (0, 0, 0, (2, 2, 3)),
    ],
    {
        "That is the number of the pixel. Each pixel before it holds `channels` numbers.": lambda i, j, k, shape: (
            i * shape[1] + j
        ),
        "The next column is `channels` numbers further on, not one.": lambda i, j, k, shape: i * shape[1] + j + k,
        "A row of pixels is as long as the picture is *wide*.": lambda i, j, k, shape: (
            (i * shape[0] + j) * shape[2] + k
        ),
        "The next row is further on: all pixels of a row have channels, too.": lambda i, j, k, shape: (
            i * shape[1] + j * shape[2] + k
        ),
        "So it would be with the channels as *first* axis. Here they are last.": lambda i, j, k, shape: (
            (k * shape[0] + i) * shape[1] + j
        ),
        "There, the first axis turns fastest. In NumPy, it's the last.": lambda i, j, k, shape: (
            i + shape[0] * (j + shape[1] * k)
        ),
        "One too many: the first number has index 0.": lambda i, j, k, shape: (i * shape[1] + j) * shape[2] + k + 1,
        "The rows are right. But each step to the next column skips a whole pixel, `channels` numbers.": (
            lambda i, j, k, shape: i * shape[1] * shape[2] + j + k
        ),
        "That is where the pixel begins. The channel says how far into it.": lambda i, j, k, shape: (
            (i * shape[1] + j) * shape[2]
        ),
        "Don't multiply the indices with each other: how many numbers does one step along each axis skip?": (
            lambda i, j, k, shape: i * j * k
        ),
    },
)

fewest_multiplications = Function(
    "fewest_multiplications",
    lambda a, b, c, d: min(a * b * c + a * c * d, b * c * d + a * b * d),
    [(2, 3, 4, 5), (1000, 2, 1000, 1), (1, 784, 512, 10), (10000, 784, 64, 10), (3, 3, 3, 3)],
    {
        "That is the order from left to right, always. Is it always the cheaper one?": lambda a, b, c, d: (
            a * b * c + a * c * d
        ),
        "That is the order from right to left, always. Is it always the cheaper one?": lambda a, b, c, d: (
            b * c * d + a * b * d
        ),
        "That is the dearer of the two orders.": lambda a, b, c, d: max(a * b * c + a * c * d, b * c * d + a * b * d),
        "That is only the first of the two products: its result still meets the third matrix.": lambda a, b, c, d: min(
            a * b * c, b * c * d
        ),
        "You have multiplied all four lengths. Each product costs three lengths, and there are two products.": (
            lambda a, b, c, d: a * b * c * d
        ),
        "That counts the numbers of the results. How many multiplications does each of them take?": lambda a, b, c, d: (
            min(a * c + a * d, b * d + a * d)
        ),
        "The second product begins with the *result* of the first: which shape does that have?": lambda a, b, c, d: (
            a * b * c + b * c * d
        ),
    },
)

channels_last = Function(
    "channels_last",
    lambda planes: np.moveaxis(planes, 0, -1),
    [
        (np.arange(24, dtype="uint8").reshape((3, 2, 4)),),
        (np.arange(27, dtype="uint8").reshape((3, 3, 3)),),
        (np.arange(15, dtype="uint8").reshape((3, 1, 5)),),
    ],
    {
        "The shape is right, but the picture is coloured confetti: three neighbours of the red plane became one pixel. "
        "Reshaping keeps the order, and here the order must change.": lambda planes: planes.reshape(
            (*planes.shape[1:], 3)
        ),
        "The pixels are right, but height and width are exchanged: `.T` turns round *all* axes.": lambda planes: (
            planes.T
        ),
        "The shape is right, and so are the pixels, but not their places: `.T` has turned round height and width, too. "
        "Begin with three long rows.": lambda planes: planes.T.reshape((*planes.shape[1:], 3)),
        "The pixels are right, but all in one row: give them back their rows.": lambda planes: (
            planes.reshape((3, -1)).T
        ),
        "The planes are long rows now, but each still has one colour: the colours of one pixel must come together.": (
            lambda planes: planes.reshape((3, -1))
        ),
        "Red and blue are exchanged.": lambda planes: np.moveaxis(planes[::-1], 0, -1),
        "All numbers in one row, in the right order: give them height, width and channels.": lambda planes: (
            planes.reshape((3, -1)).T.reshape(-1)
        ),
    },
)


def lengths(x, axis=1):
    return np.sqrt((x**2).sum(axis=axis, keepdims=True))


def cosines(x):
    return (x / lengths(x)) @ (x / lengths(x)).T


cosine_table = Function(
    "cosine_table",
    cosines,
    [
        (np.array([[3.0, 4.0], [6.0, 8.0], [-4.0, 3.0]]),),
        (np.array([[1.0, 2.0, 2.0], [-1.0, -2.0, -2.0]]),),
        (np.array([[1.0, 0.0], [1.0, 1.0], [0.0, -2.0], [5.0, -0.5]]),),
        (np.array([[5.0, -1.0, 12.0]]),),
    ],
    {
        "These are the dot products. Long rows still count for more: first divide each row by its length.": lambda x: (
            x @ x.T
        ),
        "That compares the features, the columns. Each *row* should meet each row.": lambda x: x.T @ x,
        "Divided on one side only: both vectors have a length.": lambda x: x @ x.T / lengths(x),
        "Divided only once, each column of the table by a length. Each row of it has one, too.": lambda x: (
            x @ x.T / lengths(x).T
        ),
        "To go with the rows, the lengths must be a column: `keepdims=True`, or a reshape.": lambda x: (
            x / np.sqrt((x**2).sum(axis=1))
        ),
        "Divided by the squares of the lengths. A root is missing.": lambda x: (
            (x / lengths(x) ** 2) @ (x / lengths(x) ** 2).T
        ),
        "These are the lengths of the columns. Along which axis do the numbers of a row lie?": lambda x: (
            (x / lengths(x, 0)) @ (x / lengths(x, 0)).T
        ),
        "Divided right, but then the features are compared: each *row* should meet each row.": lambda x: (
            (x / lengths(x)).T @ (x / lengths(x))
        ),
        "The signs are lost. Opposite vectors have −1.": lambda x: np.abs(cosines(x)),
        "One length for all: that of the whole array. Each row has its own: say which axis.": lambda x: (
            x @ x.T / (x**2).sum()
        ),
        "Each row was only compared with itself. Each should meet *each* row.": lambda x: np.sum(
            (x / lengths(x)) ** 2, axis=1
        ),
    },
)
