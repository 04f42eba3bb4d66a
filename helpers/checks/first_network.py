"""The exercises of notebook 01."""

import numpy as np

from helpers import kernels, layers, metrics, models, utils
from helpers.checks.core import Function, Value

output_shape = Value(
    "output_shape",
    (128, 10),
    {
        "So much the first layer gives out. The second layer goes on from there: how many units has it?": (128, 512),
        "That goes in. What comes out of the last layer?": lambda a: tuple(a) in [(128, 784), (128, 28, 28)],
        "The other way round: the pictures come first, then the numbers of each.": (10, 128),
        "That is for one picture. Here 128 go through together.": lambda a: tuple(a) in [(10,), (1, 10)],
    },
    "Look at what came out for one picture, `(1, 10)`. What does the 1 stand for, what the 10?",
)


def weights_of(sizes):
    """How many weights a network has, as it counts them itself."""
    with utils.own_random_seed(0):  # the reader's random numbers stay as they are
        network = models.Sequential([layers.Dense(units) for units in sizes[1:]])
        network.build((None, sizes[0]))
    return network.count_params()


def pairs(sizes):
    return list(zip(sizes, sizes[1:]))


count_weights = Function(
    "count_weights",
    weights_of,
    [([784, 512, 10],), ([784, 16, 10],), ([3, 2],), ([2, 3, 4, 5],)],
    {
        "The biases are missing: each unit has one.": lambda sizes: sum(m * n for m, n in pairs(sizes)),
        "A layer has more than one bias: how many units has it?": lambda sizes: sum(m * n + 1 for m, n in pairs(sizes)),
        "There is a bias for each *unit* of a layer, not for each number that comes in.": lambda sizes: sum(
            m * n + m for m, n in pairs(sizes)
        ),
        "Only the first layer sees the input. What comes into the others?": lambda sizes: sum(
            sizes[0] * n + n for n in sizes[1:]
        ),
        "That is the first layer alone. Add up all of them.": lambda sizes: sizes[0] * sizes[1] + sizes[1],
        "The pixels have no bias: only units have one, in the layers after the input.": lambda sizes: (
            sum(m * n for m, n in pairs(sizes)) + sum(sizes)
        ),
        "If an index ran too far: a network may have any number of layers. There are as many layers as `sizes` has "
        "pairs of neighbours.": lambda sizes: sizes[0] * sizes[1] + sizes[1] + sizes[1] * sizes[2] + sizes[2],
        "That is the last layer alone. Add up all of them.": lambda sizes: sizes[-2] * sizes[-1] + sizes[-1],
    },
)


def products(x, W):
    return [value * weight for value, weight in zip(x, W)]


unit_output = Function(
    "unit_output",
    lambda x, W, b: kernels.relu(kernels.affine(np.array([x]), np.array(W)[:, None], b)).item(),
    [([0.01], [3], 2), ([1, 2, 3], [0.5, -1, 2], -4), ([1, 0.5], [-2, 1], 0.5), ([0, 0], [5, 7], 1)],
    {
        "A negative sum came through: the last thing a unit does is relu.": lambda x, W, b: sum(products(x, W)) + b,
        "The bias is missing.": lambda x, W, b: max(sum(products(x, W)), 0),
        "The bias is added once, after all products, and not with each of them.": lambda x, W, b: max(
            sum(product + b for product in products(x, W)), 0
        ),
        "relu comes once, at the very end. A negative product counts in the sum.": lambda x, W, b: max(
            sum(max(product, 0) for product in products(x, W)) + b, 0
        ),
        "Only the first pixel counts: does `return` stand inside the loop?": lambda x, W, b: max(x[0] * W[0] + b, 0),
        "That turns the sign of a negative sum. relu makes it 0.": lambda x, W, b: abs(sum(products(x, W)) + b),
        "relu comes at the very end, after the bias.": lambda x, W, b: max(sum(products(x, W)), 0) + b,
        "That multiplies the two sums. Each pixel has a weight of its own: multiply first, then add up.": lambda x, W, b: (
            max(sum(x) * sum(W) + b, 0)
        ),
    },
)

