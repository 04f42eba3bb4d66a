"""Explorer: backpropagation, node by node: numbers flow to the right, gradients flow back to the left."""

import functools
from typing import NamedTuple

import numpy as np

from helpers.graph import Value, topological_order
from helpers.widgets.base import Explorer, State, cell, grid, text
from helpers.widgets.drawing import arrow, box, line, player, plot, readout
from helpers.widgets.parse import parse_number

LARGEST = 99.99  # of all leaves; no expression overflows within
WIDEST = 808  # of the drawing, in pixels
ROW, HEIGHT = 74, 54  # a row of the drawing, and a box in it
GAP = 17  # between two boxes of a row, at least: room for an arrow
UNKNOWN, NOTHING = "?", "\N{NO-BREAK SPACE}"  # an empty line would collapse, and all below it jump


# ── the expressions: functions of their leaves, each step named ──


def named(name, node):
    node.name = name
    return node


def squared_error(a, y):
    difference = named("d", a + named("-y", -y))  # a - y is the same, but leaves -y without a name
    return named("L", difference**2)


def without_relu(x, W, b, y):
    return squared_error(named("z", named("W·x", W * x) + b), y)


def with_relu(x, W, b, y):
    z = named("z", named("W·x", W * x) + b)
    return squared_error(named("a", z.relu()), y)


def two_layers(x, w1, b1, w2, b2, y):
    z1 = named("z1", named("w1·x", w1 * x) + b1)
    a = named("a", z1.relu())
    return squared_error(named("z2", named("w2·a", w2 * a) + b2), y)


def cross_entropy(z1, z2, z3):
    e1, e2, e3 = (named(f"e{i}", z.exp()) for i, z in enumerate((z1, z2, z3), 1))
    total = named("s", named("e1 + e2", e1 + e2) + e3)
    p = named("p", e1 * named("r", total**-1))  # e1 / s is made so, too
    return named("L", -named("log(p)", p.log()))


def used_twice(x):
    return named("L", named("x·x", x * x) + x)


EXPRESSIONS = {
    "(W·x + b - y)²": (without_relu, {"x": 0.01, "W": 3.0, "b": 2.0, "y": 8.0}),
    "(relu(W·x + b) - y)²": (with_relu, {"x": 0.01, "W": 3.0, "b": 2.0, "y": 8.0}),
    "two layers": (two_layers, {"x": 2.0, "w1": 0.5, "b1": 1.0, "w2": -1.5, "b2": 0.5, "y": 1.0}),
    "softmax and cross-entropy": (cross_entropy, {"z1": 1.0, "z2": 2.0, "z3": 0.5}),
    "a node used twice: x·x + x": (used_twice, {"x": 3.0}),
}


class Frame(NamedTuple):
    """What is seen at one step: `known` nodes show their data, `grads` holds the gradients summed up so far."""

    title: str
    says: tuple  # sentences: the step, and one for each gradient that is handed on
    node: Value | None  # the one that is worked on
    color: str | None
    known: frozenset
    grads: dict


