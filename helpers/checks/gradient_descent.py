"""The exercises of notebook 07."""

import inspect

import numpy as np

from helpers import gradients, kernels, optimizers
from helpers.checks.core import Function, Value, Verdict, difference, hint_for, indent, kind, show


class Gradients(Function):
    """A Function of x and more that gives several arrays, in a given order; says which is wrong, and shows that alone."""

    def __init__(self, names, *definition, **options):
        super().__init__(*definition, **options)
        self.names = names

    def _say(self, number, case, right, result, wrong, results):
        slip, parts = self._slip(number, results), result.value
        if isinstance(parts, (tuple, list)) and len(parts) == len(self.names):
            bad = [i for i, part in enumerate(parts) if difference(right[i], part, self.tolerance)]
            which, first = ", ".join(self.names[i] for i in bad), bad[0]
            right, result = right[first], result._replace(value=parts[first])
            wrong, expected = difference(right, parts[first], self.tolerance), f"{self.names[first]} = {show(right)}"
            got = show(parts[first])
        else:
            which, expected = "the result", f"{len(self.names)} arrays: {', '.join(self.names)}"
            several = f"{kind(parts)} of {len(parts)}" if isinstance(parts, (tuple, list)) else kind(parts)
            got = result.trouble or several
        x = dict(zip(inspect.signature(self.solution).parameters, case))["x"]
        lines = [
            f"case {number + 1} of {len(self.cases)}, with x of shape {x.shape}: wrong is {which}.",
            f"  expected  {indent(expected)}",
            f"  got       {indent(got)}",
            f"  hint      {indent(slip or hint_for(right, result, wrong))}",
        ]
        return Verdict("✗", "\n".join(lines))


# ── functions to find the slope of, named, so that a message can say which one it was ──


def square(w):
    return w**2


def cube(w):
    return w**3


def absolute(w):
    return abs(w)


def hill(w):
    return 3 - 2 * w**2


def slope_of_square(w):
    return 2 * w


def slope_of_two_valleys(w):
    return 4 * w * (w**2 - 1) + 0.3


def sum_of_squares(x):
    return (x**2).sum()


def long_valley(x):
    return 0.05 * x[0] ** 2 + x[1] ** 2


def twice(x):
    return 2 * x


def once(x):
    return 1 * x


def minus_twice(x):
    return -2 * x


def valley_gradient(x):
    return np.array([0.1 * x[0], 2 * x[1]])


def last_one_wrong(x):
    return np.array([0.1 * x[0], x[1]])


def first_one_wrong(x):
    return np.array([0.2 * x[0], 2 * x[1]])


def exchanged(x):
    return np.array([2 * x[1], 0.1 * x[0]])


def measured_slope(f, w, h):
    place = np.array([w], float)
    return gradients.numerical_gradient(lambda: f(place[0]), place, h)[0]


def walk(slope, w, learning_rate, steps):
    place, optimizer = np.array([w], float), optimizers.SGD(learning_rate)
    for _ in range(steps):
        optimizer.apply([slope(place)], [place])
    return float(place[0])


def measures_the_same(f, gradient, x):
    place = x.copy()
    return np.allclose(gradients.numerical_gradient(lambda: f(place), place), gradient(x))


# ── the exercises ──

one_step_down = Value(
    "one_step_down",
    2.4,
    {
        "That is a step *up*: go against the slope.": 3.6,
        "That went without a learning rate: the whole slope in one step.": -3,
        "That multiplied the learning rate by the height f(w). It goes with the *slope*.": 2.1,
        "The slope of w² at 3 is not 3: look at the formula of the derivative again.": 2.7,
        "That is how far to go. Where do you arrive, starting at 3?": lambda a: abs(abs(a) - 0.6) < 1e-9,
        "That is the loss at the new place. Asked for is the place, w.": 5.76,
    },
    "First the slope at 3, then learning rate times slope, and then which way?",
)

