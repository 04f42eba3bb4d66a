"""What this package costs, beside its peers and beside what the hardware allows: `make bench`.

Each part is a section of RESULTS.md; only those that are run are written anew. ARGS="--only training" chooses one,
ARGS="--rounds 3" is quicker. Peers (PyTorch, Keras) take part where they are installed.
"""

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import re
from pathlib import Path

import costs
import training

RESULTS = Path(__file__).parent / "RESULTS.md"
SECTIONS = {
    "training": ("Five epochs beside the floor and the peers", training.five_epochs),
    "profile": ("Where the time of a step goes", training.profile),
    "growth": ("Cost against size", training.growth),
    "small": ("Importing and loading", costs.small_costs),
    "background": ("Training in the background", costs.background),
    "sweeps": ("More than one worker", costs.sweeps),
    "explorers": ("From a key press to a changed page", costs.explorers),
    "notebooks": ("Run All", costs.notebooks),
    "tests": ("The test suite", costs.tests),
}
TITLE = """# Results

Written by `make bench`. The *matmul floor* is only the matrix products of each step, by NumPy, with nothing between them.
"""


def machine():
    """What kind of machine this is, and which versions are at work."""
    try:
        memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]
    except (AttributeError, ValueError, OSError, TypeError):
        memory, model = "memory unknown", platform.processor() or platform.machine()
    found = [name for name in ("numpy", "torch", "keras", "jax", "tensorflow") if importlib.util.find_spec(name)]
    made_by = importlib.metadata.packages_distributions()  # the module tensorflow may come from tensorflow-cpu
    versions = ", ".join(f"{name} {importlib.metadata.version(made_by[name][0])}" for name in found)
    cores = f"{os.cpu_count()} cores, {memory}, {model}, {platform.system()}"
    return f"*{cores}; Python {platform.python_version()}, {versions}.*"


def write(title, lines):
    """Put a section into the file, in the place of the old one of that title, in the order of SECTIONS."""
    parts = re.split(r"^## ", RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "", flags=re.M)[1:]
    found = {part.splitlines()[0]: part for part in parts}
    found[title] = "\n".join([title, "", machine(), "", *lines]).rstrip() + "\n"
    ordered = [found[name] for name, _ in SECTIONS.values() if name in found]
    RESULTS.write_text("\n## ".join([TITLE, *ordered]), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=SECTIONS)
    wanted = parser.parse_args()
    for key in [wanted.only] if wanted.only else SECTIONS:
        title, measure = SECTIONS[key]
        print(f"\n## {title}\n", flush=True)
        lines = []
        for line in measure(wanted.rounds):
            print(line, flush=True)
            lines.append(line)
        write(title, lines)
