"""The two programs with which notebook 11 sends its readers on: PyTorch's with two processes, Keras's with two devices."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "11_when_one_machine_is_not_enough.ipynb"


def block(word):
    """The one Python block in the notebook's text that holds this word."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    (found,) = [code for code in re.findall(r"```python\n(.*?)```", text, re.S) if word in code]
    return found


def run(folder, program, *launcher, **variables):
    """Run a program in a process of its own, in this folder."""
    (folder / "train.py").write_text(program, encoding="utf-8")
    variables = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
    command = [sys.executable, *launcher, "train.py"]
    for _ in range(3):
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=300)
        # Now and then threads of PyTorch 2.13 abort a process that is closing; no Python code can do that.
        if "SIGABRT" not in done.stderr:
            break
    assert done.returncode == 0, done.stdout + done.stderr


# What the blocks leave open, before and after them.

TORCH = """
import os
import torch

rank, seen = int(os.environ["RANK"]), []
torch.manual_seed(rank)  # each process begins with weights of its own: the block must make them equal
model = torch.nn.Linear(4, 3)
dataset = torch.utils.data.TensorDataset(torch.sin(torch.arange(1200.0)).reshape(300, 4), torch.arange(300) % 3)


def train(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        seen.append((x, y))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


BLOCK
torch.save([seen, [w.detach() for w in model.parameters()]], f"{rank}.pt")
os._exit(0)  # without the interpreter's own end, at which threads of PyTorch's that are not done abort the process
"""

KERAS = """
import keras
import numpy as np

x = np.sin(np.arange(1200.0, dtype="float32")).reshape(300, 4)
y = np.arange(300) % 3


def build():
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, "softmax")])


keras.utils.set_random_seed(0)
BLOCK
assert len(devices) == 2
assert len(model.weights[0].value.sharding.device_set) == 2
spread = model.get_weights()

keras.distribution.set_distribution(None)
keras.utils.set_random_seed(0)
model = build()
model.compile("rmsprop", "sparse_categorical_crossentropy")
model.fit(x, y, batch_size=128)
np.savez("weights.npz", *spread, *model.get_weights())
"""


def test_pytorch_with_two_processes(tmp_path):
    torch = pytest.importorskip("torch")
    program = TORCH.replace("BLOCK", block("DistributedDataParallel"))
    run(tmp_path, program, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
    (batches, weights), (others, other_weights) = [torch.load(tmp_path / f"{rank}.pt") for rank in range(2)]
    assert all(map(torch.equal, weights, other_weights))

    # One process that takes both halves of each batch learns the same: the gradient is the mean over the two.
    assert [len(x) for x, _ in batches] == [64, 64, 22] * 2
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for (x, y), (x_other, y_other) in zip(batches, others):
        assert not torch.equal(x, x_other)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(torch.cat([x, x_other])), torch.cat([y, y_other])).backward()
        optimizer.step()
    for found, expected in zip(weights, model.parameters()):
        torch.testing.assert_close(found, expected.detach())


@pytest.mark.skipif(not (find_spec("keras") and find_spec("jax")), reason="needs Keras and JAX")
def test_keras_with_two_devices(tmp_path):
    program = KERAS.replace("BLOCK", block("keras.distribution"))
    run(tmp_path, program, XLA_FLAGS="--xla_force_host_platform_device_count=2", KERAS_BACKEND="jax")
    W, b, W_alone, b_alone = np.load(tmp_path / "weights.npz").values()
    np.testing.assert_allclose(W, W_alone, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(b, b_alone, rtol=1e-5, atol=1e-6)
