"""Explorer: all optimizers walk down the same surface, from the same start, with the same learning rate."""

import functools

import numpy as np

from helpers.landscapes import SURFACES, descend
from helpers.optimizers import SGD, Adagrad, Adam, RMSprop
from helpers.widgets.base import Explorer, State, row, text
from helpers.widgets.drawing import COLORS, SHAPES, handle, image, line, player, plot, points, readout
from helpers.widgets.walks import MOMENTA, NEAR, chart, choose, edges, kinds, nearest, place_in, show, slider, stars

STEPS = 100
RATES = [digit * 10.0**power for power in (-3, -2, -1) for digit in (1, 1.5, 2, 3, 5, 7)] + [1.0]
RACERS = {
    "SGD": lambda rate, momentum: SGD(rate),
    "momentum": lambda rate, momentum: SGD(rate, momentum=momentum),
    "Nesterov": lambda rate, momentum: SGD(rate, momentum=momentum, nesterov=True),
    "AdaGrad": lambda rate, momentum: Adagrad(rate),
    "RMSprop": lambda rate, momentum: RMSprop(rate),
    "Adam": lambda rate, momentum: Adam(rate),
}
SIGNS = ("●", "■", "▲", "◆", "✚", "✖")


class RaceState(State):
    """A surface, a start, a learning rate and a momentum; `paths` holds where each optimizer went."""

    def __init__(self, surface="long valley", learning_rate=0.05, momentum=0.9):
        super().__init__()
        self.rate, self.momentum = nearest(RATES, learning_rate), nearest(MOMENTA, momentum)
        self.set_surface(surface)

    def set_surface(self, value):
        if value not in SURFACES:
            raise ValueError(f"unknown surface {value!r}")
        self.landscape = SURFACES[value]
        self.start = self.landscape.start

    def set_rate(self, value):
        self.rate = choose(RATES, value)

    def set_momentum(self, value):
        self.momentum = choose(MOMENTA, value)

    def set_start(self, value):
        self.start = place_in(self.landscape.box, value)

    @property
    def paths(self):
        """{optimizer: places, (STEPS + 1, 2)}."""
        return {
            name: walk(
                self.landscape.name, name, self.start, self.rate, self.momentum * (name in ("momentum", "Nesterov"))
            )
            for name in RACERS
        }

    def arrivals(self):
        """{optimizer: (the step from which it stays near a minimum, "global" or "local")}, first come first."""
        found = {}
        for name, path in self.paths.items():
            for which, minimum in zip(kinds(self.landscape), self.landscape.minima):
                far = ~(np.linalg.norm(path - minimum, axis=1) < NEAR)  # so that nan is far
                if not far[-1]:
                    found[name] = (int(np.flatnonzero(far)[-1]) + 1 if far.any() else 0, which)
        return dict(sorted(found.items(), key=lambda item: item[1]))

    def sentence(self):
        arrivals = self.arrivals()
        lost = [name for name, path in self.paths.items() if np.isnan(path[-1]).any()]
        if arrivals:
            parts = [
                f"{name} at step {step}" + " (local)" * (which == "local") for name, (step, which) in arrivals.items()
            ]
            words = f"At a minimum for good: {', '.join(parts)}."
        else:
            words = f"None has come to rest at a minimum within {STEPS} steps."
        return words + (f" Off the map: {', '.join(lost)}: the learning rate is too large for them." if lost else "")

    def view(self):
        paths, said = self.paths, self.sentence()
        heads = np.stack(list(paths.values()), axis=1)
        marks = [image(chart(self.landscape.name))]
        marks += [line(path, color, grow="step", rim=True) for path, color in zip(paths.values(), COLORS)]
        marks += stars(self.landscape)
        marks += [points(heads, COLORS, SHAPES, groups=range(len(paths)), along=["step"], size=7)]
        heights = self.landscape.f(heads)
        rows = [[sign, name, [show(h) for h in heights[:, i]]] for i, (sign, name) in enumerate(zip(SIGNS, paths))]
        drawing = plot(
            self.landscape.name,
            f"Paths of six optimizers on the surface {self.landscape.name}. {said}",
            marks,
            edges(self.landscape),
            labels=("x", "y"),
            handles=[handle("start", self.start, "start")],
            size=(500, 380),
        )
        return {
            "controls": [
                self.control("surface", "surface", self.landscape.name, kind="select", choices=list(SURFACES)),
                slider(self, "rate", "learning rate", self.rate, RATES),
                slider(self, "momentum", "momentum (■ ▲)", self.momentum, MOMENTA),
                player("step", "step", STEPS + 1),
            ],
            "blocks": [
                text(self.landscape.story),
                row(drawing, readout("height f", ["", "optimizer", "f"], rows, "step")),
                text(said),
            ],
        }


@functools.lru_cache(maxsize=256)
def walk(surface, optimizer, start, rate, momentum):
    """The path of one optimizer; kept, since a move of one slider leaves most paths as they were."""
    return descend(SURFACES[surface], RACERS[optimizer](rate, momentum), start, STEPS)


def race(surface="long valley", learning_rate=0.05, momentum=0.9):
    """Show the explorer: six optimizers, one surface."""
    return Explorer(RaceState(surface, learning_rate, momentum), "Optimizer race")
