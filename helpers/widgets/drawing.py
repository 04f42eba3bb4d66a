"""Pieces of a view that are drawn: a plot, its marks, its handles, and the players that move it through its frames.

Arrays stay NumPy arrays in a state's view, so that tests can look at them; `pack` makes them ready for the page.
Coordinates are float arrays (…, points, 2), or 3 for a place in space. A mark's leading axes run along the players named
in `along`: with along=["step"] a path of shape (101, 1, 2) is one point in each of 101 frames.
"""

import base64

import numpy as np

COLORS = ("blue", "orange", "green", "vermilion", "purple", "ink")
SHAPES = ("circle", "square", "triangle", "diamond", "plus", "cross")


def plot(title, alt, marks, box, *, size=(420, 320), axes=True, labels=("", ""), handles=(), turn=None):
    """A picture with axes. box: (x low, x high, y low, y high); size: width and height in pixels.

    alt: a sentence that says what is seen. turn: the player that turns what has three coordinates, in degrees.
    """
    x_low, x_high, y_low, y_high = map(float, box)
    return {
        "kind": "plot",
        "title": title,
        "alt": alt,
        "marks": list(marks),
        "handles": list(handles),
        "x": [x_low, x_high],
        "y": [y_low, y_high],
        "width": size[0],
        "height": size[1],
        "axes": {"x": ticks(x_low, x_high), "y": ticks(y_low, y_high)} if axes else None,
        "xlabel": labels[0],
        "ylabel": labels[1],
        "turn": turn,
    }


def line(at, color="blue", *, along=(), grow=None, width=2, dash=(), opacity=1, rim=False):
    """A line through points (…, n, 2); nan lifts the pen. grow: the player that draws it point by point; rim: white."""
    options = {"grow": grow, "width": width, "dash": list(dash), "opacity": opacity, "rim": rim}
    return _mark("line", at, along, color=color, **options)


def points(at, colors=("blue",), shapes=("circle",), *, groups=None, along=(), size=5, opacity=1):
    """Points (…, n, 2); groups: for each point the number of its color and shape."""
    groups = None if groups is None else [int(g) for g in groups]
    options = {"colors": list(colors), "shapes": list(shapes), "groups": groups, "size": size, "opacity": opacity}
    return _mark("scatter", at, along, **options)


def arrow(at, color="ink", *, along=(), width=2.5):
    """An arrow from the first to the second of two points (…, 2, 2)."""
    return _mark("arrow", at, along, color=color, width=width)


def words(at, text, color="ink", *, along=(), changes=None, size=13, align="left"):
    """Text at a point (…, 1, 2). text: one, or a list with one for each frame of the player along[0] (or `changes`)."""
    return _mark("words", at, along, text=text, color=color, size=size, align=align, changes=changes)


def image(levels):
    """A coloured map that fills the plot. levels: uint8 (rows, columns), row 0 on top; 0 is lowest."""
    return {"kind": "image", "levels": np.asarray(levels, "uint8")}


def quads(at, ink, color="ink"):
    """A picture on a bent grid. at: the corners (rows + 1, columns + 1, 2); ink: uint8 (rows, columns), 0 is no ink."""
    corners = np.asarray(at)
    return _mark("quads", corners.reshape(-1, 2), (), ink=np.asarray(ink, "uint8"), color=color)


def box(at, lines, colors, *, width=90, height=52, lit=None, changes=None):
    """A labelled box. lines: texts, or lists with one text for each frame of the player `changes`; lit: a color or None."""
    options = {"lines": lines, "colors": list(colors), "width": width, "height": height, "lit": lit, "changes": changes}
    return _mark("box", np.reshape(at, (1, 2)), (), **options)


def handle(name, at, label, color="ink"):
    """Something to drag, or to move by arrow keys: the state's `set_NAME` gets its new place [x, y]."""
    return {"name": name, "at": [float(n) for n in at], "label": label, "color": color}