class BackpropagationState(State):
    """An expression and the numbers at its leaves; `frames` tells the story of both passes."""

    def __init__(self, expression="(relu(W·x + b) - y)²", **leaves):
        super().__init__()
        self.set_expression(expression)
        for name, number in leaves.items():
            self.set_leaf(name, number)

    def apply(self, name, value):
        """Besides the usual: a message named "leaf:W" types a number over W."""
        self.errors.clear()  # what was wrong with the last message is over
        kind, _, leaf = name.partition(":")
        return self.set_leaf(leaf, value) if kind == "leaf" else super().apply(name, value)

    def set_leaf(self, leaf, value):
        if leaf not in self.leaves:
            raise ValueError(f"there is no leaf {leaf!r}")
        self.leaves[leaf] = parse_number(leaf, value, LARGEST)

    def set_expression(self, value):
        if value not in EXPRESSIONS:
            raise ValueError(f"unknown expression {value!r}")
        self.expression = value
        self.leaves = dict(EXPRESSIONS[value][1])

    def output(self, leaves=None):
        """The expression's last node, freshly computed."""
        function, _ = EXPRESSIONS[self.expression]
        return function(**{name: Value(number, name) for name, number in (leaves or self.leaves).items()})

    def central_differences(self, h=1e-5):
        """{leaf: its gradient, measured by moving it a little up and down}."""
        return {
            leaf: (self.output(self.leaves | {leaf: x + h}).data - self.output(self.leaves | {leaf: x - h}).data)
            / (2 * h)
            for leaf, x in self.leaves.items()
        }

    # ── what is seen ──

    def view(self):
        output = self.output()
        frames = both_passes(output)
        cells = [
            one
            for name, x in self.leaves.items()
            for one in (cell(name, "head"), cell(f"{x:g}", edit=f"leaf:{name}") | {"label": name})
        ]
        story = [[[frame.says[i] for frame in frames]] for i in range(3)]
        return {
            "controls": [
                self.control("expression", "expression", self.expression, kind="select", choices=list(EXPRESSIONS)),
                player("step", "step", len(frames), seconds=1.5 * len(frames), texts=[f.title for f in frames]),
            ],
            "blocks": [
                grid("Leaves: type other numbers", [cells]),
                *(text(error, "warn") for name, error in self.errors.items() if name != "expression"),
                draw(output, frames),
                readout("What happens", ["in this step"], story, "step"),
                self.check(output, frames),
            ],
        }

    def check(self, output, frames):
        """A table of the leaves' gradients beside what is measured."""
        leaves = {node.name: node for node in topological_order(output)}
        rows = []
        for name, difference in self.central_differences().items():
            slope = frames[-1].grads[leaves[name]]
            near = abs(slope - difference) <= 1e-4 * abs(slope) + 1e-5
            verdict = "✓" if near else "✗ relu has no one slope at 0"
            last = [UNKNOWN] * (len(frames) - 1)
            rows.append([name, grads_of(leaves[name], frames), [*last, short(difference)], [*last, verdict]])
        head = ["leaf", "backpropagation", "measured: (L(leaf + h) - L(leaf - h)) / 2h", "equal?"]
        return readout("∂L/∂leaf: check, in the last step", head, rows, "step")


# ── both passes, step by step ──


def is_constant(node):
    """Constants are told in words alone. The expressions hold one: -1."""
    return not (node.op or node.name)


def shown(nodes):
    return [node for node in nodes if not is_constant(node)]


def both_passes(output):
    """The frames: only leaves; each node forward; the output's gradient; each node handing its gradient to its parents."""
    order = shown(topological_order(output))
    steps = [node for node in order if node.op]
    known, grads = frozenset(node for node in order if not node.op), {}
    start = "The numbers at the leaves are given. Go on: each node computes its own from those of its parents."
    frames = [Frame("start", (start, NOTHING, NOTHING), None, None, known, grads)]
    for i, node in enumerate(steps, 1):
        known |= {node}
        says = f"forward: {computed(node)}", NOTHING, NOTHING
        frames.append(Frame(f"forward {i} of {len(steps)}", says, node, "blue", known, grads))

    grads = {output: 1.0}
    name = output.name
    says = f"backward starts at {name}: ∂{name}/∂{name} = 1", f"{name} rises as much as {name} does.", NOTHING
    frames.append(Frame("backward: start", says, output, "vermilion", known, grads))
    for i, node in enumerate(reversed(steps), 1):
        grads, handed = hand_on(node, grads, output)
        says = f"backward: {node.name} hands {slope_of(node, output)} = {short(grads[node])} on", *handed, NOTHING
        frames.append(Frame(f"backward {i} of {len(steps)}", says[:3], node, "vermilion", known, grads))
    return frames


