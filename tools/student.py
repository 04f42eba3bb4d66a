"""A copy of the notebooks to hand out, with the solutions left out and nothing run: `make student` (ARGS=folder).

With `--marks folder`: read the notebooks that students hand in, and print what the checkers said in them, as CSV.
"""

import argparse
import csv
import json
import re
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SIGNS = {"✓": "right", "✗": "wrong", "·": "not yet"}


def without_solutions(notebook):
    """The notebook without the cells tagged "solution", and without outputs."""
    cells = [cell for cell in notebook["cells"] if "solution" not in cell["metadata"].get("tags", [])]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return {**notebook, "cells": cells}


def hand_out(folder):
    """Write the students' copies into a folder that is new or empty."""
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} exists and is not empty: name a new folder, so that nobody's work is overwritten.")
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = without_solutions(json.loads(path.read_text(encoding="utf-8")))
        (folder / path.name).write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(list(folder.glob('*.ipynb')))} notebooks without solutions in {folder}")


def said(notebook):
    """{check: "right", "wrong" or "not yet"}: what each checker said last in a notebook."""
    found = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for sign, name in re.findall(r"^([✓✗·]) (\w+):", "".join(output.get("text", "")), re.M):
                found[name] = SIGNS[sign]
    return found


def marks(folder, out=sys.stdout):
    """A table: a line for each notebook handed in, a column for each exercise."""
    rows, broken = {}, []
    for path in sorted(Path(folder).rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        try:
            rows[path.relative_to(folder)] = said(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, LookupError, AttributeError, TypeError, OSError, RecursionError):
            broken.append(path.relative_to(folder))
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    writer = csv.writer(out)
    writer.writerow(["notebook", "right", "of", *names])
    for path, row in rows.items():
        # A spreadsheet takes "=…" for a formula, and somebody may name a file so: "./" in front makes it a path.
        named = f"./{path}" if re.match(r"\s*[=+\-@＝＋－＠]", str(path)) else path
        writer.writerow(
            [named, sum(word == "right" for word in row.values()), len(row), *(row.get(name, "") for name in names)]
        )
    for path in broken:
        print(f"not a notebook: {path}", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default="student")
    parser.add_argument("--marks", action="store_true")
    wanted = parser.parse_args()
    marks(wanted.folder) if wanted.marks else hand_out(wanted.folder)