def readout(title, head, rows, along):
    """A table whose cells change with a player. rows: lists of cells, each a text or a list of texts, one a frame."""
    return {"kind": "readout", "title": title, "head": list(head), "rows": rows, "along": along}


def bars(title, labels, values, best=None):
    """Bars for numbers from 0 to 1, each with its label; `best` is the position of the one to stand out."""
    values = [float(v) for v in values]
    texts = [f"{v:.1%}" for v in values]
    return {"kind": "bars", "title": title, "labels": list(labels), "values": values, "texts": texts, "best": best}


def pictures(title, images, captions, alts, *, width=56, pick=None):
    """Small pictures. images: uint8 (n, height, width) grey or (n, height, width, 3), as on a screen: 255 is white.

    captions, alts: a text for each; width: on the page, in pixels. pick: `set_PICK` gets the number of the chosen one.
    """
    images = np.ascontiguousarray(images, "uint8")
    options = {"captions": list(captions), "alts": list(alts), "width": width, "pick": pick}
    return {"kind": "pictures", "title": title, "images": images, **options}


def pad(name, title, alt, strokes, *, pen, most, size=280):
    """A white card to draw on: the state's `set_NAME` gets the strokes, lists of points [x, y] from 0 to 1, y downwards.

    pen: its width in widths of the pad. most: {"strokes": …, "points": …}, when it is full. size: in pixels of the page.
    """
    options = {"strokes": strokes, "pen": pen, "most": most, "size": size}
    return {"kind": "pad", "name": name, "title": title, "alt": alt, **options}


def player(name, label, frames, *, value=0, seconds=6, texts=None, smooth=False, rest=None):
    """A control that moves through frames 0 … frames - 1, in the page alone: start, play and pause, one step, scrub.

    seconds: how long playing takes, 0 for a slider without buttons. texts: what is shown for each frame. smooth: stops
    between frames too. rest: the frame of the still view (the last one if None).
    """
    rest = frames - 1 if rest is None else rest
    options = {"frames": frames, "seconds": seconds, "texts": texts, "smooth": smooth, "rest": rest}
    return {"kind": "player", "name": name, "label": label, "value": value, **options}


def contours(f, box, size=(160, 120), bands=14, scale=np.sqrt):
    """Levels for `image`: f's height over the box, in bands. f: takes (…, 2), gives (…); scale: bends heights first."""
    x_low, x_high, y_low, y_high = box
    columns, rows = size
    x = x_low + (np.arange(columns) + 0.5) / columns * (x_high - x_low)
    y = y_high - (np.arange(rows) + 0.5) / rows * (y_high - y_low)
    heights = f(np.stack(np.meshgrid(x, y), axis=-1))
    heights = scale(heights - heights.min())
    return (np.floor(heights / heights.max() * (bands - 1e-6)) * (255 / (bands - 1))).clip(0, 255).astype("uint8")


def ticks(low, high):
    """Four to nine round numbers between low and high, each with its label."""
    step = 10.0 ** np.floor(np.log10(high - low))
    step = next(step * part for part in (0.1, 0.2, 0.25, 0.5, 1, 2) if (high - low) / (step * part) <= 8)
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)  # 0.6 / 0.2 is a little less than 3
    return [[float(at), f"{at:.6g}"] for at in np.arange(first, last + 1) * step + 0.0]


def pack(thing):
    """A view with each array as a dict of base64 text: uint8 stays, all else becomes float32."""
    if isinstance(thing, np.ndarray):
        array = np.ascontiguousarray(thing, "uint8" if thing.dtype == np.uint8 else "<f4")
        data = base64.b64encode(array.tobytes()).decode()
        return {"shape": list(thing.shape), "dtype": str(array.dtype), "data": data}
    if isinstance(thing, dict):
        return {key: pack(value) for key, value in thing.items()}
    return [pack(value) for value in thing] if isinstance(thing, (list, tuple)) else thing


def _mark(kind, at, along, **options):
    return {"kind": kind, "at": np.asarray(at, float), "along": list(along), **options}
