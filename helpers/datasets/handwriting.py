"""From a reader's pen to a picture as MNIST has them: the steps by which the digits of MNIST themselves were made.

Y. LeCun, C. Cortes, C. Burges, http://yann.lecun.com/exdb/mnist/: each digit was "size normalized to fit in a 20x20 pixel
box while preserving their aspect ratio", with grey levels from anti-aliasing, and centred in a 28x28 picture "by computing
the center of mass of the pixels". A network that has seen only such pictures must be given such a picture.
"""

from typing import NamedTuple

import numpy as np

PAD = 112  # pixels of the pad, 4 · 28
PEN = 0.08  # the pen's width, in widths of the pad: about 2.5 pixels in the end, for a digit of 2/3 of the pad's height
BOX, SIZE = 20, 28  # pixels: the longer side of a digit, and the picture around it
MIDDLE = 14  # the pixel, counted from 0, in which the centre of mass lies: so it is in all of MNIST


class Preprocessed(NamedTuple):
    """What `like_mnist` makes of a drawing, step by step. All uint8, 0 is paper and 255 the darkest ink."""

    cropped: np.ndarray  # (height, width): nothing but the digit
    scaled: np.ndarray  # (rows, columns), the longer one BOX
    centred: np.ndarray  # (SIZE, SIZE): what a network takes


def rasterize(strokes, size=PAD, pen=PEN):
    """Draw strokes with a round pen, its edge softened.

    strokes: lists of points (x, y), x to the right and y downwards, 0 … 1 across the pad; a single point is a dot.
    pen: its width in widths of the pad. Returns uint8 (size, size). What lies outside of the pad is cut off. Raises
    ValueError for what is no stroke.
    """
    if not (size >= 1 and 0 < pen <= 1):
        raise ValueError(f"size must be at least 1 pixel and pen from 0 to 1, but got {size!r} and {pen!r}")
    radius = pen * size / 2
    ink = np.zeros((size, size))
    for stroke in strokes:
        points = _points(stroke) * size
        for start, end in zip(points, points[1:] if len(points) > 1 else points):
            _draw_segment(ink, start, end, radius)
    return np.rint(255 * ink).astype("uint8")


def like_mnist(ink):
    """Crop, scale and centre a drawing as the digits of MNIST were.

    ink: numbers (height, width), 0 is paper, the more the darker; it is not changed. Returns `Preprocessed`. Raises
    ValueError for an empty pad and for what is no picture, TypeError for what are no numbers.
    """
    ink = _picture(ink)
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = cropped.shape
    scaled = shares(height, max(height, width)) @ cropped @ shares(width, max(height, width)).T
    scaled = np.rint(scaled * (255 / scaled.max())).astype("uint8")  # a thin line that was spread out is dark again
    centred = np.zeros((SIZE, SIZE), "uint8")
    # The digit moves by whole pixels, so that it stays as sharp as it is, and never out of the picture.
    top, left = (
        min(max(MIDDLE - round(middle), 0), SIZE - length)
        for middle, length in zip(centre_of_mass(scaled), scaled.shape)
    )
    centred[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return Preprocessed(np.rint(255 * cropped).astype("uint8"), scaled, centred)


def shares(length, longest):
    """The matrix that scales an axis of `length` pixels so that `longest` would become BOX: (new pixels, length).

    Row i says how much each old pixel counts in new pixel i: the share of i that it covers. So `rows @ picture` gives
    each new pixel the mean of the area it covers, and no thin line falls between two pixels.
    """
    step = longest / BOX  # the length of a new pixel, in old ones
    start, old = np.arange(-(-length * BOX // longest))[:, None] * step, np.arange(length)
    return np.clip(np.minimum(start + step, old + 1) - np.maximum(start, old), 0, None) / step


def centre_of_mass(ink):
    """Where the ink is in balance: (row, column), 0 is the middle of the first pixel. ink: (rows, columns), not empty."""
    ink = np.asarray(ink, float)
    return tuple(float(ink.sum(axis=1 - axis) @ np.arange(n) / ink.sum()) for axis, n in enumerate(ink.shape))


def _draw_segment(ink, start, end, radius):
    """Darken the pixels within the pen's reach of a piece of a line; all in pixels."""
    window = tuple(  # only what the pen can reach: most of the pad stays as it is
        slice(max(int(min(a, b) - radius - 1), 0), max(int(max(a, b) + radius + 2), 0))
        for a, b in ((start[1], end[1]), (start[0], end[0]))
    )
    part = ink[window]
    rows, columns = part.shape
    x = window[1].start + np.arange(columns) + 0.5 - start[0]
    y = window[0].start + np.arange(rows)[:, None] + 0.5 - start[1]
    along_x, along_y = end - start
    length2 = along_x**2 + along_y**2
    # the nearest place of the piece: 0 is its start, 1 its end
    t = np.clip((x * along_x + y * along_y) / length2, 0, 1) if length2 else 0.0
    distance = np.hypot(x - t * along_x, y - t * along_y)
    np.maximum(part, np.clip(radius + 0.5 - distance, 0, 1), out=part)


def _points(stroke):
    try:
        points = np.asarray(stroke)
    except ValueError:  # lists of unequal lengths
        points = np.zeros(0)
    if points.dtype.kind not in "uif" or points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError("a stroke is a list of points (x, y), two numbers each, and at least one point")
    points = points.astype(float)
    if not (abs(points) < 100).all():  # nor is nan
        raise ValueError("a stroke holds nan, inf or a place far off: x and y run from 0 to 1 across the pad")
    return points


def _picture(ink):
    """ink as floats 0 … 1, or an error that says what it lacks."""
    ink = np.asarray(ink)
    if ink.dtype.kind not in "buif":
        raise TypeError(f"ink must be an array of numbers, but got {ink.dtype}")
    if ink.ndim != 2:
        raise ValueError(f"ink must be one picture, (height, width), but got {ink.shape}")
    ink = ink.astype(float)
    if not np.isfinite(ink).all():
        raise ValueError("ink holds nan or inf: each pixel must be a finite number")
    if (ink < 0).any():
        raise ValueError("ink must not be negative: 0 is paper")
    if not ink.any():
        raise ValueError("the pad is empty: draw a digit first")
    return ink / ink.max()
