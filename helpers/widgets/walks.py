"""What the explorers share that walk down landscapes: race, descent, rolling ball, tangent. (`slider` serves more.)"""

import functools

import numpy as np

from helpers.landscapes import SURFACES
from helpers.widgets.drawing import contours, words

MOMENTA = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98]
NEAR = 0.05  # this near to a minimum counts as arrived


def edges(landscape):
    """Its box as `plot` takes it: [x low, x high, y low, y high]."""
    return [edge for axis in landscape.box for edge in axis]


@functools.lru_cache
def chart(name):
    landscape = SURFACES[name]
    return contours(landscape.f, edges(landscape))


def kinds(landscape):
    """ "global" or "local" for each minimum."""
    heights = [float(landscape.f(np.array(minimum))) for minimum in landscape.minima]
    return ["global" if h < heights[0] + 1e-9 else "local" for h in heights]


def stars(landscape):
    """Marks at the minima of a surface."""
    return [
        words([minimum], "★" if which == "global" else "☆", size=20, align="center")
        for which, minimum in zip(kinds(landscape), landscape.minima)
    ]


def slider(state, name, label, value, values):
    """A control that moves through a list of numbers."""
    return state.control(name, label, values.index(value), kind="range", min=0, max=len(values) - 1, text=f"{value:g}")


def nearest(values, value):
    return min(values, key=lambda v: abs(v - value))


def choose(values, place):
    """The number that a slider stands at; unlike in a list, -1 is no place."""
    place = int(place)
    if place < 0:
        raise IndexError("a slider starts at 0")
    return values[place]


def place_in(box, value):
    """A place as floats, moved inside the box."""
    if any(n != n for n in value):  # nan is nowhere
        raise ValueError("a place needs numbers")
    return tuple(float(min(max(n, low), high)) for n, (low, high) in zip(value, box, strict=True))


def show(number):
    """A number in few characters; nan is "off the map"."""
    if np.isnan(number):
        return "off the map"
    return f"{round(number, 4) + 0.0:.4f}" if abs(number) < 1000 else f"{number:.1e}"  # + 0.0: no -0.0000
