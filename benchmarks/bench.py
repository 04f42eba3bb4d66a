"""What training costs, beside the matrix products that it cannot do without: `make bench`.

One table: five epochs of 784-512-10 with RMSprop and batches of 128 on MNIST, by this package and, where installed, by
PyTorch and Keras. The *matmul floor* is only the five matrix products of each step, on that step's own rows. All take
turns in one process, so that a busy machine slows all alike; the ratio to the floor is taken round by round.
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from helpers import layers, models
from helpers.datasets import mnist
from helpers.utils import set_random_seed, to_categorical

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
EPOCHS, BATCH, UNITS = 5, 128, 512


def data_sets():
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    return [
        (x.reshape(-1, 784).astype("float32") / 255, to_categorical(y).astype("float32"))
        for x, y in ((x_train, y_train), (x_test, y_test))
    ]


# Each contender: a function (train, test, seed) → seconds of training, test accuracy (None where there is none).


def floor(train, test, seed):
    """Only the products: x·W1, a·W2, aᵀ·dz2, dz2·W2ᵀ, xᵀ·dz1."""
    x = train[0]
    rng = np.random.default_rng(seed)
    W1, W2 = (rng.normal(0, 0.05, shape).astype("float32") for shape in ((784, UNITS), (UNITS, 10)))
    a, z, dW2, da, dW1 = (
        np.zeros(s, "float32") for s in ((BATCH, UNITS), (BATCH, 10), W2.shape, (BATCH, UNITS), W1.shape)
    )
    start = time.perf_counter()
    for _ in range(EPOCHS):
        for first in range(0, len(x), BATCH):
            batch = x[first : first + BATCH]
            n = len(batch)
            np.matmul(batch, W1, out=a[:n])
            np.matmul(a[:n], W2, out=z[:n])
            np.matmul(a[:n].T, z[:n], out=dW2)
            np.matmul(z[:n], W2.T, out=da[:n])
            np.matmul(batch.T, da[:n], out=dW1)
    return time.perf_counter() - start, None


def ours(train, test, seed):
    set_random_seed(seed)
    model = models.Sequential([layers.Dense(UNITS, activation="relu"), layers.Dense(10, activation="softmax")])
    model.compile("rmsprop", "categorical_crossentropy", ["accuracy"])
    start = time.perf_counter()
    model.fit(*train, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return time.perf_counter() - start, model.evaluate(*test, verbose=0)[1]


def pytorch(train, test, seed):
    import torch

    torch.manual_seed(seed)
    (x, y), (x_test, y_test) = ([torch.from_numpy(array) for array in part] for part in (train, test))
    net = torch.nn.Sequential(torch.nn.Linear(784, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, 10))
    optimizer = torch.optim.RMSprop(net.parameters(), lr=0.001, alpha=0.9, eps=1e-7)
    loss_function = torch.nn.CrossEntropyLoss()
    hits = 0
    start = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            scores = net(x[batch])
            loss = loss_function(scores, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            hits += int((scores.argmax(1) == y[batch].argmax(1)).sum())
    seconds = time.perf_counter() - start
    return seconds, float((net(x_test).argmax(1) == y_test.argmax(1)).float().mean())


def keras(train, test, seed):
    import keras

    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(UNITS, "relu"), keras.layers.Dense(10, "softmax")]
    )
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    model.train_on_batch(train[0][:BATCH], train[1][:BATCH])  # compile before the clock starts
    start = time.perf_counter()
    model.fit(*train, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return time.perf_counter() - start, model.evaluate(*test, verbose=0)[1]


def table(rounds):
    contenders = {"matmul floor": floor, "helpers": ours}
    if importlib.util.find_spec("torch"):
        contenders["PyTorch (eager)"] = pytorch
    if importlib.util.find_spec("keras"):
        os.environ.setdefault("KERAS_BACKEND", "jax" if importlib.util.find_spec("jax") else "torch")
        contenders[f"Keras on {os.environ['KERAS_BACKEND']}"] = keras
    train, test = data_sets()
    times, accuracies = {name: [] for name in contenders}, {name: [] for name in contenders}
    for seed in range(rounds):
        for name, run in contenders.items():
            seconds, accuracy = run(train, test, seed)
            times[name].append(seconds)
            accuracies[name].append(accuracy)
    print(f"\n{EPOCHS} epochs of 784-{UNITS}-10, RMSprop, batches of {BATCH}; medians of {rounds} rounds in turn")
    print(f"{'':18} {'seconds':>8} {'spread':>12} {'× floor':>8} {'test accuracy':>14}")
    for name in contenders:
        ratio = median(t / f for t, f in zip(times[name], times["matmul floor"]))
        right = "" if accuracies[name][0] is None else f"{median(accuracies[name]):.4f}"
        spread = f"{min(times[name]):.2f}–{max(times[name]):.2f}"
        print(f"{name:18} {median(times[name]):8.2f} {spread:>12} {ratio:8.2f} {right:>14}")


def python(code, repeats=5):
    """Median of what a fresh Python prints for some code."""
    return median(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(repeats))


def small_costs():
    clock = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    alone, more = python(clock.format("numpy")), python(clock.format("numpy, helpers"))
    print(f"\nimport helpers: {1000 * (more - alone):+.0f} ms on top of numpy's {1000 * alone:.0f} ms")
    layers_too = python(clock.format("numpy, helpers.models, helpers.layers"))
    print(f"import helpers.models, helpers.layers: {1000 * (layers_too - alone):+.0f} ms")
    load = (
        "import time, tracemalloc; from helpers.datasets import mnist; {} t = time.perf_counter();"
        "parts = mnist.load_data();"
        "t = time.perf_counter() - t; print({})"
    )
    seconds = python(load.format("", "t"))
    beyond = "(tracemalloc.get_traced_memory()[1] - sum(a.nbytes for p in parts for a in p)) / 1e6"
    megabytes = python(load.format("tracemalloc.start();", beyond), repeats=1)
    print(f"mnist.load_data(): {seconds:.2f} s, {megabytes:.1f} MB beyond the arrays at its peak")


def notebooks():
    """Time and peak memory of each notebook's kernel, its cells run one after another in a fresh process."""
    script = (
        "import json, sys, resource, time; from IPython.core.interactiveshell import InteractiveShell;"
        "shell = InteractiveShell.instance(); t = time.perf_counter();\n"
        "for cell in json.load(open(sys.argv[1], encoding='utf-8'))['cells']:\n"
        "    if cell['cell_type'] == 'code': shell.run_cell(''.join(cell['source'])).raise_error()\n"
        "print('\\n', json.dumps([time.perf_counter() - t, resource.getrusage(0).ru_maxrss]))"
    )
    print("\nnotebook                               seconds   peak MB")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        out = subprocess.check_output([sys.executable, "-c", script, path], text=True, stderr=subprocess.DEVNULL)
        seconds, peak = json.loads(out.splitlines()[-1])
        print(f"{path.name:38} {seconds:7.1f} {peak / (2**20 if sys.platform == 'darwin' else 2**10):9.0f}")


