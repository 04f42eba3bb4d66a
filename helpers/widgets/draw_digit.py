"""Explorer: draw a digit, see it prepared as the digits of MNIST were, and what a trained network makes of it."""

import numpy as np

from helpers.datasets.handwriting import PEN, SIZE, like_mnist, rasterize
from helpers.models import Sequential
from helpers.widgets.base import Explorer, State, row, text
from helpers.widgets.drawing import bars, pad, pictures

MOST_STROKES, MOST_POINTS = 60, 1000
ZOOM = 5  # pixels of the page for one of a small picture
STEPS = (
    "These are the steps by which MNIST was made: the digit alone, its longer side 20 pixels, its centre of mass in the "
    "middle of 28 × 28. Only the last picture goes into the network, as 784 numbers."
)


class DrawDigitState(State):
    """A drawing, the pictures made of it, and the ten probabilities that the network gives.

    network: a Sequential for 784 numbers from 0 to 1, or pictures of 28 × 28, whose ten outputs are probabilities; raises
    TypeError or ValueError for another. `strokes`: lists of points [x, y], 0 … 1 across the pad. `drawing` (PAD, PAD),
    `steps` and `probabilities` (10,) are None while the pad is empty.
    """

    def __init__(self, network):
        super().__init__()
        self.network = network
        _check(network)
        self.predict(np.zeros((SIZE, SIZE), "uint8"))  # a network that cannot answer says so before anybody draws
        self.strokes, self.drawing, self.steps, self.probabilities = [], None, None, None

    def set_strokes(self, value):
        """The whole drawing, as it is on the page now."""
        strokes = _strokes(value)
        drawing = steps = probabilities = None
        if strokes:
            drawing = rasterize(strokes)
            steps = like_mnist(drawing)
            probabilities = self.predict(steps.centred)
        self.strokes, self.drawing, self.steps, self.probabilities = strokes, drawing, steps, probabilities

    def predict(self, picture):
        """The ten probabilities for a picture, uint8 (28, 28). Raises ValueError if they are none."""
        x = picture.reshape(1, *self.network.layers[0].input_shape).astype("float32") / 255
        probabilities = self.network.predict(x)[0]
        if not (np.all(probabilities >= 0) and abs(probabilities.sum() - 1) < 1e-3):  # nor are nan
            raise ValueError(
                "the network's ten outputs are no probabilities: its last layer must be a softmax, its weights numbers"
            )
        return probabilities

    def sentence(self):
        """What the network sees, in words."""
        if self.probabilities is None:
            return "The pad is empty: draw a digit, large, wherever you like."
        best, second = np.argsort(self.probabilities)[:-3:-1]
        words = f"Looks like {_named(best)} ({_percent(self.probabilities[best])} sure)"
        if self.probabilities[second] >= 0.05:
            words += f", perhaps {_named(second)} ({_percent(self.probabilities[second])})"
        return words + "."

    def view(self):
        drawn = f"{len(self.strokes)} stroke{'s' if len(self.strokes) != 1 else ''}" if self.strokes else "empty"
        most = {"strokes": MOST_STROKES, "points": MOST_POINTS}
        board = pad("strokes", "your pad", f"A pad to draw on: {drawn}.", self.strokes, pen=PEN, most=most)
        says = text(self.sentence())
        if self.steps is None:
            blocks = [row(board, says)]
        else:
            chances = bars(
                "probability of each digit", "0123456789", self.probabilities, best=int(self.probabilities.argmax())
            )
            blocks = [row(board, chances), says, row(*self._step_pictures()), text(STEPS)]
        if "strokes" in self.errors:
            blocks.append(text(f"✗ {self.errors['strokes']}", "warn"))
        return {"controls": [], "blocks": blocks}

    def _step_pictures(self):
        """The way from the pad to the network, a block for each step: their pictures differ in size."""
        cropped, scaled, centred = self.steps
        titles = ["1. your drawing", "2. cropped", "3. scaled", "4. centred"]
        for title, ink, zoom in zip(titles, (self.drawing, *self.steps), (1, 1, ZOOM, ZOOM)):
            height, width = ink.shape
            size = f"{height}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{width}"
            # on the page as on paper: dark ink on white
            yield pictures(title, 255 - ink[None], [size], [f"{title[3:]}: {size} pixels"], width=width * zoom)


def _check(network):
    if not isinstance(network, Sequential):
        raise TypeError(f"draw_digit takes a trained network, a Sequential, but got {network!r}")
    if not network.built:
        raise ValueError("the network has no weights yet: train it first, on MNIST")
    takes, gives = network.layers[0].input_shape, network.layers[-1].output_shape
    if np.prod(takes) != SIZE * SIZE or gives != (10,):
        raise ValueError(
            f"the network must take the {SIZE * SIZE} pixels of a picture and give 10 probabilities, but this one takes "
            f"{takes} and gives {gives}"
        )


def _strokes(value):
    """A message's strokes, checked: lists of [x, y] on the pad."""
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        raise ValueError("a drawing is a list of strokes, each a list of points [x, y]")
    if len(value) > MOST_STROKES or sum(map(len, value)) > MOST_POINTS:
        raise ValueError(f"the pad is full: at most {MOST_STROKES} strokes and {MOST_POINTS} points. Clear it, please.")
    strokes = []
    for stroke in value:
        if not stroke or not all(isinstance(p, list) and len(p) == 2 and all(map(_on_pad, p)) for p in stroke):
            raise ValueError("a stroke is a list of points [x, y], at least one, each number from 0 to 1")
        strokes.append([[float(x), float(y)] for x, y in stroke])
    return strokes


def _on_pad(number):
    return isinstance(number, (int, float)) and not isinstance(number, bool) and 0 <= number <= 1


def _named(digit):
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _percent(probability):
    return "over 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def draw_digit(network):
    """Show the explorer: a pad, the way of a drawing into the network, and its ten probabilities."""
    return Explorer(DrawDigitState(network), "Draw a digit")
