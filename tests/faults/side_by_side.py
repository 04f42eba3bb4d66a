"""A whole class on one machine: notebook 02 in twenty kernels at the same time. For `make faults`.

Run by pytest as `python -m pytest -s tests/faults/side_by_side.py`; not collected with the tests, since it fills the
machine for a minute. KERNELS=5 takes fewer. Prints the memory that each kernel takes.
"""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_client.manager import start_new_kernel

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
KERNELS = int(os.environ.get("KERNELS", 20))
# IPython keeps the input of all a user's kernels in one file. Says a kernel that it could not, nothing of ours is lost.
HISTORY = re.compile(r"The history saving thread hit an unexpected error .*\n")
PATIENCE = 600  # seconds for a cell: twenty others want the processor, too


def start():
    """A new kernel; once more if it keeps silent: another program may have taken a port between choosing and using it."""
    try:
        return start_new_kernel(startup_timeout=PATIENCE / 4, cwd=str(NOTEBOOKS))
    except RuntimeError:
        return start_new_kernel(startup_timeout=PATIENCE, cwd=str(NOTEBOOKS))


def run(notebook):
    """Run a notebook in a kernel of its own: what went wrong or differs from what is stored, its memory, its complaints."""
    manager, client = start()
    try:
        wrong, complaints = [], 0
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            said = []
            hook = lambda message, said=said: said.append(message["content"].get("text", ""))  # noqa: E731
            reply = client.execute_interactive(cell.source, output_hook=hook, allow_stdin=False, timeout=PATIENCE)
            printed, complained = HISTORY.subn("", "".join(said))
            complaints += complained
            stored = "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream")
            if reply["content"]["status"] != "ok":
                wrong.append((number, reply["content"]["evalue"]))
            elif "nbval-ignore-output" not in cell.metadata.get("tags", []) and printed != stored:
                wrong.append((number, printed))
        return wrong, megabytes(manager.provisioner.pid), complaints
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def megabytes(pid):
    """{what: MB} of a process: at its peak, now, and its share of what several have in common. Empty where /proc is not."""
    found = {}
    for file, names in (("status", ("VmHWM", "VmRSS")), ("smaps_rollup", ("Pss",))):
        path = Path(f"/proc/{pid}/{file}")
        for line in path.read_text().splitlines() if path.exists() else []:
            name, _, rest = line.partition(":")
            if name in names:
                found[name] = int(rest.split()[0]) / 1024
    return found


def test_side_by_side():
    (path,) = NOTEBOOKS.glob("02_*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    with ThreadPoolExecutor(KERNELS) as pool:
        results = list(pool.map(run, [notebook] * KERNELS))
    print(f"\n{KERNELS} kernels ran {path.name} in {time.monotonic() - start:.0f} s")
    for name, meaning in {"VmHWM": "at its peak", "VmRSS": "at the end", "Pss": "shared pages counted once"}.items():
        numbers = [memory[name] for _, memory, _ in results if name in memory]
        if numbers:
            print(
                f"memory per kernel, {meaning}: {min(numbers):.0f} to {max(numbers):.0f} MB, sum {sum(numbers):,.0f} MB"
            )
    print(f"kernels that IPython's history was locked for: {sum(count > 0 for *_, count in results)}")
    assert [wrong for wrong, *_ in results] == [[]] * KERNELS
