"""What all explorers share: the link between a state in Python and its view in the page."""

import html
from pathlib import Path

import anywidget
import traitlets

FOLDER = Path(__file__).parent


class State:
    """Base of all states. `set_NAME(value)` takes what the reader does to the control NAME; `view()` says what is seen.

    A ValueError raised by a setter is shown to the reader beside its control, and the state stays as it was.
    """

    def __init__(self):
        self.typed, self.errors = {}, {}

    def handle(self, name, value):
        """Take one message from the page."""
        self.typed[name] = value
        self.errors.pop(name, None)
        try:
            self.apply(name, value)
        except (ValueError, TypeError, IndexError) as error:
            self.errors[name] = str(error)

    def apply(self, name, value):
        """Do what the message says. Unknown names are ignored: a page may be older than the kernel."""
        setter = getattr(self, f"set_{name}", None)
        if setter is not None:
            setter(value)

    def control(self, name, label, value, **options):
        """Description of a control, for the view. options: kind (text, range, select, check), min, max, choices."""
        shown = self.typed[name] if name in self.errors else value
        return {
            "kind": "text",
            "name": name,
            "label": label,
            "value": shown,
            "error": self.errors.get(name, ""),
            **options,
        }


class Explorer(anywidget.AnyWidget):
    """The widget: holds a state, hands its view to the page, and the page's messages to it."""

    _esm = FOLDER / "explorer.js"
    _css = FOLDER / "explorer.css"
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, state, label):
        super().__init__()
        self.state, self.label = state, label
        self.on_msg(self._receive)
        self._show()

    def _receive(self, _, message, buffers):
        if isinstance(message, dict) and isinstance(message.get("name"), str):
            self.state.handle(message["name"], message.get("value"))
            self._show()

    def _show(self):
        self.view = {"label": self.label, **self.state.view()}

    def _repr_mimebundle_(self, **kwargs):
        """Besides the live view: a still one, for pages where no kernel runs."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        blocks = "".join(map(still, self.view["blocks"]))
        data["text/html"] = f"<div><p><em>{html.escape(self.label)}: run this cell to use it.</em></p>{blocks}</div>"
        data["text/plain"] = f"{self.label}: run this cell to use it."
        return data, metadata


def still(block):
    """One block of a view as plain HTML."""
    if block["kind"] == "row":
        return "".join(map(still, block["blocks"]))
    if block["kind"] == "grid":
        rows = ""
        for cells in block["cells"]:
            rows += "<tr>" + "".join(f"<td>{html.escape(c['text'])}</td>" for c in cells) + "</tr>"
        return f"<table><caption>{html.escape(block['title'])}</caption>{rows}</table>"
    if block["kind"] == "stack":
        return f"<p>{html.escape(block['alt'])}</p>"
    tag = "pre" if block["style"] == "code" else "p"
    return f"<{tag}>{html.escape(block['text'])}</{tag}>"


# ── pieces of a view ────────────────────────────────────────────────────────────────────────────────────────────────


def text(words, kind="say"):
    """A paragraph. kind: "say", "code" for an expression, "warn" for what went wrong."""
    return {"kind": "text", "style": kind, "text": words}


def grid(title, cells, **options):
    """A table of cells; cells: rows of what `cell` gives. Named in `title`, which is also its caption."""
    return {"kind": "grid", "title": title, "cells": cells, **options}


def cell(value, mark="", pick=None, edit=None):
    """One cell. mark: a style name (a, b, result, clash, dim, head, new); pick: message value when chosen; edit: the name
    of a number to type over."""
    return {"text": str(value), "mark": mark, "pick": pick, "edit": edit}


def row(*blocks):
    """Blocks side by side."""
    return {"kind": "row", "blocks": list(blocks)}
