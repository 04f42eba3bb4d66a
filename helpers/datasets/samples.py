"""Small made-up tensors of the kinds that networks meet: vector data, a time series, images, video.

Also two data sets of two classes that no straight line separates: `spirals` and `paper_sheets`.

Each looks like real data and costs no download. The same arguments give the same numbers.
"""

import operator
from numbers import Real

import numpy as np

COLOURS = np.array(  # Okabe & Ito's palette as (red, green, blue), 0 … 255
    [(0, 114, 178), (230, 159, 0), (0, 158, 115), (213, 94, 0), (204, 121, 167), (86, 180, 233)], "uint8"
)
PAPER = 240  # the light grey behind the shapes


def stock_prices(days=5, minutes=1440, seed=0):
    """The price of a share, minute by minute, as a random walk; each day goes on where the last one ended.

    Returns float64 (days, minutes, 3), in whole cents of a currency unit. The last axis holds the highest price so far
    that day, the lowest so far that day, and the price now: lowest ≤ now ≤ highest, and all are positive.
    """
    _check(days=days, minutes=minutes)
    steps = np.random.default_rng(seed).normal(0, 0.02 / np.sqrt(1440), (days, minutes))  # about 2 % a day
    now = 100 * np.exp(np.cumsum(steps).reshape(days, minutes))
    now = np.maximum(np.round(now, 2), 0.01)
    return np.stack([np.maximum.accumulate(now, axis=1), np.minimum.accumulate(now, axis=1), now], axis=-1)


def people(samples=6, seed=0):
    """Adults, each described by three numbers.

    Returns float64 (samples, 3): age in whole years (18 to 80), height in whole centimetres (145 to 205), weight in
    kilograms to one decimal place. Taller people are heavier on average, and older ones a little.
    """
    _check(samples=samples)
    r = np.random.default_rng(seed)
    age = r.integers(18, 81, samples)
    height = np.clip(np.round(r.normal(171, 9, samples)), 145, 205)
    body_mass_index = np.clip(21 + 0.08 * age + r.normal(0, 2.5, samples), 18, 36)  # kilograms per square metre
    weight = np.round(body_mass_index * (height / 100) ** 2, 1)
    return np.stack([age, height, weight], axis=1)


def colour_images(samples=4, height=32, width=32, seed=0):
    """Pictures of one coloured shape each on light paper: disc, square, triangle, ring, and again from the start.

    Returns uint8 (samples, height, width, 3); the last axis holds red, green and blue, 0 (none) to 255 (full).
    Height and width are at least 8 pixels.
    """
    _check(samples=samples)
    _check(8, height=height, width=width)
    r = np.random.default_rng(seed)
    colours = r.permutation(COLOURS)
    images = np.full((samples, height, width, 3), PAPER, "uint8")
    for i, image in enumerate(images):
        size = min(height, width) * r.uniform(0.25, 0.4)
        row, column = (r.uniform(size, length - 1 - size) for length in (height, width))
        y, x = (np.arange(height)[:, None] - row) / size, (np.arange(width) - column) / size  # the shape: -1 … 1
        distance = np.hypot(y, x)
        square = np.maximum(abs(y), abs(x)) <= 0.9
        triangle = (abs(x) <= (y + 1) / 2) & (y <= 1)
        ring = (distance <= 1) & (distance >= 0.5)
        image[(distance <= 1, square, triangle, ring)[i % 4]] = colours[i % len(colours)]
    return images