one_hot = Function(
    "one_hot",
    lambda label: utils.to_categorical([label], 10)[0].astype(int).tolist(),  # a list: any dtype of the numbers will do
    [(5,), (0,), (9,)],
    {
        "The 1 stands one place too early. Places are counted from 0, so the digit 0 has place 0.": lambda label: (
            np.roll(utils.to_categorical([label], 10)[0], -1)
        ),
        "The 1 stands one place too late. Places are counted from 0, so the digit 0 has place 0.": lambda label: np.eye(
            10
        )[label + 1],
        "There are ten classes, so there are always ten numbers, whatever the label.": lambda label: (
            utils.to_categorical([label])[0]
        ),
        "The place says which digit it is. The number there is always 1.": lambda label: (
            label * utils.to_categorical([label], 10)[0]
        ),
        "These are True and False. Asked for are the numbers 1 and 0.": lambda label: [i == label for i in range(10)],
        "0 and 1 are the wrong way round.": lambda label: 1 - utils.to_categorical([label], 10)[0],
    },
)


def pictures(samples, largest=255):
    """Pictures for a case, the same each time; the first pixel of each is the largest."""
    images = np.random.default_rng(samples).integers(0, largest, (samples, 28, 28)).astype("uint8")
    images[:, 0, 0] = largest
    return images


prepare_images = Function(
    "prepare_images",
    lambda images: images.reshape((len(images), 28 * 28)).astype("float32") / 255,
    [(pictures(3),), (pictures(1),), (pictures(2, largest=100),)],
    {
        "The pictures lie flat, but the numbers still go up to 255.": lambda images: images.reshape((-1, 784)).astype(
            "float32"
        ),
        "The pictures lie flat, but the numbers are still whole ones, up to 255.": lambda images: images.reshape(
            (-1, 784)
        ),
        "The numbers are right, but the pictures are still squares. Each should be a row of 784.": lambda images: (
            images / 255
        ),
        "`//`, or a dtype for whole numbers, leaves out what is behind the point: nearly everything becomes 0.": (
            lambda images: images.reshape((-1, 784)) // 255
        ),
        "All pictures have become one long row. Each needs a row of its own.": lambda images: images.reshape(-1) / 255,
        "The largest pixel is 255, not 256.": lambda images: images.reshape((-1, 784)) / 256,
        "Divide by 255 always, not by the largest pixel that happens to be there: a pale picture should stay pale.": (
            lambda images: images.reshape((-1, 784)) / images.max()
        ),
        "The samples come first: a row for each picture, 784 columns.": lambda images: images.reshape((784, -1)) / 255,
        "If it says *cannot reshape*: any number of pictures may come in, not always 60000. "
        "How many are there, and how many numbers has each?": lambda images: images.reshape((60000, 784)) / 255,
    },
)

SURE = np.array([0.02, 0.01, 0.03, 0.82, 0.01, 0.05, 0.01, 0.02, 0.02, 0.01])  # that it is a 3

loss_of_one = Function(
    "loss_of_one",
    lambda y_pred, label: kernels.categorical_crossentropy(utils.to_categorical([label], 10), y_pred[None]).item(),
    [(np.full(10, 0.1), 8), (SURE, 3), (SURE, 7)],
    {
        "The sign is the wrong way round: the logarithm of a probability is negative, and a loss is not.": (
            lambda y_pred, label: np.log(y_pred[label])
        ),
        "That is the logarithm to base 10. Take the natural one, `np.log`.": lambda y_pred, label: (
            -np.log10(y_pred[label])
        ),
        "That is the logarithm to base 2. Take the natural one, `np.log`.": lambda y_pred, label: (
            -np.log2(y_pred[label])
        ),
        "That is the largest probability. Take the one that was given to the *true* class, however small.": (
            lambda y_pred, label: -np.log(y_pred.max())
        ),
        "That takes all ten probabilities. Only the one at the label counts.": lambda y_pred, label: (
            -np.log(y_pred).sum()
        ),
        "Those are ten numbers, one for each digit. Only the one at the label counts.": lambda y_pred, label: (
            -np.log(y_pred)
        ),
        "That is how much is missing to 1, a fair measure, too, but cross-entropy takes a logarithm.": (
            lambda y_pred, label: 1 - y_pred[label]
        ),
        "That is the probability itself. The loss is minus its logarithm.": lambda y_pred, label: y_pred[label],
    },
)

