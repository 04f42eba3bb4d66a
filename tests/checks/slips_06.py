"""Typical wrong answers to the exercises of notebook 06, as readers write them, and words of the hint for each."""

import numpy as np


def turned_to_the_right(x, degrees):
    a = degrees * np.pi / 180
    return x @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


def turned_by_radians(x, degrees):
    c, s = np.cos(degrees), np.sin(degrees)
    return np.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]], axis=1)


def matrix_to_the_left(x, degrees):
    a = np.deg2rad(degrees)
    W = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return np.dot(W, x)


def moved_in_both(x):
    return np.array([a < 0 and b < 0 for a, b in x])


def moved_or_on_an_axis(x):
    return np.array([a <= 0 or b <= 0 for a, b in x])


def per_coordinate(x):
    return np.maximum(x, 0) != x


def shifted_in_place(y, W, b):
    y -= b
    return y @ np.linalg.inv(W)


WRONG = {
    "quarter_turn": [
        (np.array([[0, -1], [1, 0]]), "turns to the right"),
        ([[0, 1], [1, 0]], "like a mirror"),
        (-np.eye(2), "180°"),
        (np.eye(2), "That is row 0"),
        ([[1, 0], [0, 1]], "That is row 0"),
        ([[0, 1], [0, -1]], "That is row 0"),
        ([0, 1, -1, 0], "two rows of two"),
        ("[[0, 1], [-1, 0]]", "two rows of two"),
    ],
    "turn_then_scale": [
        ((-1, 2), "The order matters"),
        (np.array([2.0, -1.0]), "turned to the right"),
        ([-1, 1], "after the turn alone"),
        ((-2, -1), "Draw it"),
    ],
    "area_after": [
        (lambda W, area: area * (W[0, 0] * W[1, 1] - W[0, 1] * W[1, 0]), "never negative"),
        (lambda W, area: abs(W[0, 0] * W[1, 1] - W[0, 1] * W[1, 0]), "an area of 1"),
        (lambda W, area: area * abs(W[0][0] * W[1][1] + W[0][1] * W[1][0]), "the sign between"),
        (lambda W, area: area * np.prod(np.diag(W)), "diagonal"),
    ],
    "turn_points": [
        (turned_to_the_right, "turns to the right"),
        (turned_by_radians, "do not know degrees"),
        (matrix_to_the_left, "to the left of `@`"),
        (lambda x, degrees: x * turned_to_the_right(np.eye(2), -degrees), "number by number"),
    ],
    "moved_by_relu": [
        (moved_in_both, "only if both are negative"),
        (lambda x: x[:, 0] < 0 or x[:, 1] < 0, "one single True or False"),
        (lambda x: x.sum(axis=1) < 0, "Work the case out"),
        (moved_or_on_an_axis, "points on the axes"),
        (per_coordinate, "one for each *point*"),
        (lambda x: np.any(x < 0, axis=0), "Each point is a row"),
        (lambda x: np.min(x, axis=1) >= 0, "The other way round"),
        (lambda x: np.sum(x.min(axis=1) < 0), "how many points"),
        (lambda x: [int(row.min() < 0) for row in x], "yours are numbers"),
    ],
    "one_affine_map": [
        (lambda W1, b1, W2, b2: (np.dot(W2, W1), np.dot(b1, W2) + b2), "stands next to x"),
        (lambda W1, b1, W2, b2: (np.dot(W1, W2), b1 + b2), "goes through the second matrix"),
        (lambda W1, b1, W2, b2: (np.dot(W1, W2), b2), "is lost"),
        (lambda W1, b1, W2, b2: (np.dot(W1, W2), (b1 + b2).dot(W2)), "comes last of all"),
        (lambda W1, b1, W2, b2: np.dot(W1, W2), "matrix alone"),
        (lambda W1, b1, W2, b2: np.dot(b1, W2) + b2, "bias alone"),
        (lambda W1, b1, W2, b2: (np.dot(W1, W2), np.dot(W2, b1) + b2), "to the left of the matrix"),
        (lambda W1, b1, W2, b2: (np.dot(W1, W2), np.dot(b1, W2)), "second shift is missing"),
    ],
    "way_back": [
        (lambda y, W, b: np.linalg.solve(W.T, y.T).T - b, "undone first"),
        (lambda y, W, b: (y - b).dot(W), "a second time"),
        (lambda y, W, b: np.dot(y - b, np.transpose(W)), "only a rotation"),
        (lambda y, W, b: np.linalg.solve(W, y - b), "to the left of `@`"),
        (lambda y, W, b: (y - b) @ (1 / W), "divided by each number"),
        (lambda y, W, b: (y - b) / W, "no division"),
        (shifted_in_place, "changes its input"),
    ],
    "real_fold": [
        ((np.array([[1, 0]]), np.array([[1], [1]])), "pressed into the crease"),
        (([[1, -1]], [[1], [-1]]), "Nothing is folded"),
        (([[1, -1]], [[-1], [-1]]), "to the left"),
        (([[1, 1]], [[1], [1]]), "same side"),
        (([[2, -2]], [[1], [1]]), "as it should, but all lengths come out 2 times"),
        (([[2, -2]], [[-1], [-1]]), "to the left, and all lengths come out 2 times"),
        (([1, -1], [1, 1]), "shapes (2,) and (2,)"),
    ],
}
