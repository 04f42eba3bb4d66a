"""Static figures in one style. Each goes out as a picture with alt text, so that screen readers meet it too.

Every function draws, shows the picture in the notebook and returns None. Colours: Okabe & Ito's palette, told apart by
people with any colour vision; colour is never the only sign.
"""

import base64
import html
import io
import os
import time

import numpy as np
from IPython.display import HTML, display
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from PIL import Image

# Okabe and Ito's colours, some darkened: as text they have a contrast of 4.5 : 1 or more on white.
BLUE, ORANGE, GREEN, VERMILION, PURPLE = "#0072b2", "#9a6400", "#00805d", "#b94a00", "#a8497b"
GREY, INK = "#6b6b6b", "#1a1a1a"


def figure(width, height, **subplots):
    """A new matplotlib figure and its axes. width, height: inches; subplots: as in `Figure.subplots` (nrows, ncols …).

    It is made without pyplot, so nothing is shown twice and nothing stays in memory.
    """
    fig = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    fig.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # inches: text keeps away from the card's rounded edge
    return fig, fig.subplots(**subplots)


def show(fig, alt):
    """Show a figure as a PNG picture with alt text: a sentence that says what a reader would see."""
    display(HTML(picture(fig, alt)))


def picture(fig, alt):
    """A figure as HTML: a PNG picture that carries its alt text."""
    png = io.BytesIO()
    fig.savefig(png, dpi=2 * 72)  # two dots a pixel: sharp on a projector and a good screen
    data = base64.b64encode(png.getvalue()).decode()
    # A white card, so that dark ink reads well on JupyterLab's dark theme too.
    style = f"max-width:100%;width:{fig.get_figwidth() * 72:.0f}px;border-radius:6px"
    return f'<img alt="{html.escape(alt)}" style="{style}" src="data:image/png;base64,{data}">'


def thumbnail(image, alt, width):
    """A small picture as HTML. image: uint8 (height, width) or (height, width, 3); width: on the page, in pixels."""
    png = io.BytesIO()
    Image.fromarray(image).save(png, "PNG")
    data = base64.b64encode(png.getvalue()).decode()
    style = f"width:{width}px;image-rendering:pixelated"
    return f'<img alt="{html.escape(alt)}" style="{style}" src="data:image/png;base64,{data}">'