central_slope = Function(
    "central_slope",
    measured_slope,
    [(square, 3.0, 0.1), (cube, 2.0, 0.5), (absolute, 0.0, 0.1), (hill, -1.0, 0.25)],
    {
        "That looks to the right only. Look as far to the left as well.": lambda f, w, h: (f(w + h) - f(w)) / h,
        "That looks to the left only. Look as far to the right as well.": lambda f, w, h: (f(w) - f(w - h)) / h,
        "How far apart are the two places? It is more than h.": lambda f, w, h: (f(w + h) - f(w - h)) / h,
        "Python divides and multiplies from left to right: put the divisor in brackets.": lambda f, w, h: (
            (f(w + h) - f(w - h)) / 2 * h
        ),
        "Division comes before subtraction: put the difference in brackets.": lambda f, w, h: (
            f(w + h) - f(w - h) / (2 * h)
        ),
        "That divides by 2 alone. The two places are 2h apart.": lambda f, w, h: (f(w + h) - f(w - h)) / 2,
        "Look a whole h to each side, not half of it.": lambda f, w, h: (f(w + h / 2) - f(w - h / 2)) / h,
        "That is how much f changes. A slope is the change for each unit of the way.": lambda f, w, h: (
            f(w + h) - f(w - h)
        ),
        "The sign is the wrong way round: take what is on the right, minus what is on the left.": lambda f, w, h: (
            (f(w - h) - f(w + h)) / (2 * h)
        ),
    },
)

walk_downhill = Function(
    "walk_downhill",
    walk,
    [
        (slope_of_square, -2.5, 0.1, 6),
        (slope_of_two_valleys, 1.6, 0.05, 3),
        (slope_of_square, 1.0, 1.1, 4),
        (slope_of_square, 3.0, 0.25, 1),
        (slope_of_square, 3.0, 0.1, 0),
    ],
    {
        "You arrive where you started. In each step the new place must get the name `w`.": (
            lambda slope, w, learning_rate, steps: w
        ),
        "Each step starts from w: what is subtracted from it?": lambda slope, w, learning_rate, steps: _loop(
            slope, w, learning_rate, steps, stay=0
        ),
        "That knows the slope of w² only. Ask the function that you are given: `slope(w)`.": (
            lambda slope, w, learning_rate, steps: _loop(slope_of_square, w, learning_rate, steps)
        ),
        "That walks *up*: the step goes against the slope.": lambda slope, w, learning_rate, steps: _loop(
            slope, w, -learning_rate, steps
        ),
        "That is where a single step leads.": lambda slope, w, learning_rate, steps: w - learning_rate * slope(w),
        "It looks as if the slope was found once, at the start. After each step it is another one.": (
            lambda slope, w, learning_rate, steps: w - steps * learning_rate * slope(w)
        ),
        "That is one step too many. How often does your loop run?": lambda slope, w, learning_rate, steps: _loop(
            slope, w, learning_rate, steps + 1
        ),
        "That is one step too few. How often does your loop run?": lambda slope, w, learning_rate, steps: _loop(
            slope, w, learning_rate, max(steps - 1, 0)
        ),
        "The learning rate plays no part in it.": lambda slope, w, learning_rate, steps: _loop(slope, w, 1, steps),
    },
)


def _loop(slope, w, learning_rate, steps, stay=1):
    for _ in range(steps):
        w = stay * w - (2 * stay - 1) * learning_rate * slope(w)
    return w


first_diverging_rate = Function(
    "first_diverging_rate",
    lambda c: 1 / c,
    [(10.0,), (0.5,), (4.0,), (1.0,)],
    {
        "With that one, the factor is 0: a single step leads straight to the bottom.": lambda c: 1 / (2 * c),
        "Put it into the factor 1 − 2ηc: it comes to −3, and w has been growing for long.": lambda c: 2 / c,
        "That is right for c = 1. A curve that is c times as steep makes steps that are c times as long.": lambda c: (
            1.0
        ),
        "The other way round: the steeper the curve, the *smaller* the learning rate must be.": lambda c: c,
        "A rate of 0 stays where it is. The factor that neither grows nor shrinks has another size and sign.": (
            lambda c: 0.0
        ),
    },
)

back_through_relu = Function(
    "back_through_relu",
    lambda da, z: kernels.relu_backward(da, kernels.relu(z)),
    [
        (np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]]), np.array([[-1.0, 0.5, 2.0], [0.3, -0.5, 4.0]])),
        (np.array([[7.0, -8.0]]), np.array([[0.0, 0.1]])),
        (np.array([[0.0], [-3.0], [2.0]]), np.array([[1.0], [-2.0], [0.0]])),
    ],
    {
        "At exactly 0 we chose the slope 0: look at your comparison.": lambda da, z: da * (z >= 0),
        "What decides is the sign of z, the input of relu. A gradient may well be negative.": lambda da, z: (
            da * (da > 0)
        ),
        "That is the slope of relu alone. The chain rule: gradient times slope.": lambda da, z: (z > 0) * 1.0,
        "Where relu let z through, its slope is 1, and not z itself.": lambda da, z: da * kernels.relu(z),
        "The other way round: gradients pass where z is above 0.": lambda da, z: da * (z < 0),
        "Nothing is stopped: where z is below 0, relu is flat.": lambda da, z: da,
    },
)

