"""Tell the collection where it is published: `make address REPO=owner/name` (on GitHub).

Writes the Binder and Colab links into the README and into the first cell of each notebook, and puts a cell below it that
fetches `helpers` on Colab and does nothing elsewhere. Run again with another name, it replaces what it wrote.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BINDER = "https://mybinder.org/v2/gh/{repo}/HEAD?urlpath=lab/tree/notebooks/{name}"
COLAB = "https://colab.research.google.com/github/{repo}/blob/main/notebooks/{name}"
BADGE = "[![Binder](https://mybinder.org/badge_logo.svg)]({address})"
LINKS = f"*Run it:* [on Binder]({BINDER})  ·  [on Colab]({COLAB})"
CELL = """# On Google Colab, this fetches what the notebook needs. Elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install -q anywidget git+https://github.com/{repo}
    from google.colab import output

    output.enable_custom_widget_manager()"""


def in_readme(text, repo):
    """The README with a badge below its title."""
    badge = BADGE.format(address=BINDER.format(repo=repo, name="00_start_here.ipynb"))
    text = re.sub(r"^\[!\[Binder\].*\n\n", "", text, flags=re.M)
    title, rest = text.split("\n\n", 1)
    return f"{title}\n\n{badge}\n\n{rest}"


def in_notebook(notebook, name, repo):
    """The notebook with its links and, as its first code cell, the one for Colab."""
    first, *cells = (cell for cell in notebook["cells"] if cell["metadata"].get("tags") != ["colab"])
    words = re.sub(r"\n\n\*Run it:\*.*", "", "".join(first["source"]))
    first["source"] = f"{words}\n\n{LINKS.format(repo=repo, name=name)}".splitlines(keepends=True)
    colab = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "cell-colab",
        "metadata": {"tags": ["colab"]},
        "outputs": [],
        "source": CELL.format(repo=repo).splitlines(keepends=True),
    }
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, start=2):
        cell["execution_count"] = number
    return {**notebook, "cells": [first, colab, *cells]}


def write(repo, root=ROOT):
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo):
        sys.exit(f"{repo!r} is not the name of a repository. Expected: owner/name, as in its address on GitHub.")
    readme = root / "README.md"
    readme.write_text(in_readme(readme.read_text(encoding="utf-8"), repo), encoding="utf-8")
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = in_notebook(json.loads(path.read_text(encoding="utf-8")), path.name, repo)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) == 2 else "")
