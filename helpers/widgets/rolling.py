"""Explorer: two balls on a curve with a local and a global minimum, one with momentum and one without."""

import functools

import numpy as np

from helpers.landscapes import CURVES, descend
from helpers.optimizers import SGD
from helpers.widgets.base import Explorer, State, row, text
from helpers.widgets.drawing import arrow, handle, player, plot, points, readout, words
from helpers.widgets.tangent import curve_line
from helpers.widgets.walks import MOMENTA, NEAR, choose, edges, nearest, place_in, show, slider

STEPS = 150
RATES = [0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.05, 0.07, 0.1]
CURVE = CURVES["local and global minimum"]


class RollingState(State):
    """A start, a learning rate and a momentum; `paths` holds where the two balls go."""

    def __init__(self, learning_rate=0.02, momentum=0.9, start=None):
        super().__init__()
        self.rate, self.momentum = nearest(RATES, learning_rate), nearest(MOMENTA, momentum)
        self.start = CURVE.start if start is None else place_in(CURVE.box[:1], [start])

    def set_rate(self, value):
        self.rate = choose(RATES, value)

    def set_momentum(self, value):
        self.momentum = choose(MOMENTA, value)

    def set_start(self, value):
        self.start = place_in(CURVE.box[:1], value[:1])

    @property
    def paths(self):
        """{"SGD" or "momentum": places (STEPS + 1,)}."""
        return {"SGD": roll(self.start, self.rate, 0.0), "momentum": roll(self.start, self.rate, self.momentum)}

    def endings(self):
        """{ball: "global", "local", or "nowhere" if it is still moving or lost}."""
        (deep,), (shallow,) = CURVE.minima
        found = {}
        for name, path in self.paths.items():
            rests = [(abs(path[-10:] - place) < NEAR).all() for place in (deep, shallow)]  # not just passing by
            found[name] = "global" if rests[0] else "local" if rests[1] else "nowhere"
        return found

    def sentence(self):
        said = {
            "global": "ends in the global minimum ★",
            "local": "ends in the local minimum ☆",
            "nowhere": "has not come to rest",
        }
        endings = self.endings()
        return f"● SGD {said[endings['SGD']]}. ■ Momentum {self.momentum:g} {said[endings['momentum']]}."

    def view(self):
        paths = np.stack(list(self.paths.values()), axis=1)  # (frames, 2 balls)
        heights = CURVE.f(paths[..., None])
        balls = np.stack([paths, heights], axis=-1)
        velocity = np.diff(paths[:, 1], prepend=paths[0, 1])  # v of the momentum rule: the last step
        tips = balls[:, 1] + np.stack([4 * velocity, 0 * velocity], axis=-1)
        lift = [0, 0.12]  # above the curve, so that it does not hide the ball
        marks = [
            curve_line(CURVE),
            *(
                words([[m[0], float(CURVE.f(np.array(m))) - 0.3]], star, size=18, align="center")
                for m, star in zip(CURVE.minima, "★☆")
            ),
            arrow(np.stack([balls[:, 1] + lift, tips + lift], axis=1), "vermilion", along=["step"], width=3),
            points(balls, ["blue", "orange"], ["circle", "square"], groups=[0, 1], along=["step"], size=9),
        ]
        drawing = plot(
            "local and global minimum",
            f"Two balls on a curve with two valleys. {self.sentence()}",
            marks,
            edges(CURVE),
            labels=("w", "f(w)"),
            handles=[handle("start", (self.start[0], heights[0, 0]), "start")],
            size=(540, 360),
        )
        rows = [
            ["● SGD: w", [show(w) for w in paths[:, 0]]],
            ["■ momentum: w", [show(w) for w in paths[:, 1]]],
            ["→ velocity v", [show(v) for v in velocity]],
        ]
        return {
            "controls": [
                slider(self, "momentum", "momentum", self.momentum, MOMENTA),
                slider(self, "rate", "learning rate", self.rate, RATES),
                player("step", "step", STEPS + 1),
            ],
            "blocks": [row(drawing, readout("here", ["", ""], rows, "step")), text(self.sentence())],
        }


@functools.lru_cache(maxsize=256)
def roll(start, rate, momentum):
    """Places (STEPS + 1,) of one ball; kept, since a view asks for them several times."""
    return descend(CURVE, SGD(rate, momentum=momentum), start, STEPS)[:, 0]


def rolling(learning_rate=0.02, momentum=0.9, start=None):
    """Show the explorer: does momentum carry the ball over the hill?"""
    return Explorer(RollingState(learning_rate, momentum, start), "Local and global minimum")
