"""A view at rest, as plain HTML and pictures: what stands in a stored notebook, where no kernel runs."""

import html
import re

import numpy as np

# As in plot.js: dark enough to read on the white card.
COLOURS = {
    "blue": "#0072b2",
    "orange": "#9a6400",
    "green": "#00805d",
    "vermilion": "#b94a00",
    "purple": "#a8497b",
    "sky": "#2478ab",
    "ink": "#1a1a1a",
    "grey": "#6b6b6b",
    "pale": "#949494",
}
HEIGHTS = ["#a8d2ea", "#c5e0f0", "#e2eff6", "#faf7ec", "#f8e8cc", "#f3d6ab"]
SHAPES = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "plus": "P", "cross": "X"}


def still(view):
    """The blocks of a view as HTML, its players at rest."""
    rest = {c["name"]: c["rest"] for c in view["controls"] if c["kind"] == "player"}
    return "".join(_block(block, rest) for block in view["blocks"])


def _block(block, rest):
    if block["kind"] == "row":
        return "".join(_block(inner, rest) for inner in block["blocks"])
    if block["kind"] == "grid":
        return _table(block["title"], [[c["text"] for c in cells] for cells in block["cells"]])
    if block["kind"] == "readout":
        rows = [[_now(text, block["along"], rest) for text in row] for row in block["rows"]]
        return _table(block["title"], [block["head"], *rows])
    if block["kind"] in ("stack", "pad"):
        return f"<p>{html.escape(block['alt'])}</p>"
    if block["kind"] == "bars":
        return _table(block["title"], zip(block["labels"], block["texts"]))
    if block["kind"] == "pictures":
        return _pictures(block)
    if block["kind"] == "choices":
        choices = (
            f"<details><summary>{rich(c['text'])}</summary>{rich(c['still'])}</details>" for c in block["choices"]
        )
        return "".join(choices)
    if block["kind"] == "plot":
        return _plot(block, rest)
    tag = "pre" if block["style"] == "code" else "p"
    words = rich(block["text"]) if block["style"] == "prompt" else html.escape(block["text"])
    return f"<{tag}>{words}</{tag}>"


def rich(words):
    """Words with `code`, **weight** and *stress* as HTML, as explorer.js does it."""
    parts = re.split(r"(`[^`]+`|\*\*[^*]+\*\*|\*[^\s*][^*]*\*)", html.escape(words, quote=False))
    for i, part in enumerate(parts[1::2]):
        tag, width = ("code", 1) if part[0] == "`" else ("strong", 2) if part[1] == "*" else ("em", 1)
        parts[2 * i + 1] = f"<{tag}>{part[width:-width]}</{tag}>"
    return "".join(parts)


def _table(title, rows):
    rows = ("".join(f"<td>{html.escape(text)}</td>" for text in row) for row in rows)
    return f"<table><caption>{html.escape(title)}</caption>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _pictures(block):
    from helpers import plots

    page = html.escape(block["title"])
    for image, caption, alt in zip(block["images"], block["captions"], block["alts"]):
        picture = plots.thumbnail(image, alt, block["width"])
        page += f"<figure>{picture}<figcaption>{html.escape(caption)}</figcaption></figure>"
    return f'<div style="display:flex;flex-wrap:wrap;gap:6px">{page}</div>'


def _now(text, along, rest):
    return text[rest[along]] if isinstance(text, list) else text


def _plot(block, rest):
    """A plot by matplotlib. Imported here: a reader's explorer is drawn by the page, and needs it only once, when shown."""
    from matplotlib.colors import LinearSegmentedColormap

    from helpers import plots

    fig, ax = plots.figure(block["width"] / 72, block["height"] / 72)
    box = (*block["x"], *block["y"])
    for mark in block["marks"]:
        if mark["kind"] == "image":
            cmap = LinearSegmentedColormap.from_list("heights", HEIGHTS)
            ax.imshow(mark["levels"], cmap=cmap, extent=box, aspect="auto", vmin=0, vmax=255)
            continue
        at = mark["at"][tuple(rest[name] for name in mark["along"])]
        if at.shape[-1] == 3:
            at = turned(at, rest[block["turn"]])
        if mark.get("grow"):
            at = at[: rest[mark["grow"]] + 1]
        _draw(ax, mark, at, rest)
    for handle in block["handles"]:
        ax.plot(*handle["at"], "o", ms=14, mfc="none", mew=3, color=COLOURS[handle["color"]])
    ax.set(xlim=block["x"], ylim=block["y"], xlabel=block["xlabel"], ylabel=block["ylabel"])
    ax.set_title(block["title"], fontsize=10)
    ax.axis("on" if block["axes"] else "off")
    return plots.picture(fig, block["alt"])


def turned(at, degrees):
    """Places in space as the camera sees them, (n, 2): turned about the upright axis, seen from 20° above; as in plot.js."""
    angle = np.radians(degrees)
    x, y, z = at.T
    x, depth = x * np.cos(angle) + z * np.sin(angle), z * np.cos(angle) - x * np.sin(angle)
    return np.stack([x, y * 0.94 - depth * 0.34], axis=-1)


def _draw(ax, mark, at, rest):
    color = COLOURS.get(mark.get("color"))
    if mark["kind"] == "line":
        style = (0, mark["dash"]) if mark["dash"] else "-"
        ax.plot(*at.T, color=color, lw=mark["width"], ls=style, alpha=mark["opacity"])
    elif mark["kind"] == "scatter":
        groups = np.array(mark["groups"] or [0] * len(at))
        for group, (name, shape) in enumerate(zip(mark["colors"], mark["shapes"])):
            ax.plot(
                *at[groups == group].T, SHAPES[shape], color=COLOURS[name], ms=1.6 * mark["size"], mec="white", mew=0.6
            )
    elif mark["kind"] == "arrow":
        if np.isfinite(at).all() and np.ptp(at, axis=0).any():
            ax.annotate("", at[1], at[0], arrowprops={"color": color, "arrowstyle": "-|>", "lw": mark["width"]})
    elif mark["kind"] == "words":
        text = _now(mark["text"], (mark["along"] or [mark["changes"]])[0], rest)
        if np.isfinite(at).all():
            ax.text(*at[0], text, color=color, fontsize=mark["size"] * 0.75, ha=mark["align"])
    elif mark["kind"] == "quads":
        rows, columns = mark["ink"].shape
        x, y = at.reshape(rows + 1, columns + 1, 2).transpose(2, 0, 1)
        ax.pcolormesh(x, y, np.where(mark["ink"], mark["ink"], np.nan), cmap="gray_r", vmin=0, vmax=255)
    elif mark["kind"] == "box":
        lines = [_now(text, mark["changes"], rest) for text in mark["lines"]]
        edge = COLOURS[_now(mark["lit"], mark["changes"], rest) or "grey"]
        style = {"boxstyle": "round", "fc": "white", "ec": edge}
        ax.text(*at[0], "\n".join(lines), ha="center", va="center", fontsize=9, bbox=style)
