"""Do the notebooks bite? For each, one thing is spoilt in a copy of `helpers`, and what it prints must no longer be right.

A collection of notebooks lives for years with a wrong derivative if nobody compares a number. `make teeth` tries all of
them, and each copy unspoilt as well; the tests, only those that take a few seconds.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("TEETH") == "all"


class Slip(NamedTuple):
    """What stands at the end of a module of `helpers`, over what the module says; the notebook that must notice."""

    notebook: str
    module: str
    code: str
    quick: bool = False


SLIPS = {
    "one picture is lost": Slip(
        "00",
        "datasets/mnist.py",
        "right = load_data\n"
        "def load_data(path=None):\n"
        "    (a, b), (c, d) = right(path)\n"
        "    return (a[1:], b[1:]), (c, d)",
    ),
    "labels are off by one": Slip(
        "01",
        "datasets/mnist.py",
        "right = load_data\n"
        "def load_data(path=None):\n"
        "    (a, b), (c, d) = right(path)\n"
        "    return (a, (b + 1) % 10), (c, (d + 1) % 10)",
        quick=True,
    ),
    "relu's slope at zero": Slip(
        "01",
        "kernels.py",
        "def relu_backward(da, a, out=None):\n    return np.multiply(da, a >= 0, out=out)\n"
        "ACTIVATIONS['relu'] = relu, relu_backward",
    ),
    "people are described in another order": Slip(
        "02",
        "datasets/samples.py",
        "right = people\ndef people(samples=6, seed=0):\n    return right(samples, seed)[:, [1, 0, 2]]",
    ),
    "rows and columns of the pictures are swapped": Slip(
        "02",
        "datasets/mnist.py",
        "right = load_data\n"
        "def load_data(path=None):\n"
        "    (a, b), (c, d) = right(path)\n"
        "    return (a.transpose(0, 2, 1), b), (c.transpose(0, 2, 1), d)",
    ),
    "relu leaks": Slip(
        "03",
        "kernels.py",
        "def relu(z, out=None):\n    return np.maximum(z, 0.01 * z, out=out)\n"
        "ACTIVATIONS['relu'] = relu, relu_backward",
    ),
    "a bias is added to the wrong column": Slip(
        "04",
        "naive.py",
        "right = add_matrix_and_vector\ndef add_matrix_and_vector(x, b):\n    return right(x, np.roll(b, 1))",
        quick=True,
    ),
    "first axis fastest": Slip(
        "05",
        "naive.py",
        "right = place\ndef place(i, shape):\n    return right(i, shape[::-1])[::-1]",
    ),
    "a reshape down the columns": Slip(
        "05",
        "naive.py",
        "right = reshape\ndef reshape(x, shape):\n    return np.reshape(x, np.shape(right(x, shape)), order='F')",
    ),
    "the transpose of W": Slip(
        "06",
        "kernels.py",
        "right = affine\n"
        "def affine(x, W, b, out=None):\n"
        "    return right(x, W.T if W.shape == (2, 2) else W, b, out=out)",
    ),
    "the slopes of a product are swapped": Slip(
        "07",
        "graph.py",
        "def wrong(self, other):\n"
        "    other = _value(other)\n"
        "    return _node('×', (self, other), self.data * other.data, (self.data, other.data))\n"
        "Value.__mul__ = wrong",
        quick=True,
    ),
    "half a difference": Slip(
        "07",
        "gradients.py",
        "right = numerical_gradient\ndef numerical_gradient(f, x, h=1e-5):\n    return right(f, x, h) * 2",
    ),
    "momentum's sign": Slip(
        "08",
        "optimizers.py",
        "right = SGD.update\n"
        "def update(self, w, g, *rest):\n"
        "    self.momentum *= -1\n"
        "    right(self, w, g, *rest)\n"
        "    self.momentum *= -1\n"
        "SGD.update = update",
        quick=True,
    ),
    "Adam without its correction": Slip(
        "08",
        "optimizers.py",
        "right = Adam.update\n"
        "def update(self, *arrays):\n"
        "    made, self.iterations = self.iterations, 10**9\n"
        "    right(self, *arrays)\n"
        "    self.iterations = made\n"
        "Adam.update = update",
    ),
    "a mean that became a sum": Slip(
        "09",
        "kernels.py",
        "right = softmax_cross_entropy_backward\n"
        "def softmax_cross_entropy_backward(y_true, y_pred, out=None):\n"
        "    dz = right(y_true, y_pred, out)\n"
        "    dz *= len(y_pred)\n"
        "    return dz",
        quick=True,
    ),
    "the gradient that nobody needs": Slip(
        "10",
        "layers.py",
        "right = Dense.backward\n"
        "def backward(self, da, need_dx=True):\n"
        "    return right(self, da)\n"
        "Dense.backward = backward",
    ),
    "shards that weigh too little": Slip(
        "11",
        "data_parallel.py",
        "right = Shard.gradient\n"
        "def gradient(self, parameters, chosen):\n"
        "    gradient, loss = right(self, parameters, chosen)\n"
        "    return gradient / len(chosen), loss\n"
        "Shard.gradient = gradient",
    ),
}


def run(folder, number, module=None, code=""):
    """nbval on a notebook's copy beside a copy of `helpers`, one module of which ends in `code`; stops at what differs."""
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__", "data"))
    data = Path("helpers", "datasets", "data")
    try:
        (folder / data).symlink_to(ROOT / data)
    except OSError:  # Windows lets only some users
        shutil.copytree(ROOT / data, folder / data)
    (folder / "notebooks").mkdir()
    (notebook,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    shutil.copy(notebook, folder / "notebooks")
    if module:
        with open(folder / "helpers" / module, "a", encoding="utf-8") as file:
            file.write(f"\n\n{code}\n")
    variables = {**os.environ, "PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--rootdir",
        str(folder),
    ]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=180", "-o", "addopts="]
    command += [f"--nbval-sanitize-with={ROOT / 'tests' / 'notebooks' / 'sanitize.cfg'}", f"notebooks/{notebook.name}"]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)


@pytest.mark.parametrize("name", [name for name, slip in SLIPS.items() if ALL or slip.quick])
def test_a_slip_is_noticed(name, tmp_path):
    slip = SLIPS[name]
    done = run(tmp_path, slip.notebook, slip.module, slip.code)
    assert done.returncode == 1, f"notebook {slip.notebook} is content:\n{done.stdout}"
    # It ran, and said something else; a slip that does not even load would prove nothing.
    assert not re.search(r"SyntaxError|NameError|ImportError|AttributeError|Kernel died|Timeout", done.stdout), (
        done.stdout
    )
    assert "failed" in done.stdout


@pytest.mark.skipif(not ALL, reason="the notebooks themselves are tested, unspoilt, on each run")
@pytest.mark.parametrize("number", sorted({slip.notebook for slip in SLIPS.values()}) if ALL else ["…"])
def test_nothing_is_noticed_where_nothing_is_wrong(number, tmp_path):
    done = run(tmp_path, number)
    assert done.returncode == 0, done.stdout


def test_each_notebook_has_a_slip():
    numbers = {path.name[:2] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {slip.notebook for slip in SLIPS.values()} == numbers
