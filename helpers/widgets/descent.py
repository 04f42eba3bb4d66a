"""Explorer: gradient descent, step by step, on a curve or on a surface."""

import functools

import numpy as np

from helpers.landscapes import CURVES, SURFACES, descend
from helpers.optimizers import SGD
from helpers.widgets.base import Explorer, State, row, text
from helpers.widgets.drawing import handle, image, line, player, plot, points, readout
from helpers.widgets.tangent import curve_line
from helpers.widgets.walks import NEAR, chart, choose, edges, kinds, nearest, place_in, show, slider, stars

STEPS = 60
RATES = [0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.95, 1.0, 1.02, 1.1, 1.5]
PLACES = {
    **{f"curve: {name}": curve for name, curve in CURVES.items()},
    **{f"surface: {name}": surface for name, surface in SURFACES.items()},
}


class DescentState(State):
    """A landscape, a start and a learning rate; `path` holds where plain gradient descent goes."""

    def __init__(self, landscape="curve: one valley", learning_rate=0.1):
        super().__init__()
        self.rate = nearest(RATES, learning_rate)
        self.set_landscape(landscape)

    def set_landscape(self, value):
        if value not in PLACES:
            raise ValueError(f"unknown landscape {value!r}")
        self.name, self.landscape = value, PLACES[value]
        self.start = self.landscape.start

    def set_rate(self, value):
        self.rate = choose(RATES, value)

    def set_start(self, value):
        dimensions = len(self.start)
        self.start = place_in(self.landscape.box[:dimensions], value[:dimensions])

    @property
    def path(self):
        """Places (STEPS + 1, 1 or 2), by the optimizer that trains networks."""
        return walk_down(self.name, self.rate, self.start)

    def verdict(self):
        """What became of it, in words."""
        path = self.path
        if self._diverges(path):
            return "It diverges: each step overshoots by more than the last. The learning rate is too large."
        for which, minimum in zip(kinds(self.landscape), self.landscape.minima):
            far = np.linalg.norm(path - minimum, axis=1) >= NEAR
            if not far[-1]:
                step = int(np.flatnonzero(far)[-1]) + 1 if far.any() else 0
                kind = f"the {which} minimum" if len(self.landscape.minima) > 1 else "the minimum"
                return f"At {kind} from step {step} on." + self._zigzag(path[: step + 1])
        steps = np.linalg.norm(np.diff(path[-12:], axis=0), axis=1)
        if steps.max() < NEAR:
            return (
                f"After {STEPS} steps still on its way, in tiny steps: the learning rate is small, or the ground flat."
            )
        return f"After {STEPS} steps it has not settled." + self._zigzag(path)

    def _diverges(self, path):
        """Whether it has left the map, or is outside the box and takes longer and longer steps."""
        if np.isnan(path[-1]).any():
            return True
        outside = any(not low <= w <= high for w, (low, high) in zip(path[-1], self.landscape.box))
        lengths = np.linalg.norm(np.diff(path[-12:], axis=0), axis=1)
        return outside and bool((np.diff(lengths) > 0).all())

    @staticmethod
    def _zigzag(path):
        moves = np.diff(path, axis=0)
        turns = np.mean(np.sum(moves[1:] * moves[:-1], axis=1) < 0) if len(moves) > 1 else 0
        return " It jumps from side to side: the learning rate is on the large side." if turns > 0.5 else ""

    def view(self):
        path = self.path
        heights = self.landscape.f(path)
        gradients = self.landscape.gradient(path)
        flat = path.shape[1] == 1
        what = "A curve" if flat else "The surface from above, low is blue,"
        drawing = plot(
            self.landscape.name,
            f"{what} and {STEPS} steps of gradient descent on it. {self.verdict()}",
            self._on_curve(path, heights, gradients) if flat else self._on_surface(path),
            edges(self.landscape),
            labels=("w", "f(w)") if flat else ("x", "y"),
            handles=[handle("start", (self.start[0], heights[0]) if flat else self.start, "start")],
            size=(500, 360),
        )
        rows = []
        for words, values in (("", path), ("slope along ", gradients), ("next step of ", -self.rate * gradients)):
            rows += [[words + name, [show(v) for v in values[:, k]]] for k, name in enumerate("w" if flat else "xy")]
        rows += [["f", [show(h) for h in heights]]]
        return {
            "controls": [
                self.control("landscape", "landscape", self.name, kind="select", choices=list(PLACES)),
                slider(self, "rate", "learning rate", self.rate, RATES),
                player("step", "step", STEPS + 1),
            ],
            "blocks": [
                text(self.landscape.story),
                row(drawing, readout("here", ["", ""], rows, "step")),
                text(self.verdict()),
            ],
        }

    def _on_curve(self, path, heights, gradients):
        (low, high), _ = self.landscape.box
        places = np.concatenate([path, heights[:, None]], axis=1)
        reach = (high - low) / 8  # the tangent is drawn this far to both sides
        sides = path + np.array([-reach, reach])
        tangents = np.stack([sides, heights[:, None] + gradients * (sides - path)], axis=-1)
        return [
            curve_line(self.landscape),
            line(places, "blue", grow="step", width=1.5),
            points(places, ["blue"], size=3, opacity=0.5),
            line(tangents, "vermilion", along=["step"], width=3),
            points(places[:, None], ["blue"], along=["step"], size=8),
        ]

    def _on_surface(self, path):
        return [
            image(chart(self.landscape.name)),
            *stars(self.landscape),
            line(path, "blue", grow="step", rim=True),
            points(path[:, None], ["blue"], along=["step"], size=8),
        ]


@functools.lru_cache(maxsize=256)
def walk_down(name, rate, start):
    """The path, kept, since a view asks for it several times."""
    return descend(PLACES[name], SGD(rate), start, STEPS)


def descent(landscape="curve: one valley", learning_rate=0.1):
    """Show the explorer: choose a start and a learning rate, step or run."""
    return Explorer(DescentState(landscape, learning_rate), "Descent explorer")
