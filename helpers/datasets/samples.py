"""Small made-up tensors of the kinds that networks meet: vector data, a time series, images, video.

Each looks like real data and costs no download. The same arguments give the same numbers.
"""

import operator

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


def _check(least=1, **numbers):
    for name, number in numbers.items():
        try:
            enough = operator.index(number) >= least
        except TypeError:
            enough = False
        if not enough:
            raise ValueError(f"{name} must be a whole number, {least} or more; got {number!r}.")
