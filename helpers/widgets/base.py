"""What all explorers share: the link between a state in Python and its view in the page."""

import html
import threading
import weakref
from pathlib import Path

import anywidget
import traitlets
from IPython import get_ipython

from helpers.widgets.drawing import pack
from helpers.widgets.still import still

FOLDER = Path(__file__).parent
LONGEST = 300  # characters of an error's message that are shown: some repeat what was typed


class State:
    """Base of all states. `set_NAME(value)` takes what the reader does to the control NAME; `view()` says what is seen.

    An error raised by a setter, such as ValueError, or OSError from a full disk, is shown to the reader beside its
    control, and the state stays as it was.
    """

    def __init__(self):
        self.typed, self.errors = {}, {}

    def handle(self, name, value):
        """Take one message from the page."""
        self.typed[name] = value
        self.errors.pop(name, None)
        try:
            self.apply(name, value)
        except (ValueError, TypeError, LookupError, OverflowError, OSError) as error:
            said = str(error)
            self.errors[name] = said if len(said) <= LONGEST else f"{said[:LONGEST]} …"

    def apply(self, name, value):
        """Do what the message says. Unknown names are ignored: a page may be older than the kernel."""
        setter = getattr(self, f"set_{name}", None)
        if setter is not None:
            setter(value)

    def close(self):
        """End what goes on in the background, if anything does."""

    def control(self, name, label, value, **options):
        """Description of a control, for the view. options: kind (text, range, select, check, button), min, max, choices,
        text (shown in place of a range's number). A button's value says whether it can be pressed."""
        shown = self.typed[name] if name in self.errors and isinstance(self.typed[name], str) else value
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

    _esm = "".join((FOLDER / name).read_text(encoding="utf-8") for name in ("plot.js", "pad.js", "explorer.js"))
    _css = FOLDER / "explorer.css"
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, state, label):
        super().__init__()
        self.state, self.label, self.answers = state, label, 0
        # JupyterLab hands messages to a thread of their own (a subshell) while the kernel's main thread may show news.
        self.one_at_a_time = threading.RLock()
        _close_older(self)
        self.on_msg(self._receive)
        self._show()

    def _receive(self, _, message, buffers):
        if isinstance(message, dict) and isinstance(message.get("name"), str):
            with self.one_at_a_time:
                try:
                    self.state.handle(message["name"], message.get("value"))
                finally:  # the page waits for an answer, and sends nothing more till then
                    self._show()

    def close(self):
        """End it, and let go of what it held: a notebook remembers the outputs of all its cells."""
        self.state.close()
        super().close()
        self.state, self.view = State(), {}

    def _show(self):
        with self.one_at_a_time:  # else a view that took longer to make would replace a newer one
            # The count makes each answer a new one, even if nothing else changed: the page waits for it.
            self.answers += 1
            self.view = {"label": self.label, "answers": self.answers, **pack(self.state.view())}

    def _repr_mimebundle_(self, **kwargs):
        """Besides the live view: a still one, for pages where no kernel runs."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = f"{self.label}: run this cell to use it."
        data["text/html"] = f"<div><p><em>{html.escape(data['text/plain'])}</em></p>{still(self.state.view())}</div>"
        return data, metadata


_shown = weakref.WeakValueDictionary()  # (cell, label) → the explorer that this cell shows


def _close_older(explorer):
    """A cell that is run again shows a new explorer: close the one it showed before, so that nothing piles up."""
    kernel = getattr(get_ipython(), "kernel", None)
    request = kernel.get_parent("shell") if kernel else {}
    cell = request.get("metadata", {}).get("cellId")
    if cell is None:  # not in a notebook
        return
    key, explorer.request = (cell, explorer.label), request["header"]["msg_id"]
    older = _shown.get(key)
    if older is not None and older.request != explorer.request:  # one run of a cell may show several
        older.close()
    _shown[key] = explorer


# ── pieces of a view ────────────────────────────────────────────────────────────────────────────────────────────────


def text(words, kind="say"):
    """A paragraph. kind: "say", "code" for an expression, "warn" for what went wrong, "prompt" with marks as in Markdown."""
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
