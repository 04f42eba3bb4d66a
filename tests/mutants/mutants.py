"""Do the tests notice each small change of the code? `make mutants` changes it in thousands of places, one at a time.

Works on a copy in build/mutants. ARGS= names rooms of the package (`make mutants ARGS="graph naive"`); without it, all that
have tests here: allow half an hour. Prints how many changes were noticed, and those that were not, each as a diff;
SURVIVORS.md says of three rooms why.
"""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "mutants"
TESTS = {  # what is changed → the tests that shall notice
    "kernels": "kernels gradients losses layers bad_input",
    "naive": "naive bad_input",
    "gradients": "gradients bad_input",
    "graph": "graph",
    "initializers": "initializers",
    "losses": "losses kernels",
    "metrics": "metrics bad_input",
    "layers": "layers losses",
    "optimizers": "optimizers",
    "utils": "utils background",
    "datasets/idx": "datasets bad_input",
    "datasets/mnist": "datasets",
    "datasets/handwriting": "handwriting bad_input",
    "datasets/samples": "samples bad_input",
}
LEAST = 0.9  # of the changes are noticed
CONFIG = """[mutmut]
source_paths=helpers
only_mutate={files}
also_copy=
    tests
    pyproject.toml
pytest_add_cli_args=
    -o
    addopts=
    -p
    no:nbval
    -p
    no:cacheprovider
pytest_add_cli_args_test_selection={tests}
"""


def prepare(rooms):
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in ("helpers", "tests", "tools", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, FOLDER / name)
    tests = dict.fromkeys(test for room in rooms for test in TESTS[room].split())
    lines = {
        "files": "".join(f"\n    helpers/{room}.py" for room in rooms),
        "tests": "".join(f"\n    tests/unit/test_{test}.py" for test in tests),
    }
    (FOLDER / "setup.cfg").write_text(CONFIG.format(**lines), encoding="utf-8")


def mutmut(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "mutmut", *arguments], cwd=FOLDER, text=True, **options)


def main(rooms):
    prepare(rooms)
    if mutmut("run", "--max-children", "2").returncode:
        sys.exit(f"It broke off, see above: do the tests pass as they are? To go on: cd {FOLDER}; mutmut run")
    lines = mutmut("results", "--all", "true", capture_output=True).stdout.split("\n")
    results = dict(line.strip().rsplit(": ", 1) for line in lines if ": " in line)
    count = Counter(results.values())
    print(", ".join(f"{n:,} {what}" for what, n in count.most_common()))
    for name, what in results.items():
        if what not in ("killed", "timeout", "caught by type check"):
            print(f"\n{name}: {what}\n{mutmut('show', name, capture_output=True).stdout}")
    noticed = (count["killed"] + count["timeout"]) / max(1, count.total())
    print(f"{noticed:.1%} of {count.total():,} changes were noticed")
    sys.exit(noticed < LEAST)


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(TESTS)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(TESTS)}.")
    main(sys.argv[1:] or list(TESTS))