gradient_of_scores = Function(
    "gradient_of_scores",
    lambda z, y_true: kernels.softmax_cross_entropy_backward(y_true, kernels.softmax(z)),
    [
        (np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 0.0, 0.0]])),
        (np.array([[0.0, 1.0, -1.0], [2.0, 2.0, 0.0]]), np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])),
        (
            np.array([[3.0, 0.0], [-1.0, 1.0], [0.5, 0.5], [0.0, 2.0]]),
            np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]),
        ),
        (np.array([[1000.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])),
    ],
    {
        "One sample is right, a batch is not: the loss is the *mean* over the samples. How many are there?": (
            lambda z, y_true: kernels.softmax(z) - y_true
        ),
        "The sign is the wrong way round: the right score must go up, so its gradient is negative.": (
            lambda z, y_true: (y_true - kernels.softmax(z)) / len(z)
        ),
        "These are the scores minus the truth. First make probabilities of the scores.": lambda z, y_true: (
            (z - y_true) / len(z)
        ),
        "Division comes before subtraction: put the difference in brackets.": lambda z, y_true: (
            kernels.softmax(z) - y_true / len(z)
        ),
        "That is the loss itself. Asked for is its gradient, one number for each score.": lambda z, y_true: (
            kernels.softmax_cross_entropy(z, y_true)[0].mean()
        ),
        "The mean is over the samples, not over the classes.": lambda z, y_true: (
            (kernels.softmax(z) - y_true) / z.shape[1]
        ),
        "The mean is over the samples only: you divide by the number of all scores.": lambda z, y_true: (
            (kernels.softmax(z) - y_true) / z.size
        ),
        "The probabilities of each *sample* must sum to 1: along which axis does your softmax go?": (
            lambda z, y_true: (kernels.softmax(z.T).T - y_true) / len(z)
        ),
        "Keep a row for each sample: divide by the number of samples, but do not add the rows up.": (
            lambda z, y_true: (kernels.softmax(z) - y_true).mean(axis=0)
        ),
    },
)


def through_dense(da, x, W, b, after_relu=kernels.relu_backward):
    dz = after_relu(da, kernels.relu(kernels.affine(x, W, b)))
    dx, dW, db = kernels.affine_backward(dz, x, W)
    return dW, db, dx


back_through_dense = Gradients(
    ["dW", "db", "dx"],
    "back_through_dense",
    through_dense,
    [
        (
            np.array([[1.0, -1.0], [2.0, 0.5], [-3.0, 1.0], [1.0, 4.0]]),
            np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 1.0], [3.0, 1.0, 0.0], [-1.0, 2.0, 1.0]]),
            np.array([[1.0, 0.5], [-1.0, 2.0], [0.5, -1.5]]),
            np.array([0.25, -0.25]),
        ),
        (
            np.array([[5.0, 2.0, -1.0]]),
            np.array([[1.0, 2.0]]),
            np.array([[2.0, 1.0, 0.0], [-1.0, 1.0, 1.0]]),
            np.zeros(3),
        ),
        (
            np.array([[1.0, 2.0], [-1.0, 3.0]]),
            np.array([[2.0, 1.0], [1.0, 1.0]]),
            np.array([[1.0, 3.0], [0.0, -1.0]]),
            np.array([-1.0, 0.0]),
        ),
    ],
    {
        "The gradient has to get through relu first: what does it let through, and what not?": lambda da, x, W, b: (
            through_dense(da, x, W, b, lambda da, a: da)
        ),
        "A unit at exactly 0 gets no gradient: look at your comparison.": lambda da, x, W, b: through_dense(
            da, x, W, b, lambda da, a: da * ((x @ W + b) >= 0)
        ),
        "What relu lets through depends on its input, x @ W + b, not on the gradient that comes back.": (
            lambda da, x, W, b: through_dense(da, x, W, b, lambda da, a: da * (da > 0))
        ),
        "Where relu let z through, its slope is 1, and not z itself.": lambda da, x, W, b: through_dense(
            da, x, W, b, lambda da, a: da * (x @ W + b)
        ),
        "The bias is in that input as well: x @ W alone has other signs.": lambda da, x, W, b: through_dense(
            da, x, W, b, lambda da, a: da * ((x @ W) > 0)
        ),
        "db: each sample adds its share. A mean over the batch, if there is one, is in da already.": (
            lambda da, x, W, b: _with(da, x, W, b, db=lambda dz: dz.mean(axis=0))
        ),
        "dW and db: a mean over the batch, if there is one, is in da already. Here the shares only add up.": (
            lambda da, x, W, b: _with(da, x, W, b, dW=lambda dz: x.T @ dz / len(x), db=lambda dz: dz.mean(axis=0))
        ),
        "db needs one number for each unit, like b: over which axis do you sum?": lambda da, x, W, b: _with(
            da, x, W, b, db=lambda dz: dz.sum(axis=1)
        ),
        "db needs the shape of b: the shares of all samples add up.": lambda da, x, W, b: _with(
            da, x, W, b, db=lambda dz: dz
        ),
        "db needs the shape of b, `(units,)`: a sum without `keepdims`.": lambda da, x, W, b: _with(
            da, x, W, b, db=lambda dz: dz.sum(axis=0, keepdims=True)
        ),
        "db needs one number for each unit: say over which axis you sum.": lambda da, x, W, b: _with(
            da, x, W, b, db=lambda dz: dz.sum()
        ),
        "The gradient gets to x through relu as well: dx starts from dz, not from da.": lambda da, x, W, b: _with(
            da, x, W, b, dx=lambda dz: da @ W.T
        ),
        "dW must have the shape of W: inputs along the rows, units along the columns.": lambda da, x, W, b: _with(
            da, x, W, b, dW=lambda dz: dz.T @ x
        ),
        # With any error of this kind, also of another product: so it speaks of all of them.
        "Read the end of the error. If two shapes don't meet in a product: dW has the shape of W, and dx that of x. "
        "Which factor stands first, and which is transposed?": lambda da, x, W, b: _with(
            da, x, W, b, dx=lambda dz: dz @ W
        ),
        "The three are right, but in another order: dW, db, dx.": lambda da, x, W, b: tuple(
            through_dense(da, x, W, b)[i] for i in (2, 0, 1)
        ),
    },
)


