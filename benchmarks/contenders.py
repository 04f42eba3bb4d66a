"""Those who train, each in a process of its own: `python contenders.py NAME` reads a job a line and answers with a line.

A job (JSON): hidden layers, batch size, optimizer, epochs, samples, seed. The answer: for each epoch what the Clock says,
seconds of warm-up (building, compiling, first batches) with the judging, peak memory. All get the same arrays of float32,
shuffle every epoch, add up loss and accuracy as they go, and may use all cores. Judging is not on the clock.
"""

import importlib.util
import json
import os
import sys
import time

import numpy as np

from helpers.datasets import mnist
from helpers.utils import to_categorical


def data_sets():
    return [
        (x.reshape(-1, 784).astype("float32") / 255, to_categorical(y).astype("float32")) for x, y in mnist.load_data()
    ]


def used():
    """Seconds of processor time that other programs have used so far, on all cores together, and the clock. Linux only."""
    now = time.perf_counter()
    try:
        with open("/proc/stat") as file:
            ticks = [int(n) for n in file.readline().split()[1:9]]
    except OSError:
        return 0, now
    all_seconds = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")  # two are for doing nothing
    return (all_seconds - sum(os.times()[:4])) / os.cpu_count(), now


class Clock:
    """For each epoch: seconds, the share of the machine that others used, test accuracy. Stands still while judging."""

    def __init__(self, judge):
        self.judge, self.epochs, self.before = judge, [], used()

    def tick(self):
        others, seconds = (after - before for after, before in zip(used(), self.before))
        self.epochs.append((seconds, max(0, others / seconds), float(self.judge())))
        self.before = used()


def floor(job, train, test):
    """Only the matrix products of each step: z = a·W forward, aᵀ·dz and dz·Wᵀ backward, none for the input's gradient."""
    sizes, most, x = [784, *job["hidden"], 10], job["batch"], train[0]
    rng = np.random.default_rng(job["seed"])
    W = [rng.normal(0, 0.05, shape).astype("float32") for shape in zip(sizes, sizes[1:])]
    dW = [np.zeros_like(w) for w in W]
    a, da = ([np.zeros((most, size), "float32") for size in sizes] for _ in range(2))

    def epoch():
        for first in range(0, len(x), most):
            a[0] = x[first : first + most]
            n = len(a[0])
            for i, w in enumerate(W):
                np.matmul(a[i][:n], w, out=a[i + 1][:n])
            for i in reversed(range(len(W))):
                np.matmul(a[i][:n].T, a[i + 1][:n], out=dW[i])
                if i:
                    np.matmul(a[i + 1][:n], W[i].T, out=da[i][:n])

    first, x = x, x[: 2 * most]
    epoch()  # warm-up
    x = first
    clock = Clock(lambda: 0)
    for _ in range(job["epochs"]):
        epoch()
        clock.tick()
    return clock.epochs


def helpers(job, train, test):
    from helpers.callbacks import Callback
    from helpers.utils import set_random_seed

    set_random_seed(job["seed"])
    return _like_keras(dense_network(job["hidden"]), Callback, job, train, test)


def dense_network(hidden):
    """Ours: so many units in each hidden layer, ten classes."""
    from helpers import layers, models

    model = models.Sequential([layers.Dense(units, activation="relu") for units in hidden])
    model.add(layers.Dense(10, activation="softmax"))
    return model


def keras(job, train, test):
    import keras

    keras.utils.set_random_seed(job["seed"])
    model = keras.Sequential([keras.Input((784,)), *(keras.layers.Dense(n, "relu") for n in job["hidden"])])
    model.add(keras.layers.Dense(10, "softmax"))
    return _like_keras(model, keras.callbacks.Callback, job, train, test)


def _like_keras(model, base, job, train, test):
    model.compile(job["optimizer"], "categorical_crossentropy", metrics=["accuracy"])
    first = (
        job["batch"] + len(train[0]) % job["batch"]
    )  # a full batch and the short one at the end: two shapes to compile
    model.fit(train[0][:first], train[1][:first], batch_size=job["batch"], verbose=0)
    clock = Clock(lambda: model.evaluate(*test, batch_size=1000, verbose=0)[1])

    class Watch(base):
        def on_epoch_end(self, epoch, logs=None):
            clock.tick()

    watch = Watch()
    clock.judge()
    clock.before = used()
    model.fit(*train, epochs=job["epochs"], batch_size=job["batch"], verbose=0, callbacks=[watch])
    return clock.epochs


