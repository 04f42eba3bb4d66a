"""Prompt: a question before a cell is run, with choices. Each choice, once tried, gets its reason."""

import functools
import tomllib

from helpers.widgets.base import FOLDER, Explorer, State, text


@functools.cache
def questions():
    """{name: {"question", "right", "choices": {choice: reason}}}, from the files in questions/, one for each notebook."""
    found = {}
    for path in sorted((FOLDER / "questions").glob("*.toml")):
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found


class PredictState(State):
    """A question, its choices, and which of them were tried."""

    def __init__(self, name):
        super().__init__()
        if name not in questions():
            raise ValueError(f"there is no question {name!r}")
        question = questions()[name]
        self.question, self.right, self.reasons = question["question"], question["right"], question["choices"]
        self.tried = set()

    def set_choice(self, value):
        self.tried.add(list(self.reasons)[value])

    def sentence(self):
        if self.right in self.tried:
            return "✓ Now run the next cell, and see."
        return "✗ Not this one. Try another, or run the next cell." if self.tried else "Choose, then run the next cell."

    def view(self):
        choices = [
            {
                "text": choice,
                "sign": ("✓" if choice == self.right else "✗") if choice in self.tried else "",
                "reason": reason if choice in self.tried else "",
                "still": f"{'Yes' if choice == self.right else 'No'}: {reason}",
            }
            for choice, reason in self.reasons.items()
        ]
        return {
            "controls": [],
            "blocks": [
                text(f"**Predict.** {self.question}", "prompt"),
                {"kind": "choices", "name": "choice", "choices": choices},
                text(self.sentence()),
            ],
        }


def predict(name):
    """Show the question of this name."""
    return Explorer(PredictState(name), f"Predict: {name.replace('_', ' ')}")