def _with(da, x, W, b, **others):
    """The three gradients, some of them by another formula of dz."""
    dz = kernels.relu_backward(da, kernels.relu(kernels.affine(x, W, b)))
    parts = dict(zip(("dW", "db", "dx"), through_dense(da, x, W, b)))
    return tuple((parts | {name: formula(dz) for name, formula in others.items()}).values())


PLACE = np.array([-4.5, 2.0])

gradient_check = Function(
    "gradient_check",
    measures_the_same,
    [
        (sum_of_squares, twice, np.array([1.0, -2.0, 0.0])),
        (sum_of_squares, once, np.array([1.0, -2.0, 0.0])),
        (sum_of_squares, minus_twice, np.array([0.5, 3.0])),
        (long_valley, valley_gradient, PLACE),
        (long_valley, last_one_wrong, PLACE),
        (long_valley, first_one_wrong, PLACE),
        (long_valley, exchanged, PLACE),
        (sum_of_squares, twice, np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]])),
    ],
    {
        "It says True to a formula that is wrong.": lambda f, gradient, x: True,
        "It says False to a formula that is right. Is one number nudged at a time, to both sides, and are the others as "
        "they were? And measured numbers are never exactly the same: how close must they be?": lambda f, gradient, x: (
            False
        ),
        "The other way round: True if the formula agrees with the measurement.": lambda f, gradient, x: (
            not measures_the_same(f, gradient, x)
        ),
        "The sums may agree while the numbers don't: compare number by number.": lambda f, gradient, x: np.isclose(
            _measured(f, x).sum(), gradient(x).sum()
        ),
        "One number that agrees is not enough: all of them must.": lambda f, gradient, x: np.isclose(
            _measured(f, x), gradient(x)
        ).any(),
        "It looks as if only the first number was compared.": lambda f, gradient, x: np.isclose(
            _measured(f, x).flat[0], gradient(x).flat[0]
        ),
        "It looks as if only the last number was compared.": lambda f, gradient, x: np.isclose(
            _measured(f, x).flat[-1], gradient(x).flat[-1]
        ),
        "The sign counts, too: compare the numbers, not only their sizes.": lambda f, gradient, x: np.allclose(
            abs(_measured(f, x)), abs(gradient(x))
        ),
        "One answer for all numbers together, please: True only if each of them agrees.": lambda f, gradient, x: (
            np.isclose(_measured(f, x), gradient(x))
        ),
    },
)


def _measured(f, x):
    place = x.copy()
    return gradients.numerical_gradient(lambda: f(place), place)