def video(samples=2, frames=24, height=32, width=32, seed=0):
    """Short films of a ball that bounces off the four edges of the picture, always whole within it.

    Returns uint8 (samples, frames, height, width, 3); the last axis holds red, green and blue, 0 to 255. The ball
    moves by at most a twelfth of the picture's height and width between frames. Height and width are at least 8 pixels.
    """
    _check(samples=samples, frames=frames)
    _check(8, height=height, width=width)
    r = np.random.default_rng(seed)
    radius = max(2, min(height, width) // 6)
    films = np.full((samples, frames, height, width, 3), PAPER, "uint8")
    for i, film in enumerate(films):
        row, column = (_bounce(r, frames, radius, length)[:, None, None] for length in (height, width))
        ball = np.hypot(np.arange(height)[:, None] - row, np.arange(width) - column) <= radius
        film[ball] = COLOURS[i % len(COLOURS)]
    return films


def _bounce(r, frames, radius, length):
    """Positions (frames,) of a ball's centre that runs to and fro between radius and length - 1 - radius."""
    room = length - 1 - 2 * radius
    speed = r.uniform(0.5, 1) * length / 12
    path = r.uniform(0, 2 * room) + speed * np.arange(frames)
    return radius + room - abs(path % (2 * room) - room)  # a zigzag of the same steps


def spirals(samples=1000, turns=1.75, noise=0.02, seed=0):
    """Two spirals that wind round one another, one for each class.

    samples: points in all, 2 or more, half of them on each spiral. turns: how often a spiral winds round the middle,
    0.25 to 4. noise: how far a point may lie off its spiral in each of the two directions, 0 to 0.2.
    Returns x, y: x float64 (samples, 2), all within -1 … 1; y int64 (samples,), the classes 0, 1, 0, 1, …
    By default more than 0.13 lies between the two; many turns and much noise make them touch. Raises ValueError for
    impossible arguments.
    """
    _check(2, samples=samples)
    _check_number("turns", turns, 0.25, 4)
    _check_number("noise", noise, 0, 0.2)
    r = np.random.default_rng(seed)
    y = np.arange(samples) % 2
    x = _spiral(r.random(samples), y, turns, inner=0.1)
    return (1 - noise) * x + r.uniform(-noise, noise, x.shape), y


def paper_sheets(samples=1000, seed=0):
    """Two sheets of paper crumpled into one ball, one for each class. They lie close, but nowhere touch.

    samples: points in all, 2 or more, half of them on each sheet, evenly spread over the flat paper.
    Returns x, y: x float64 (samples, 3), all within the ball of radius 1; y int64 (samples,), the classes 0, 1, 0, 1, …
    The seed decides the creases; with the same seed, more samples are more points on the same sheets.
    Raises ValueError for impossible arguments.
    """
    _check(2, samples=samples)
    r = np.random.default_rng(seed)
    y = np.arange(samples) % 2
    steps = np.arange(samples)[:, None] // 2 * [0.7548776662, 0.5698402910]  # these two spread points most evenly
    across, along = ((r.random((2, 2))[y] + steps) % 1).T  # where on the flat sheet, each 0 … 1
    x = np.column_stack([_spiral(across, y, turns=1.15, inner=0.2), 2 * along - 1])  # both sheets, rolled up
    for axis in (2, 0, 1, 2):
        x[:, axis] += _crease(np.delete(x, axis, axis=1), r)
    return x / np.sqrt(1.5 + np.sum(x**2, axis=1, keepdims=True)), y  # pressed into a ball


def _spiral(where, y, turns, inner):
    """Points (samples, 2), `where` (0 … 1) from a spiral's inner end to its outer; class 1 is half a turn ahead."""
    radius = np.sqrt(inner**2 + (1 - inner**2) * where)  # the root spreads the points evenly along the spiral
    angle = 2 * np.pi * turns * (radius - inner) / (1 - inner) + np.pi * y
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _crease(plane, r):
    """How far a zigzag of straight creases shifts points, (samples,), from where they lie in a plane, (samples, 2).

    Points one above the other are shifted alike, so that sheets which do not touch before do not touch afterwards.
    """
    angle, density, start = r.uniform([0.8, 2, 0], [2.4, 4, 4])
    position = density * plane @ [np.cos(angle), np.sin(angle)]
    zigzag = [abs((p + start) % 4 - 2) for p in (position, 0)]
    return 0.8 / density * (zigzag[0] - zigzag[1])  # slopes of 0.8; the middle stays where it is


def _check(least=1, **numbers):
    for name, number in numbers.items():
        try:
            enough = operator.index(number) >= least and not isinstance(number, bool)
        except TypeError:
            enough = False
        if not enough:
            raise ValueError(f"{name} must be a whole number, {least} or more; got {number!r}.")


def _check_number(name, number, least, most):
    if not (isinstance(number, Real) and least <= number <= most):
        raise ValueError(f"{name} must be a number from {least} to {most}; got {number!r}.")