def torch(job, train, test, compiled=False):
    import torch

    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(job["seed"])
    (x, y), (x_test, y_test) = ([torch.from_numpy(array) for array in part] for part in (train, test))
    sizes = [784, *job["hidden"]]
    parts = [part for pair in zip(sizes, sizes[1:]) for part in (torch.nn.Linear(*pair), torch.nn.ReLU())]
    net = torch.nn.Sequential(*parts, torch.nn.Linear(sizes[-1], 10))
    made, rules = net.parameters(), torch.optim
    optimizer = {  # Keras's defaults; the one difference: here epsilon stands outside RMSprop's root
        "sgd": lambda: rules.SGD(made, lr=0.01),
        "adagrad": lambda: rules.Adagrad(made, lr=0.001, initial_accumulator_value=0.1, eps=1e-7),
        "rmsprop": lambda: rules.RMSprop(made, lr=0.001, alpha=0.9, eps=1e-7),
        "adam": lambda: rules.Adam(made, lr=0.001, eps=1e-7),
    }[job["optimizer"]]()
    loss_function = torch.nn.CrossEntropyLoss()
    run = torch.compile(lambda x, y: (s := net(x), loss_function(s, y)), dynamic=False) if compiled else None

    def epoch(order):
        total = hits = 0.0
        for batch in order.split(job["batch"]):
            x_batch, y_batch = x[batch], y[batch]
            if compiled:
                scores, loss = run(x_batch, y_batch)
            else:
                scores = net(x_batch)
                loss = loss_function(scores, y_batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach())
            hits += int((scores.argmax(1) == y_batch.argmax(1)).sum())

    def judge():
        with torch.no_grad():
            return (net(x_test).argmax(1) == y_test.argmax(1)).float().mean()

    epoch(torch.arange(job["batch"] + len(x) % job["batch"]))
    clock = Clock(judge)
    for _ in range(job["epochs"]):
        epoch(torch.randperm(len(x)))
        clock.tick()
    return clock.epochs


def torch_compile(job, train, test):
    return torch(job, train, test, compiled=True)


# name: (how it trains, the module it needs, Keras's backend)
CONTENDERS = {
    "matmul floor": (floor, "numpy", None),
    "helpers": (helpers, "numpy", None),
    "PyTorch, eager": (torch, "torch", None),
    "PyTorch, torch.compile": (torch_compile, "torch", None),
    "Keras on JAX": (keras, "jax", "jax"),
    "Keras on PyTorch": (keras, "torch", "torch"),
    "Keras on TensorFlow": (keras, "tensorflow", "tensorflow"),
}


def installed(name):
    _, module, backend = CONTENDERS[name]
    return all(importlib.util.find_spec(needed) for needed in [module, *(["keras"] if backend else [])])


def peak_megabytes():
    """The most memory this process has held; None on Windows, which does not tell."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def serve(name, jobs, answer):
    train_function, _, backend = CONTENDERS[name]
    if backend:
        os.environ["KERAS_BACKEND"] = backend
    (x, y), test = data_sets()
    for line in jobs:
        job = json.loads(line)
        start = time.perf_counter()
        try:
            epochs = train_function(job, (x[: job["samples"]], y[: job["samples"]]), test)
            warm = time.perf_counter() - start - sum(seconds for seconds, _, _ in epochs)
            reply = {"epochs": epochs, "warm": warm, "peak": peak_megabytes()}
        except Exception as error:  # one that does not work (torch.compile needs a compiler) is said to be so
            reply = {"error": f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"}
        answer(json.dumps(reply))


if __name__ == "__main__":
    out, sys.stdout = sys.stdout, sys.stderr  # only answers go out
    serve(sys.argv[1], sys.stdin, lambda reply: print(reply, file=out, flush=True))
