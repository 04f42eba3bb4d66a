"""The exercises of notebook 06."""

import numpy as np

from helpers import kernels
from helpers.checks.core import Check, Function, Value, Verdict, difference, show


def rotation(degrees):
    """The matrix that turns rows to the left."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


SHEAR = np.array([[1.0, 0.0], [0.8, 1.0]])
COLLAPSE = np.array([[1.0, 0.5], [2.0, 1.0]])
TRIANGLE = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]])
SQUARE = np.array([[3.0, 1.0], [-1.0, 2.0]])

ROWS = "Where is the tip of (1, 0) after the turn? That is row 0. Where is the tip of (0, 1)? That is row 1."

quarter_turn = Value(
    "quarter_turn",
    np.array([[0.0, 1.0], [-1.0, 0.0]]),
    {
        "That turns to the right: (1, 0) goes *down*. Each arrow's new place is a row, not a column.": [
            [0, -1],
            [1, 0],
        ],
        "That exchanges right and up, like a mirror on the diagonal. Where does (0, 1) go in a turn to the left?": [
            [0, 1],
            [1, 0],
        ],
        "That is a turn by 180°: both arrows point the other way.": [[-1, 0], [0, -1]],
        ROWS: lambda answer: np.shape(answer) == (2, 2),
        "Expected are two rows of two numbers, `[[…, …], […, …]]`.": lambda answer: True,
    },
    ROWS,
)

turn_then_scale = Value(
    "turn_then_scale",
    (-2, 1),
    {
        "That is scaled first and turned afterwards. The order matters.": (-1, 2),
        "That is turned to the right.": (2, -1),
        "That is after the turn alone. Now scale: each coordinate by its own factor.": (-1, 1),
        "That is after the scaling alone.": (2, 1),
    },
    "Draw it: turn the point to the left by 90° first, then double how far it lies to the right or to the left.",
)

area_after = Function(
    "area_after",
    lambda W, area: abs(np.linalg.det(W)) * area,
    [
        (np.array([[2.0, 0.5], [-1.0, 1.0]]), 2.0),
        (np.array([[-1.0, 0.0], [0.0, 1.0]]), 3.0),
        (COLLAPSE, 5.0),
        (np.array([[1.5, 0.0], [0.0, 0.5]]), 4.0),
        (np.array([[0.0, 2.0], [2.0, 0.0]]), 1.0),
    ],
    {
        "An area is never negative: what does a negative determinant say, and what is left without its sign?": (
            lambda W, area: np.linalg.det(W) * area
        ),
        "That is what becomes of an area of 1. This one was larger or smaller from the start.": lambda W, area: abs(
            np.linalg.det(W)
        ),
        "Look at the sign between the two products of the determinant.": lambda W, area: (
            abs(W[0, 0] * W[1, 1] + W[0, 1] * W[1, 0]) * area
        ),
        "That looks at the diagonal only. The other two numbers of W count as well.": lambda W, area: (
            abs(W[0, 0] * W[1, 1]) * area
        ),
    },
)

turn_points = Function(
    "turn_points",
    lambda x, degrees: kernels.affine(x, rotation(degrees), None),
    [(TRIANGLE, 30), (TRIANGLE, 90), (np.array([[3.0, -4.0]]), -45), (SQUARE, 120)],
    {
        "That turns to the right. Samples are rows: the place where (1, 0) goes is row 0 of the matrix.": (
            lambda x, degrees: x @ rotation(degrees).T
        ),
        "`np.cos` and `np.sin` do not know degrees. What did the notebook do with its 30?": lambda x, degrees: (
            x @ rotation(np.degrees(degrees))
        ),
        "Samples are rows, so the points stand to the left of `@`, the matrix to the right.": lambda x, degrees: (
            rotation(degrees) @ x
        ),
        "`*` goes number by number. The product of points and matrix is `@`.": lambda x, degrees: x * rotation(degrees),
        "That is the matrix itself. Now turn the points with it.": lambda x, degrees: rotation(degrees),
    },
)

moved_by_relu = Function(
    "moved_by_relu",
    lambda x: (kernels.relu(x) != x).any(axis=1),
    [
        (np.array([[1.0, 2.0], [-1.0, 2.0], [1.0, -2.0], [-1.0, -2.0], [0.0, 3.0], [0.0, 0.0], [2.0, -1.0]]),),
        (np.array([[0.0, -0.1]]),),
        (np.array([[0.5, -0.5], [2.0, 1.0]]),),
    ],
    {
        "One negative coordinate is enough for a point to move. Yours moves only if both are negative.": lambda x: (
            x < 0
        ).all(axis=1),
        "A coordinate of 0 stays 0: look at the points on the axes.": lambda x: (x <= 0).any(axis=1),
        "That is one answer for each coordinate. Asked for is one for each *point*: bring each row together.": lambda x: (
            x < 0
        ),
        "That brings the columns together. Each point is a row: along which axis do its coordinates lie?": lambda x: (
            x < 0
        ).any(axis=0),
        "The other way round: True for the points that move.": lambda x: (x >= 0).all(axis=1),
        "That looks at the first coordinate only. relu cuts off below the horizontal axis, too.": lambda x: x[:, 0] < 0,
        "That looks at the second coordinate only. relu cuts off to the left of the vertical axis, too.": lambda x: (
            x[:, 1] < 0
        ),
        "The places are right. But asked for is True or False, and yours are numbers.": lambda x: (
            (x < 0).any(axis=1).astype(int)
        ),
        "`or`, `and` and `if` want one single True or False. Between arrays it's `|`, or `any` along an axis.": lambda x: (
            x[:, 0] < 0 or x[:, 1] < 0
        ),
        "That says how many points move. Asked for is True or False for each.": lambda x: (x < 0).any(axis=1).sum(),
    },
)

one_affine_map = Function(
    "one_affine_map",
    lambda W1, b1, W2, b2: (W1 @ W2, kernels.affine(b1, W2, b2)),
    [
        (rotation(90).round(), np.array([1.0, 0.0]), np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0.0, 3.0])),
        (
            np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0]]),
            np.array([1.0, 0.0, -2.0]),
            np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 3.0]]),
            np.array([0.5, -0.5]),
        ),
        (np.array([[2.0]]), np.array([3.0]), np.array([[-1.0, 4.0]]), np.array([10.0, 0.0])),
    ],
    {
        "Which of the two matrices meets x first? It stands next to x.": lambda W1, b1, W2, b2: (
            W2 @ W1,
            b1 @ W2 + b2,
        ),
        "The first shift is not what comes out: on its way it goes through the second matrix.": (
            lambda W1, b1, W2, b2: (W1 @ W2, b1 + b2)
        ),
        "The first shift is lost: it goes through the second layer like everything else.": (
            lambda W1, b1, W2, b2: (W1 @ W2, b2)
        ),
        "The second shift comes last of all, so no matrix meets it.": lambda W1, b1, W2, b2: (
            W1 @ W2,
            (b1 + b2) @ W2,
        ),
        "The first shift comes *after* the first matrix. Only the second one meets it.": lambda W1, b1, W2, b2: (
            W1 @ W2,
            b1 @ W1 + b2,
        ),
        "A shift is a row, like a sample: it stands to the left of the matrix.": lambda W1, b1, W2, b2: (
            W1 @ W2,
            W2 @ b1 + b2,
        ),
        "The second shift is missing.": lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2),
        "That is the bias alone. Give back both, first W, then b.": lambda W1, b1, W2, b2: b1 @ W2 + b2,
        "Matrices follow one another by `@`, not by a sum.": lambda W1, b1, W2, b2: (W1 + W2, b1 @ W2 + b2),
        "That is the matrix alone. Give back both, first W, then b.": lambda W1, b1, W2, b2: W1 @ W2,
        "The two are right, but in the other order: W first, then b.": lambda W1, b1, W2, b2: (b1 @ W2 + b2, W1 @ W2),
    },
)

way_back = Function(
    "way_back",
    lambda y, W, b: (y - b) @ np.linalg.inv(W),
    [
        (kernels.affine(TRIANGLE, SHEAR, np.array([1.0, -0.5])), SHEAR, np.array([1.0, -0.5])),
        (kernels.affine(TRIANGLE, rotation(90).round(), np.array([2.0, 1.0])), rotation(90), np.array([2.0, 1.0])),
        (np.array([[4.0, 1.5]]), np.array([[2.0, 0.5], [-1.0, 1.0]]), np.array([0.0, -2.0])),
        (SQUARE, np.array([[2.0, 1.0], [1.0, 1.0]]), np.array([1.0, 1.0])),
    ],
    {
        "The shift came last, so it must be undone first.": lambda y, W, b: y @ np.linalg.inv(W) - b,
        "The matrix is undone, the shift is not.": lambda y, W, b: y @ np.linalg.inv(W),
        "The shift is undone, the matrix is not.": lambda y, W, b: y - b,
        "That shifts a second time in the same direction. The way back is the other way.": lambda y, W, b: (
            (y + b) @ np.linalg.inv(W)
        ),
        "That goes through the matrix a second time. What undoes it is its inverse.": lambda y, W, b: (y - b) @ W,
        "`W**-1` is 1 divided by each number of W. The inverse of a matrix is another one: `np.linalg.inv`.": (
            lambda y, W, b: (y - b) @ W**-1
        ),
        "`/` divides number by number, and no division undoes a matrix. Its inverse does.": lambda y, W, b: (y - b) / W,
        "The transpose undoes a rotation, and only a rotation or a reflection. A shear needs its inverse.": (
            lambda y, W, b: (y - b) @ W.T
        ),
        "Samples are rows, so the points stand to the left of `@`, the inverse to the right.": lambda y, W, b: (
            np.linalg.inv(W) @ (y - b)
        ),
    },
)


class Fold(Check):
    """Checks the weights of a small network by what it does; many are right."""

    x = np.array([[-3.0], [-1.0], [0.0], [0.5], [2.0]])
    hints = (
        (lambda x: kernels.relu(x), "The right half is right, and the left half lies pressed into the crease: "
         "one unit has to look at what lies to the left."),
        (lambda x: kernels.relu(-x), "The left half is folded over, but the right one lies pressed into the crease: "
         "the other unit has to keep it."),
        (lambda x: x, "Nothing is folded. What comes from the left is given its minus back by the second matrix."),
        (lambda x: -x, "That is a mirror, not a fold: left goes right, but right goes left, too."),
        (lambda x: -abs(x), "It folds, but to the left. Look at the signs of the second matrix."),
        (lambda x: 0 * x, "All of it is pressed into 0."),
    )  # fmt: skip

    def wanted(self):
        return "a tuple of two arrays, W1 of shape (1, 2) and W2 of shape (2, 1)"

    def judge(self, answer):
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            return Verdict("✗", f"expected {self.wanted()}.")
        if any(part is ... for part in answer):
            return Verdict("·", "not yet. Replace the dots, then run this cell again.")
        W1, W2 = (np.asarray(part, float) for part in answer)
        if (W1.shape, W2.shape) != ((1, 2), (2, 1)):
            return Verdict("✗", f"expected {self.wanted()}. Yours have the shapes {W1.shape} and {W2.shape}.")
        got, right = kernels.relu(self.x @ W1) @ W2, abs(self.x)
        if difference(right, got, 1e-6) is None:
            return Verdict("✓", "right: the left half of the line lies on the right half, and nothing is lost.")
        hint = next((words for f, words in self.hints if difference(f(self.x), got, 1e-6) is None), None)
        if hint is None and W1[0, 0] * W1[0, 1] > 0:
            hint = "Both units look to the same side. Between them, they have to see both halves of the line."
        if hint is None and np.allclose(got, got[1] * right):
            side = "to the left, and" if got[1, 0] < 0 else "as it should, but"
            hint = f"It folds {side} all lengths come out {abs(got[1, 0]):g} times as long."
        hint = hint or "Follow −1 and 1 through both matrices by hand: what does each unit give, what comes out?"
        lines = [
            "that is not |x| yet.",
            f"  x         {show(self.x.ravel())}",
            f"  expected  {show(right.ravel())}",
            f"  got       {show(got.ravel())}",
            f"  hint      {hint}",
        ]
        return Verdict("✗", "\n".join(lines))


real_fold = Fold("real_fold")