THREE = np.array([[0.1, 0.7, 0.2], [0.3, 0.1, 0.6], [0.2, 0.5, 0.3]])  # three pictures, three classes
TEN = np.array(  # two pictures, ten classes
    [
        [0.03, 0.01, 0.08, 0.02, 0.45, 0.2, 0.005, 0.04, 0.06, 0.105],
        [0.015, 0.42, 0.05, 0.06, 0.13, 0.19, 0.045, 0.035, 0.025, 0.03],
    ]
)

how_often_right = Function(
    "how_often_right",
    lambda y_pred, labels: metrics.sparse_categorical_accuracy(labels, y_pred).mean(),
    [(THREE, np.array([1, 2, 0])), (TEN, np.array([4, 5])), (THREE[:2], np.array([0, 2])), (TEN, np.array([2, 9]))],
    {
        "That is how *many* are right. The share is that, divided by the number of pictures.": lambda y_pred, labels: (
            y_pred.argmax(axis=1) == labels
        ).sum(),
        "That is the share of *wrong* answers.": lambda y_pred, labels: (y_pred.argmax(axis=1) != labels).mean(),
        "That says for each picture whether it is right. Which share of them is True? (True counts as 1.)": (
            lambda y_pred, labels: y_pred.argmax(axis=1) == labels
        ),
        "`axis=0` looks for the best *picture* for each digit. Asked for is the best digit of each picture: `axis=1`.": (
            lambda y_pred, labels: (y_pred.argmax(axis=0) == labels).mean()
        ),
        "Without an axis, `argmax` finds one place in the whole table. Asked for is one in each row.": (
            lambda y_pred, labels: np.mean(y_pred.argmax() == labels)
        ),
        "That is in percent. A share lies between 0 and 1.": lambda y_pred, labels: (
            100 * (y_pred.argmax(axis=1) == labels).mean()
        ),
        "`max` gives the probability, `argmax` the place where it stands, which is the digit.": (
            lambda y_pred, labels: (y_pred.max(axis=1) == labels).mean()
        ),
    },
)

second_guess = Function(
    "second_guess",
    lambda y_pred: y_pred.argsort(axis=1)[:, -2],
    [(THREE,), (TEN,), (TEN[:1],)],
    {
        "That is the first guess, the largest probability. Who comes next?": lambda y_pred: y_pred.argmax(axis=1),
        "`argsort` begins with the smallest, so place 1 is the second *smallest*. Count from the end.": lambda y_pred: (
            y_pred.argsort(axis=1)[:, 1]
        ),
        "These are the probabilities. Asked for are the places where they stand.": lambda y_pred: np.sort(
            y_pred, axis=1
        )[:, -2],
        "That is one *row* of the sorted places. Which part of `[row, column]` should be the colon?": lambda y_pred: (
            y_pred.argsort(axis=1)[-2]
        ),
        "That sorts each column. Each picture is a row: `axis=1`.": lambda y_pred: y_pred.argsort(axis=0)[:, -2],
        "That is the third guess: the last place is number -1.": lambda y_pred: y_pred.argsort(axis=1)[:, -3],
        "If an index ran too far: place 8 is right for ten classes, but some cases have only three. "
        "Count from the end, and it is right for any number.": lambda y_pred: y_pred.argsort(axis=1)[:, 8],
        "That is the least likely digit. Count from the other end.": lambda y_pred: y_pred.argsort(axis=1)[:, 0],
    },
)
