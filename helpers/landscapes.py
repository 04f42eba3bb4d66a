"""Landscapes to walk down: functions of one or two numbers, simple enough to see, standing for the loss of a network.

Each comes with its gradient as a formula. `descend` walks with the very optimizers that train networks.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

FAR = 1e3  # whoever gets this far from 0 has left the map and is not coming back


class Landscape(NamedTuple):
    """f: takes places (…, d), gives heights (…); gradient: gives (…, d). box: (low, high) for each axis, then for the height
    if d is 1. minima: places (n, d), the global one first. start: a good place to begin."""

    name: str
    f: Callable
    gradient: Callable
    box: tuple
    start: tuple
    minima: tuple
    story: str


def _stack(*parts):
    return np.stack(parts, axis=-1)


# ── curves: one number w ──


def _root(coefficients, near):
    """The root of a polynomial that is nearest to a place."""
    roots = np.roots(coefficients)
    return float(roots[np.abs(roots - near).argmin()].real)


CURVES = {
    landscape.name: landscape
    for landscape in (
        Landscape(
            "one valley",
            lambda w: w[..., 0] ** 2,
            lambda w: 2 * w,
            ((-3, 3), (-0.5, 9)),
            (-2.5,),
            ((0.0,),),
            "f(w) = w²: one valley, and the same way down from both sides.",
        ),
        Landscape(
            "local and global minimum",
            lambda w: (w[..., 0] ** 2 - 1) ** 2 + 0.3 * w[..., 0],
            lambda w: 4 * w * (w**2 - 1) + 0.3,
            ((-1.8, 1.8), (-0.9, 3)),
            (1.6,),
            ((_root([4, 0, -4, 0.3], -1),), (_root([4, 0, -4, 0.3], 1),)),
            "f(w) = (w² - 1)² + 0.3·w: two valleys. The left one is deeper.",
        ),
    )
}

# ── surfaces: two numbers, w[..., 0] to the right and w[..., 1] upwards ──

SURFACES = {
    landscape.name: landscape
    for landscape in (
        Landscape(
            "long valley",
            lambda w: 0.05 * w[..., 0] ** 2 + w[..., 1] ** 2,
            lambda w: w * [0.1, 2.0],
            ((-5, 5), (-3, 3)),
            (-4.5, 2.0),
            ((0.0, 0.0),),
            "f = 0.05·x² + y²: steep across, nearly flat along. Walls tempt you to bounce, the floor to fall asleep.",
        ),
        Landscape(
            "saddle",
            lambda w: 0.5 * w[..., 0] ** 2 - 0.5 * w[..., 1] ** 2 + 0.25 * w[..., 1] ** 4,
            lambda w: _stack(w[..., 0], w[..., 1] ** 3 - w[..., 1]),
            ((-2.5, 2.5), (-1.8, 1.8)),
            (-2.0, 0.001),
            ((0.0, 1.0), (0.0, -1.0)),
            "f = x²/2 - y²/2 + y⁴/4: a pass between two hills. In its middle the gradient is 0, but it is no minimum.",
        ),
        Landscape(
            "local and global minimum",
            lambda w: (w[..., 0] ** 2 - 1) ** 2 + 0.3 * w[..., 0] + 0.5 * w[..., 1] ** 2,
            lambda w: _stack(4 * w[..., 0] * (w[..., 0] ** 2 - 1) + 0.3, w[..., 1]),
            ((-2, 2), (-1.5, 1.5)),
            (1.7, 1.2),
            ((_root([4, 0, -4, 0.3], -1), 0.0), (_root([4, 0, -4, 0.3], 1), 0.0)),
            "f = (x² - 1)² + 0.3·x + y²/2: two hollows with a ridge between them. The left one is deeper.",
        ),
        Landscape(
            "Rosenbrock's banana",
            lambda w: ((1 - w[..., 0]) ** 2 + 100 * (w[..., 1] - w[..., 0] ** 2) ** 2) / 100,
            lambda w: (
                _stack(
                    2 * (w[..., 0] - 1) - 400 * w[..., 0] * (w[..., 1] - w[..., 0] ** 2),
                    200 * (w[..., 1] - w[..., 0] ** 2),
                )
                / 100
            ),
            ((-1.8, 1.8), (-0.8, 2.6)),
            (-1.3, 2.3),
            ((1.0, 1.0),),
            "f = ((1 - x)² + 100·(y - x²)²) / 100: a bent valley, easy to enter and slow to walk to its end at (1, 1).",
        ),
    )
}


def descend(landscape, optimizer, start=None, steps=100):
    """Walk down a landscape. optimizer: a new one from `optimizers`; it sees only gradients.

    Returns the places, float64 (steps + 1, d), the start first; nan once it has left the map.
    """
    w = np.array(landscape.start if start is None else start, "float64")
    path = np.full((steps + 1, len(w)), np.nan)
    path[0] = w
    for step in range(1, steps + 1):
        optimizer.apply([landscape.gradient(w)], [w])
        if not (abs(w) < FAR).all():  # also true of nan
            break
        path[step] = w
    return path