def digits(images, titles=None, columns=10, alt=None):
    """A grid of pictures. images: (samples, height, width); titles: a text or number for each, or None."""
    rows = -(-len(images) // columns)
    fig, axes = figure(columns, rows * (1.25 if titles is not None else 1), nrows=rows, ncols=columns, squeeze=False)
    for i, ax in enumerate(axes.flat):
        ax.axis("off")
        if i < len(images):
            ax.imshow(images[i], cmap="gray_r", interpolation="nearest")
            if titles is not None:
                ax.set_title(titles[i], fontsize=10, color=INK)
    labels = "" if titles is None else f", titled {', '.join(str(t).replace(chr(10), ' ') for t in titles)}"
    show(fig, alt or f"{len(images)} small pictures{labels}.")


def pixels(image, alt):
    """One picture with the number of every pixel written into it. image: (height, width), 0 … 255."""
    fig, ax = figure(image.shape[1] * 0.4, image.shape[0] * 0.4)
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    for (row, column), value in np.ndenumerate(image):
        ax.text(column, row, value, ha="center", va="center", fontsize=8, color="white" if value > 128 else INK)
    ax.axis("off")
    show(fig, alt)


def flow(steps, alt, feedback=None):
    """Boxes joined by arrows. steps: texts from left to right; feedback: text on an arrow back from last to second."""
    fig, ax = figure(2.2 * len(steps), 1.9 if feedback else 1.1)
    ax.set(xlim=(0, 2.2 * len(steps) - 0.2), ylim=(-0.85 if feedback else 0, 1), aspect="equal")
    ax.axis("off")
    arrow = {"arrowstyle": "-|>", "mutation_scale": 16, "linewidth": 1.5}
    for i, text in enumerate(steps):
        x = 2.2 * i
        ax.add_patch(
            FancyBboxPatch((x + 0.18, 0.18), 1.64, 0.64, boxstyle="round,pad=0.1", fc="white", ec=BLUE, lw=1.5)
        )
        ax.text(x + 1, 0.5, text, ha="center", va="center", fontsize=11, color=INK)
        if i:
            ax.add_patch(FancyArrowPatch((x - 0.28, 0.5), (x + 0.1, 0.5), color=INK, **arrow))
    if feedback:
        last, second = 2.2 * (len(steps) - 1) + 1, 3.2
        line = {**arrow, "connectionstyle": "bar,fraction=-0.16", "color": VERMILION}
        ax.add_patch(FancyArrowPatch((last, 0.05), (second, 0.05), **line))
        ax.text((last + second) / 2, -0.55, feedback, ha="center", va="top", fontsize=11, color=VERMILION)
    show(fig, alt)


def training_curves(history, alt=None):
    """Loss and accuracy after each epoch. history: the dict in `History.history`."""
    names = [name for name in history if not name.startswith("val_")]
    fig, axes = figure(4.5 * len(names), 3, ncols=len(names), squeeze=False)
    for ax, name in zip(axes.flat, names):
        for key, label, style in ((name, "training", "o-"), (f"val_{name}", "test", "s--")):
            if key in history:
                epochs = np.arange(1, len(history[key]) + 1)
                ax.plot(epochs, history[key], style, color=BLUE if style == "o-" else VERMILION, label=label)
        ax.set(xlabel="epoch", title=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3)
        ax.legend(frameon=False)
    show(fig, alt or f"Curves of {' and '.join(names)} over {len(history[names[0]])} epochs.")


def predictions(images, y_pred, y_true, columns=5, alt=None):
    """Each picture above a bar for the probability of every class; the likeliest is solid, ✓ or ✗ says whether it is right.

    images: (samples, height, width), y_pred: (samples, classes), y_true: class numbers (samples,).
    """
    rows = -(-len(images) // columns)
    layout = {"nrows": 2 * rows, "ncols": columns, "squeeze": False, "height_ratios": [1, 0.6] * rows}
    fig, axes = figure(1.9 * columns, 2.7 * rows, **layout)
    for ax in axes.flat[:]:
        ax.axis("off")
    for i, (image, p, label) in enumerate(zip(images, y_pred, y_true)):
        ax, bars = axes[2 * (i // columns), i % columns], axes[2 * (i // columns) + 1, i % columns]
        best = int(np.argmax(p))
        ax.imshow(image, cmap="gray_r", interpolation="nearest")
        ax.set_title(f"{'✓' if best == label else '✗'} {best}, {p[best]:.0%} sure", fontsize=10, color=INK)
        bars.axis("on")
        bars.bar(range(len(p)), p, color=[BLUE if i == best else "white" for i in range(len(p))], edgecolor=BLUE)
        bars.set(ylim=(0, 1), xticks=range(len(p)), yticks=[])
        bars.tick_params(labelsize=8, length=0)
        bars.spines[["top", "left", "right"]].set_visible(False)
    show(fig, alt or f"{len(images)} pictures, each above ten bars: the probabilities the network gives to 0 … 9.")


def timings(sizes, times, alt):
    """Seconds against size, both axes logarithmic. sizes: numbers; times: {name: seconds for each size}."""
    lines = {name: (sizes, seconds) for name, seconds in times.items()}
    curves(lines, alt, "numbers in the array", "seconds", xscale="log", yscale="log")


def curves(lines, alt, xlabel, ylabel, **scales):
    """Several curves in one picture. lines: {name: (x, y)}, up to six; scales: xscale="log", yscale="log", ylim=…"""
    fig, ax = figure(7, 3.6)
    styles = ("o-", "s--", "^:", "D-.", "P-", "X--")
    for (name, (x, y)), style, color in zip(lines.items(), styles, (VERMILION, ORANGE, BLUE, GREEN, PURPLE, INK)):
        # Six marks are enough to tell long curves apart.
        ax.plot(x, y, style, color=color, label=name, markevery=max(1, len(x) // 6))
    ax.set(xlabel=xlabel, ylabel=ylabel, **scales)
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    show(fig, alt)


def plane(panels, alt, limit=3):
    """Points and arrows in the plane, a panel each, side by side.

    panels: {title: {name: array}}; an array (n, 2) is a set of points, an array (2,) an arrow from the origin, an array
    (2, 2) with the name of an arrow before it, as in "b from", an arrow from its first row to its second.
    limit: the axes run from -limit to limit.
    """
    fig, axes = figure(3.4 * len(panels), 3.7, ncols=len(panels), squeeze=False)
    for ax, (title, things) in zip(axes.flat, panels.items()):
        ax.axhline(0, color="#bbbbbb", lw=1, zorder=0)
        ax.axvline(0, color="#bbbbbb", lw=1, zorder=0)
        for (name, array), color, mark in zip(things.items(), (BLUE, VERMILION, GREEN, PURPLE, INK), "os^DP"):
            array = np.asarray(array, float)
            if array.shape == (2,):
                _arrow(ax, np.zeros(2), array, color, name)
            elif name.endswith(" from"):
                _arrow(ax, *array, color, name.removesuffix(" from"))
            else:
                ax.plot(*array.T, mark, ms=3, color=color, label=name)
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
        ax.set_title(title, fontsize=11, color=INK)
        ax.grid(alpha=0.3)
        if ax.get_legend_handles_labels()[0]:
            ax.legend(frameon=False, loc="lower right", markerscale=2)
    show(fig, alt)


def _arrow(ax, start, end, color, name):
    ax.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=16, lw=2, color=color, shrinkA=0, shrinkB=0)
    )
    middle, across = (start + end) / 2, np.array([start[1] - end[1], end[0] - start[0]])
    ax.text(
        *(middle + 0.3 * across / max(np.hypot(*across), 1e-9)),
        name,
        color=color,
        fontsize=11,
        ha="center",
        va="center",
    )


def tensor_ranks(shapes, alt):
    """Tensors drawn as boxes, a box for each number, side by side. shapes: tuples of up to five lengths."""
    fig, axes = figure(1.8 * len(shapes), 2.6, ncols=len(shapes), squeeze=False)
    for ax, shape in zip(axes.flat, shapes):
        rows5, rows4, depth, rows, columns = (1,) * (5 - len(shape)) + tuple(shape)
        across, down = columns + 0.5 * depth + 0.7, rows + 0.5 * depth + 0.7  # from one block to the next
        for i, j, k in np.ndindex(rows5, rows4, depth):
            x, y = j * across + 0.5 * (depth - 1 - k), -i * down + 0.5 * (depth - 1 - k)
            for row, column in np.ndindex(rows, columns):  # the sheets at the back are drawn first
                ax.add_patch(Rectangle((x + column, y - row), 1, 1, fc="#cfe6f5", ec=BLUE, lw=1))
        right, top = (rows4 - 1) * across + columns + 0.5 * (depth - 1), 1 + 0.5 * (depth - 1)
        bottom = -(rows5 - 1) * down - (rows - 1)
        half = max(5, right, top - bottom) / 2 + 0.2  # the same scale for all that are small
        x, y = right / 2, (top + bottom) / 2
        ax.set(xlim=(x - half, x + half), ylim=(y - half, y + half), aspect="equal")
        ax.set_title(f"rank {len(shape)}", fontsize=12, color=INK)
        ax.text(0.5, -0.02, f"shape\n{tuple(shape)}", transform=ax.transAxes, ha="center", va="top", fontsize=10)
        ax.axis("off")
    show(fig, alt)


def intraday(prices, alt):
    """The price through each day, with the range so far behind it. prices: (days, minutes, 3): highest, lowest, now."""
    fig, axes = figure(max(5, 2.1 * len(prices)), 2.8, ncols=len(prices), sharey=True, squeeze=False)
    minutes = prices.shape[1]
    ticks = np.unique(np.linspace(0, minutes, 3 if len(prices) > 1 else 5).clip(0, minutes - 1).astype(int))
    for day, (ax, (highest, lowest, now)) in enumerate(zip(axes.flat, prices.transpose(0, 2, 1))):
        ax.fill_between(
            range(minutes), lowest, highest, fc=ORANGE + "40", ec=ORANGE, lw=0.8, label="lowest to highest so far"
        )
        ax.plot(now, color=BLUE, lw=1, label="now")
        ax.set_title(f"day {day}", fontsize=11, color=INK)
        ax.set_xticks(ticks, [f"{t // 60}:{t % 60:02}" for t in ticks], fontsize=8)
        ax.grid(alpha=0.3)
    axes.flat[0].set_ylabel("price")
    fig.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    show(fig, alt)


def heat_map(results, x, y, alt=None):
    """A sweep's best score for each pair of values. results: from `sweep.run`; x, y: names of two settings.

    Raises ValueError for a name that is not there, or more than 12 values: `parallel_coordinates` shows those.
    """
    columns, rows = (_values(results, name) for name in (x, y))
    for name, values in ((x, columns), (y, rows)):
        if len(values) > 12:
            raise ValueError(f"{name} took {len(values)} values, too many for a map: use parallel_coordinates")
    scores = np.full((len(rows), len(columns)), np.nan)
    for row in results.final[::-1]:  # the best comes last
        place = rows.index(results.settings(row)[y]), columns.index(results.settings(row)[x])
        scores[place] = np.nan if row["score"] is None else row["score"]
    fig, ax = figure(1.8 + 0.9 * len(columns), 1.3 + 0.5 * len(rows))
    image = ax.imshow(scores, cmap="cividis", aspect="auto")
    for (i, j), score in np.ndenumerate(scores):
        color = "white" if image.norm(score) < 0.5 else INK
        ax.text(j, i, "–" if np.isnan(score) else f"{score:.4f}", ha="center", va="center", color=color, fontsize=9)
    ax.set_xticks(range(len(columns)), map(_short, columns))
    ax.set_yticks(range(len(rows)), map(_short, rows))
    ax.set(xlabel=x, ylabel=y, title=results.metric)
    top = results.settings(results.final[0])
    show(
        fig, alt or f"{results.metric} for each {x} and {y}; the best is at {x} {_short(top[x])}, {y} {_short(top[y])}."
    )


def parallel_coordinates(results, alt=None):
    """A sweep as lines, one for each trial, across an axis for each setting to its score.

    results: from `sweep.run`. The best is thick, the rest of the best quarter blue; a trial without a score ends in a cross.
    """
    names = list(results.trials[0])
    fig, ax = figure(1.6 * (len(names) + 1) + 1, 3.6)
    places = {name: _places(_values(results, name)) for name in names}
    scores = [row["score"] for row in results.final if row["score"] is not None]
    low, high = (min(scores), max(scores)) if scores else (0, 1)
    for i, row in reversed(list(enumerate(results.final))):
        heights = [places[name][results.settings(row)[name]] for name in names]
        if row["score"] is None:
            ax.plot([*heights, -0.12], ":", color=GREY, lw=1)
            ax.plot(len(names), -0.12, "x", color=VERMILION, clip_on=False)
        else:
            share = (row["score"] - low) / ((high - low) or 1)
            color, width = (VERMILION, 3) if i == 0 else (BLUE, 1.5) if i < len(results.final) / 4 else (GREY, 0.8)
            ax.plot([*heights, share], color=color, lw=width, zorder=1 + width)
    for column, name in enumerate(names):
        ax.axvline(column, color=GREY, lw=1, zorder=1)
        for value in _thinned(list(places[name])):
            text = ax.text(column - 0.04, places[name][value], _short(value), ha="right", va="center", fontsize=9)
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1})
            text.set_zorder(5)
    ax.axvline(len(names), color=GREY, lw=1, zorder=1)
    for share in (0, 0.5, 1):
        ax.text(len(names) + 0.04, share, f"{low + share * (high - low):.4f}", va="center", fontsize=9, color=INK)
    ax.set_xticks(range(len(names) + 1), [*names, results.metric])
    ax.set(yticks=[], ylim=(-0.16, 1.06), xlim=(-0.5, len(names) + 0.5))
    ax.spines[:].set_visible(False)
    best = ", ".join(f"{name} {_short(value)}" for name, value in results.settings(results.final[0]).items())
    show(
        fig,
        alt or f"{len(results.final)} trials as lines over {', '.join(names)} to {results.metric}; the best: {best}.",
    )


def _values(results, name):
    """The different values of a setting, in order if they are numbers."""
    if name not in results.trials[0]:
        raise ValueError(f"there is no setting {name!r}, only {', '.join(results.trials[0])}")
    values = list(dict.fromkeys(results.settings(row)[name] for row in results.final))
    return sorted(values) if all(isinstance(value, (int, float)) for value in values) else values


def _places(values):
    """Where each value stands on its axis, from 0 to 1: numbers by size, or by logarithm if they span decades."""
    marks = np.arange(len(values), dtype=float)
    if len(values) > 5 and isinstance(values[0], (int, float)):
        marks = np.log(values) if values[0] > 0 and values[-1] > 20 * values[0] else np.array(values, dtype=float)
    return dict(zip(values, (marks - marks[0]) / ((marks[-1] - marks[0]) or 1)))


def _thinned(values, most=5):
    """At most so many of a list, evenly chosen, with both ends."""
    return [values[i] for i in np.unique(np.linspace(0, len(values) - 1, most).astype(int))]


def _short(value):
    return f"{value:.2g}" if isinstance(value, float) else str(value)


def animation(frames, alt, milliseconds=60):
    """A film that plays three times and then rests. frames: uint8 (frames, height, width, 3); milliseconds: a frame's time.

    Readers whose system asks for less motion get the first frame, at rest.
    """
    scale = -(-256 // frames.shape[2])  # small films are enlarged, a pixel to a square
    first, *rest = (Image.fromarray(f) for f in frames.repeat(scale, axis=1).repeat(scale, axis=2))
    gif, png = io.BytesIO(), io.BytesIO()
    # A browser doesn't play again what it has played, byte for byte: in a reader's JupyterLab each film is a new one.
    comment = str(time.time_ns()) if "JPY_SESSION_NAME" in os.environ else ""
    options = {"append_images": rest, "duration": milliseconds, "comment": comment}
    first.save(gif, "GIF", save_all=True, loop=2, **options)  # 2 more times
    first.save(png, "PNG")
    still, film = (base64.b64encode(file.getvalue()).decode() for file in (png, gif))
    source = f'<source media="(prefers-reduced-motion: reduce)" srcset="data:image/png;base64,{still}">'
    style = f"max-width:100%;width:{first.width}px;border-radius:6px"
    picture = f'<img alt="{html.escape(alt)}" style="{style}" src="data:image/gif;base64,{film}">'
    display(HTML(f"<picture>{source}{picture}</picture>"))