def hand_on(node, grads, output):
    """The chain rule for one node: the gradients with its parents' shares added, and each share in words."""
    grads, handed = dict(grads), []
    for parent, slope in zip(node.parents, node.slopes):
        if is_constant(parent):
            continue
        share, before = slope * grads[node], grads.get(parent)
        grads[parent] = share + (before or 0.0)
        words = (
            f"{slope_of(parent, output)} += slope · {slope_of(node, output)} = "
            f"{signed(slope)} · {signed(grads[node])} = {short(share)}"
        )
        if before is not None:
            words += f", so far {signed(before)} + {signed(share)} = {short(grads[parent])}"
        handed.append(words)
    return grads, handed


def slope_of(node, output):
    return f"∂{output.name}/∂{f'({node.name})' if set(node.name) & set('+-·') else node.name}"


def data_of(node, frames):
    number = short(node.data)
    return [number if node in frame.known else UNKNOWN for frame in frames]


def grads_of(node, frames):
    return [short(frame.grads[node]) if node in frame.grads else UNKNOWN for frame in frames]


# ── formulas and numbers in words ──


def formula(node, operands):
    """A node's operation on what is given: "+" and ["z", "b"] → "z + b"."""
    if any(map(is_constant, node.parents)):
        return f"-{operands[0]}"
    if node.op == "+":
        return " + ".join(operands).replace("+ -", "- ")
    forms = {"×": "{}·{}", "relu": "relu({})", "exp": "exp({})", "log": "log({})", "**2": "{}²", "**-1": "1/{}"}
    return forms[node.op].format(*operands)


def computed(node):
    """ "z = W·x + b = 0.03 + 2 = 2.03"."""
    written = signed if node.op in ("×", "**2", "**-1") else short
    parts = [
        node.name,
        formula(node, [parent.name for parent in node.parents]),
        formula(node, [written(parent.data) for parent in node.parents]),
        short(node.data),
    ]
    return " = ".join(dict.fromkeys(parts))  # each once


def heading(node):
    """What stands on top of a node's box: its name and its operation, unless the name says both."""
    if not node.op or not node.name.isalnum():
        return node.name
    if any(map(is_constant, node.parents)):
        return f"{node.name}: × (-1)"
    sign = {"**2": "( )²", "**-1": "1/( )"}.get(node.op, node.op)
    return f"{node.name}: {sign}"


@functools.lru_cache(maxsize=4096)  # most numbers stand in many frames
def short(number):
    """As many digits as fit into six characters, besides the sign."""
    for digits in range(6, 0, -1):
        mantissa, e, exponent = f"{number + 0.0:.{digits}g}".partition("e")
        written = mantissa + (f"e{int(exponent)}" if e else "")
        if len(written.removeprefix("-")) <= 6:
            return written
    raise ValueError(f"{number} does not fit into six characters")


def signed(number):
    """In brackets if negative, as after a "·"."""
    return f"({short(number)})" if number < 0 else short(number)


# ── where the nodes stand: in columns, each one to the left of all that are made from it ──


class Layout(NamedTuple):
    """Places in pixels. nodes: {node: centre}; edges: [(child, parent, places from parent to child)]."""

    nodes: dict
    edges: list
    width: int  # of a box
    size: tuple


