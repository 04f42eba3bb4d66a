"""Explorer: a network's mistakes, in a confusion matrix and as pictures."""

import numpy as np

from helpers.widgets.base import Explorer, State, cell, grid, text
from helpers.widgets.drawing import pictures
from helpers.widgets.look_inside import checked, inputs, on_screen, percent, whole

MOST = 20  # pictures at a time
BATCH = 1000  # pictures turned into floats at a time


class MistakesState(State):
    """What a network reads in many pictures, computed once, and the cell (true, read) that is looked at, or None.

    Arguments as in `look_inside.checked`. `read`: the network's answers (n,); `sure`: the probability it gave them (n,);
    `confusion`: (10, 10), pictures of each digit (row) that were read as each digit (column).
    """

    def __init__(self, network, images, labels):
        super().__init__()
        self.images, self.labels = checked(network, images, labels)
        starts = range(0, len(self.images), BATCH)
        y_pred = np.concatenate([network(inputs(self.images[s : s + BATCH])) for s in starts])
        self.read, self.sure = y_pred.argmax(axis=1), y_pred.max(axis=1)
        self.confusion = np.zeros((10, 10), int)
        np.add.at(self.confusion, (self.labels, self.read), 1)
        self.picked = None

    def set_pick(self, value):
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError("a pair of digits, please")
        self.picked = whole(value[0], 10), whole(value[1], 10)

    def set_surest(self, value):
        self.picked = None

    def found(self):
        """Numbers of the pictures in the picked cell, or of all mistakes; those that the network is surest of first."""
        if self.picked is None:
            chosen = self.labels != self.read
        else:
            chosen = (self.labels == self.picked[0]) & (self.read == self.picked[1])
        chosen = np.flatnonzero(chosen)
        return chosen[np.argsort(-self.sure[chosen], kind="stable")]

    def sentence(self):
        right, n = int(np.trace(self.confusion)), len(self.labels)
        return f"The network reads {right:,} of {n:,} pictures right, {100 * right / n:.2f} %, and {n - right:,} wrong."

    def matrix(self):
        """The confusion matrix as a grid of buttons."""
        most = (self.confusion - np.diag(np.diag(self.confusion))).max()
        rows = [[cell("", "head"), *(cell(digit, "head") for digit in range(10))]]
        for true, line in enumerate(self.confusion.tolist()):
            rows.append([cell(true, "head"), *(self.count(true, read, n, most) for read, n in enumerate(line))])
        return grid("How often each digit (its row) was read as each digit (its column)", rows)

    def count(self, true, read, n, most):
        """One cell of the matrix: n pictures; of the wrong ones `most` are shaded most."""
        here = (true, read) == self.picked
        mark = "result" if true == read else f"heat{-(-3 * n // most)}" if n else "dim"
        label = f"true {true}, read as {read}: {n} picture{'s' * (n != 1)}"
        return cell(n, "picked" if here else mark, pick=[true, read]) | {"label": label, "pressed": str(here).lower()}

    def gallery(self):
        """The block of pictures, or words if there are none."""
        found = self.found()
        shown = found[:MOST]
        if self.picked is None:
            what, one = "mistakes", lambda i: f"{self.labels[i]} read as {self.read[i]},\n"
        else:
            what, one = f"pictures of a {self.picked[0]} read as {self.picked[1]}", lambda i: f"{self.read[i]}, "
        if len(found) == 0:
            return text(f"There are no {what}.")
        title = f"All {len(found)} {what}" if len(found) <= MOST else f"The {MOST} surest of {len(found):,} {what}"
        captions = [f"{one(i)}{percent(self.sure[i])}\nno. {i}" for i in shown]
        alts = [f"picture {i}, a handwritten {self.labels[i]}" for i in shown]
        return pictures(f"{title}, with the network's answer", on_screen(self.images[shown]), captions, alts, width=70)

    def view(self):
        controls = [self.control("surest", "show the surest mistakes of all", True, kind="button")]
        return {"controls": controls, "blocks": [text(self.sentence()), self.matrix(), self.gallery()]}


def mistakes(network, images, labels):
    """Show the explorer: which digits are taken for which, and what these look like. Arguments as in `checked`."""
    return Explorer(MistakesState(network, images, labels), "Mistakes")