def background(rounds):
    """The dashboard's training, its views drawn as they come, beside a silent `fit` of the same network."""
    from helpers.widgets.drawing import pack
    from helpers.widgets.training import TrainingState, network_of

    data = data_sets()
    ratios = []
    for seed in range(rounds):
        state = TrainingState(data)
        state.seed, state.epochs = seed, 2
        state.on_change = lambda state=state: pack(state.view())
        start = time.perf_counter()
        state.set_start(True)
        state.runs[0].training.thread.join()
        dashboard = time.perf_counter() - start
        set_random_seed(seed)
        network = network_of(state.settings(), 10)
        start = time.perf_counter()
        network.fit(*data[0], epochs=2, batch_size=BATCH, validation_data=data[1], verbose=0)
        ratios.append(dashboard / (time.perf_counter() - start))
    print(f"\ntraining in the background ÷ silent fit: {median(ratios):.2f} (median of {rounds} rounds in turn)")


def explorers():
    """From a key press to changed words on the screen, in a real JupyterLab; needs Chromium or Chrome."""
    print("\nexplorers, key press → page updated, median of 40")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:nbval",
        "-o",
        "addopts=",
        "-rs",
        "tests/browser/latency.py",
    ]
    subprocess.run(command, cwd=NOTEBOOKS.parent, check=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["training", "small", "notebooks", "explorers", "background"])
    wanted = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}")
    # The table comes last: a new process's peak memory is counted from that of the process that starts it.
    if wanted.only in (None, "notebooks"):
        notebooks()
    if wanted.only in (None, "explorers"):
        explorers()
    if wanted.only in (None, "small"):
        small_costs()
    if wanted.only in (None, "background"):
        background(wanted.rounds)
    if wanted.only in (None, "training"):
        table(wanted.rounds)