def layout(output):
    """Column: the longest way to the output. An edge that passes a column has a slot in it, so it meets no box."""
    order = shown(topological_order(output))
    column = {output: 0}
    for node in reversed(order):
        for parent in shown(node.parents):
            column[parent] = max(column.get(parent, 0), column[node] + 1)
    edges = [(node, k, parent) for node in order for k, parent in enumerate(shown(node.parents))]

    columns = [[output]]  # from the output to the left; a slot is a node, or (edge, column) where an edge passes
    for number in range(1, max(column.values()) + 1):
        columns.append(next_column(columns[-1], number, edges, column))

    pitch = min(130, WIDEST // len(columns))
    height = ROW * max(map(len, columns))
    places = {}
    for number, slots in enumerate(columns):
        x = (len(columns) - number - 0.5) * pitch
        for i, slot in enumerate(slots):
            places[slot] = np.array([x, height / 2 - (i - (len(slots) - 1) / 2) * ROW])
    width = min(100, pitch - GAP)
    paths = [(edge[0], edge[2], route(edge, edges, places, column, width)) for edge in edges]
    return Layout({node: places[node] for node in order}, paths, width, (len(columns) * pitch, height))


def next_column(right, number, edges, column):
    """The slots of a column, each as near as may be to the ones on its right that it leads to."""
    heights = {}
    for edge in edges:
        child, _, parent = edge
        if column[child] < number <= column[parent]:
            slot = parent if column[parent] == number else (edge, number)
            leads_to = child if column[child] == number - 1 else (edge, number - 1)
            heights.setdefault(slot, []).append(right.index(leads_to))
    return sorted(heights, key=lambda slot: np.mean(heights[slot]))


def route(edge, edges, places, column, width):
    """The way of an edge, from its parent's right side through the slots to its child's left side."""
    child, _, parent = edge
    half = np.array([width / 2, 0])
    slots = [places[edge, number] for number in range(column[parent] - 1, column[child], -1)]
    inner = [place for slot in slots for place in (slot - half, slot + half)]
    aside = np.array([0, port(edge, edges, places, column)])
    return np.array([places[parent] + half, *inner, places[child] - half + aside])


def port(edge, edges, places, column):
    """How far above its child's centre an edge arrives: those of one child side by side, in the order they come from."""
    child = edge[0]
    arriving = [e for e in edges if e[0] is child]
    before = column[child] + 1
    arriving.sort(key=lambda e: places[e[2] if column[e[2]] == before else (e, before)][1])
    return 18 * (arriving.index(edge) - (len(arriving) - 1) / 2)


def draw(output, frames):
    """The graph: grey arrows, a coloured line along those that are worked on, and a box for each node."""
    nodes, edges, width, (wide, high) = layout(output)
    marks = [line(strokes([path[:-1] for *_, path in edges]), "grey", width=1.5)]
    marks += [arrow(path[-2:], "grey", width=1.5) for *_, path in edges]
    marks += [line(pulses(edges, frames, color), color, along=["step"], width=4) for color in ("blue", "vermilion")]
    for node, place in nodes.items():
        lines = [heading(node), data_of(node, frames), [f"grad {g}" for g in grads_of(node, frames)]]
        lit = [frame.color if frame.node is node else None for frame in frames]
        colors = ("ink", "blue", "vermilion")
        marks.append(box(place, lines, colors, width=width, height=HEIGHT, lit=lit, changes="step"))
    last = frames[-1].grads
    found = "; ".join(f"{n.name} = {short(n.data)}, gradient {short(last[n])}" for n in nodes)
    return plot(
        "Boxes: node, number, gradient of L",
        f"A graph of {len(nodes)} nodes, from the leaves on the left to L on the right. After both passes: {found}.",
        marks,
        (-4, wide + 4, -4, high + 4),
        size=(wide + 16, high + 16),  # with the plot's margins of 4, one unit is one pixel
        axes=False,
    )


def strokes(paths):
    """Paths (…, n, 2) of different n as one, the pen lifted after each."""
    gap = np.full((*np.shape(paths[0])[:-2], 1, 2), np.nan)
    return np.concatenate([part for path in paths for part in (path, gap)], axis=-2)


def pulses(edges, frames, color):
    """A line along the edges of the node that is worked on, in frames of one color; the others have no length.

    Before its frame, an edge waits at the end it starts from, and after it, at the other: so between frames it grows out
    of one node and vanishes into the next.
    """
    paths = []
    for child, _, path in edges:
        way = path if color == "blue" else path[::-1]
        # the last such frame: the output is lit twice going backward, first for its own gradient
        at = max(i for i, frame in enumerate(frames) if (frame.node, frame.color) == (child, color))
        before = np.arange(len(frames))[:, None] < at
        pulse = np.repeat(np.where(before, way[0], way[-1])[:, None], len(way), axis=1)
        pulse[at] = way
        paths.append(pulse)
    return strokes(paths)


def backpropagation(expression="(relu(W·x + b) - y)²", **leaves):
    """Show the explorer: step through both passes, type other numbers at the leaves (x=0.5, W=2, …)."""
    return Explorer(BackpropagationState(expression, **leaves), "Backpropagation explorer")
