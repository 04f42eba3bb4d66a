"""Run the notebooks from a fresh kernel each and store what they print: `make notebooks` (ARGS="01 09" for some of them).

Whatever would make a diff without a reason is left out: execution times, widget ids, kernel versions.
"""

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def rerun(path, tries=3):
    """Execute one notebook in place. A hanging client (it happens, rarely) is given up after a while and tried again."""
    for attempt in range(tries):
        notebook = nbformat.read(path, as_version=4)
        try:
            options = {"timeout": 180, "kernel_name": "python3", "coalesce_streams": True}
            NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, **options).execute()
            break
        except (CellTimeoutError, DeadKernelError):
            if attempt == tries - 1:
                raise
    normalise(notebook)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def normalise(notebook):
    """Keep only what belongs in version control."""
    notebook.metadata = METADATA
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02}"
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        cell.source = cell.source.splitlines(keepends=True)
        for output in cell.get("outputs", []):
            # A widget lives only as long as its kernel; what is stored is its still view.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            output.metadata = {} if "metadata" in output else None
            if output.metadata is None:
                del output["metadata"]


if __name__ == "__main__":
    wanted = sys.argv[1:] or [""]
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if any(path.name.startswith(prefix) for prefix in wanted):
            print(path.name, flush=True)
            rerun(path)
