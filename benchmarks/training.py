"""What training costs beside the matrix products that it cannot do without, and beside the peers that are installed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
from contenders import CONTENDERS, data_sets, dense_network, installed
from matplotlib.figure import Figure

from helpers.utils import aligned_zeros

HERE = Path(__file__).parent
SLIDE = {"hidden": [512], "batch": 128, "optimizer": "rmsprop", "epochs": 5, "samples": 60000}
BUSY = 0.15  # an epoch during which others used more of the machine does not count
TRIES = 6  # how often a job is done again if none of its epochs was quiet


class Contender:
    """A process that trains when told to."""

    def __init__(self, name):
        self.name = name
        command = [sys.executable, HERE / "contenders.py", name]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, job):
        """The answer to a job; its `epoch` is the median time of the quiet epochs, or that of the quietest."""
        tries = []
        for _ in range(TRIES):
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            if "error" in answer:
                return answer
            quiet = [seconds for seconds, others, _ in answer["epochs"] if others < BUSY]
            others, quietest = min((others, seconds) for seconds, others, _ in answer["epochs"])
            answer.update(epoch=median(quiet or [quietest]), others=others)
            tries.append(answer)
            if quiet:
                break
            time.sleep(5)
        return min(tries, key=lambda answer: answer["others"])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def take_turns(jobs, names, rounds):
    """{name: [[answer of each round] of each job]}; one after another, in opposite order every other round."""
    contenders = [Contender(name) for name in names]
    answers = {name: [[] for _ in jobs] for name in names}
    for seed in range(
        rounds
    ):  # all jobs in each round, so that a slow minute of the machine spoils one round of many jobs
        for i, job in enumerate(jobs):
            print(f"{time.strftime('%X')} round {seed + 1}, job {i + 1} of {len(jobs)}", file=sys.stderr, flush=True)
            for contender in contenders if seed % 2 == 0 else contenders[::-1]:
                past = answers[contender.name][i]
                if not (past and "error" in past[0]):  # what did not work once is not tried again
                    past.append(contender.run({**job, "seed": seed}))
    for contender in contenders:
        contender.close()
    return answers


def ratios(answers, other, i=0):
    """Time of an epoch ÷ that of `other`, round by round."""
    return [a["epoch"] / b["epoch"] for a, b in zip(answers[i], other[i])]


def spread(numbers, digits=2):
    return f"{median(numbers):.{digits}f} ({min(numbers):.{digits}f}–{max(numbers):.{digits}f})"


def until(answers, accuracy):
    """Seconds until an epoch ended with at least this accuracy, and in how many rounds that happened."""
    reached = []
    for answer in answers:
        needed = next((n for n, (_, _, right) in enumerate(answer["epochs"], 1) if right >= accuracy), None)
        if needed:
            reached.append(needed * answer["epoch"])
    if not reached:
        return "not in 5 epochs"
    return f"{median(reached):.2f}" + (f" ({len(reached)} of {len(answers)})" if len(reached) < len(answers) else "")


def five_epochs(rounds):
    """The network of the slides, by everybody."""
    names = [name for name in CONTENDERS if installed(name)]
    answers = take_turns([SLIDE], names, rounds)
    floor, ours = answers["matmul floor"], answers["helpers"]
    yield (
        f"5 epochs of 784-512-10, RMSprop, batches of 128, 60 000 pictures in float32; medians of {rounds} rounds (lowest–"
        "highest), each in a process of its own, taking turns, in opposite order every other round. Ratios are taken round "
        "by round. Warm-up (building, compiling, first batches) and judging the test pictures are not in the seconds."
    )
    yield ""
    yield "| | seconds | × floor | helpers ÷ this | test accuracy | to 97 % (s) | to 98 % (s) | warm-up (s) | peak MB |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, (rounds_of_it,) in answers.items():
        if "error" in rounds_of_it[0]:
            yield f"| {name} | does not work here: {rounds_of_it[0]['error'].replace('|', ' ')} |" + " |" * 7
            continue
        plain = name == "matmul floor"
        cells = [
            name,
            spread([5 * a["epoch"] for a in rounds_of_it]),
            spread(ratios([rounds_of_it], floor)),
            "" if name == "helpers" else spread(ratios(ours, [rounds_of_it])),
            "" if plain else f"{median(a['epochs'][-1][2] for a in rounds_of_it):.4f}",
            "" if plain else until(rounds_of_it, 0.97),
            "" if plain else until(rounds_of_it, 0.98),
            "" if plain else f"{median(a['warm'] for a in rounds_of_it):.1f}",
            f"{max(a['peak'] or 0 for a in rounds_of_it):.0f}",
        ]
        yield "| " + " | ".join(cells) + " |"
    missing = [name for name in CONTENDERS if not installed(name)]
    yield ""
    if missing:
        yield f"Not installed here: {', '.join(missing)}."
    busiest = max(a["others"] for part in answers.values() for a in part[0] if "others" in a)
    yield (
        f"All may use {os.cpu_count()} threads. Seconds are five times the median epoch of a run. An epoch during which "
        f"others took more than {BUSY:.0%} of the machine does not count; a run without a quiet epoch was made again, up to "
        f"{TRIES} times (the busiest epoch that counts: {busiest:.0%}). PyTorch's RMSprop adds epsilon outside the root, "
        "all others inside."
    )


def profile(rounds):
    """What a step is made of, and what is left to win."""
    (x, y), _ = data_sets()
    model = dense_network([512])
    model.compile("rmsprop", "categorical_crossentropy")
    order = np.random.default_rng(0).permutation(len(x))
    batches = [order[start : start + 128] for start in range(0, len(x), 128)]
    here, y_here = aligned_zeros((128, 784), "float32"), y[:128].copy()
    model.train_on_batch(x[:128], y_here)
    first, last = model.layers
    (W1, _), (W2, _) = (layer.params.values() for layer in model.layers)
    z1, z2, dz1 = (aligned_zeros((128, n), "float32") for n in (512, 10, 512))
    w, g = model.parameters, model.gradients
    u, t = aligned_zeros(w.shape, "float32"), aligned_zeros(w.shape, "float32")
    u += 1

    def floor():
        np.matmul(here, W1, out=z1)
        np.matmul(z1, W2, out=z2)
        np.matmul(z1.T, z2, out=last.grads["W"])
        np.matmul(z2, W2.T, out=dz1)
        np.matmul(here.T, dz1, out=first.grads["W"])

    parts = {
        "whole step": lambda i: model.train_on_batch(
            np.take(x, batches[i % 468], axis=0, out=here, mode="clip"), y_here
        ),
        "the five matrix products: the floor": lambda i: floor(),
        "fetching the batch": lambda i: np.take(x, batches[i % 468], axis=0, out=here, mode="clip"),
        "forward, loss, backward: products and all": lambda i: model.gradient_on_batch(here, y_here),
        "update": lambda i: model.optimizer.apply([g], [w]),
        "t = g · g": lambda i: np.multiply(g, g, out=t),
        "t += epsilon": lambda i: np.add(t, 1e-7, out=t),
        "u *= rho": lambda i: np.multiply(u, 0.999, out=u),
        "u += t": lambda i: np.add(u, t, out=u),
        "t = √u": lambda i: np.sqrt(u, out=t),
        "t = g / t": lambda i: np.divide(g, t, out=t),
        "t *= learning rate": lambda i: np.multiply(t, 0.999, out=t),
        "w -= t": lambda i: np.subtract(w, t, out=w),
    }
    taken = {name: [] for name in parts}
    for i in range(100 * rounds):
        for name, part in parts.items():
            start = time.perf_counter()
            part(i)
            taken[name].append(time.perf_counter() - start)
    ms = {name: 1000 * median(times) for name, times in taken.items()}
    base = ms["the five matrix products: the floor"]
    yield f"Medians of {100 * rounds} calls in turn, in one process. The passes of the update are timed one by one as well."
    yield ""
    yield "| part of a step | ms | × floor |"
    yield "|---|---|---|"
    for name, time_taken in ms.items():
        yield f"| {name} | {time_taken:.3f} | {time_taken / base:.2f} |"
    passes = sum(list(ms.values())[-8:])
    yield ""
    yield (
        f"Products and the eight passes alone make {(base + passes) / base:.2f} × the floor; the square root is "
        f"{ms['t = √u'] / passes:.0%} of the passes. Less is not to be had with NumPy on one thread: each pass is one loop "
        "over arrays in the cache, and the rule needs all eight."
    )


def growth(rounds):
    """Milliseconds a step against batch, units, layers and optimizer."""
    names = [name for name in ("matmul floor", "helpers", "PyTorch, eager") if installed(name)]
    batches, units = (32, 64, 128, 256, 512, 1024), (64, 128, 256, 512, 1024, 2048)
    steps = 60

    def job(**changes):
        changed = {**SLIDE, **changes}
        return {**changed, "samples": min(60000, steps * changed["batch"])}

    rows = [("batch", n, job(batch=n)) for n in batches]
    rows += [("units", n, job(hidden=[n])) for n in units]
    rows += [("hidden layers", n, job(hidden=[512] * n)) for n in (1, 2, 3)]
    rows += [("optimizer", name, job(optimizer=name)) for name in ("sgd", "adagrad", "rmsprop", "adam")]
    rows += [("samples", n, {**SLIDE, "samples": n}) for n in (7680, 15360, 30720, 60000)]
    rows += [("epochs", n, {**SLIDE, "epochs": n, "samples": 7680}) for n in (1, 2, 4, 8)]
    answers = take_turns([row[2] for row in rows], names, rounds)
    yield (
        f"784-512-10, batches of 128, RMSprop, but for the one thing that changes; milliseconds a step over {steps} steps, "
        f"medians of {rounds} rounds."
    )
    yield ""
    yield "| | | " + " | ".join(names) + " | helpers × floor | helpers: peak MB so far |"
    yield "|---|---|" + "---|" * (len(names) + 2)
    cost = {}
    for i, (what, value, job) in enumerate(rows):
        steps_made = -(-job["samples"] // job["batch"])
        for name in names:
            cost[what, value, name] = 1000 * median(a["epoch"] for a in answers[name][i]) / steps_made
        numbers = " | ".join(f"{cost[what, value, name]:.2f}" for name in names)
        over = median(ratios([answers["helpers"][i]], [answers["matmul floor"][i]]))
        yield f"| {what} | {value} | {numbers} | {over:.2f} | {answers['helpers'][i][-1]['peak']:.0f} |"
    yield ""
    yield draw({"batch size": ("batch", batches), "units in the hidden layer": ("units", units)}, names, cost)


def draw(panels, names, cost):
    """Cost against size beside the floor, as a picture file; → the line that shows it."""
    fig = Figure(figsize=(8, 3.4), layout="constrained")
    axes = fig.subplots(ncols=len(panels))
    styles = zip(names, ("--", "o-", "^:"), ("#1a1a1a", "#b94a00", "#0072b2"))
    for name, style, color in styles:
        for ax, (label, (what, sizes)) in zip(axes, panels.items()):
            ax.plot(sizes, [cost[what, n, name] for n in sizes], style, color=color, label=name)
            ax.set(xlabel=label, ylabel="milliseconds a step", xscale="log", yscale="log")
            ax.grid(alpha=0.3)
    axes[0].legend(frameon=False)
    fig.savefig(HERE / "growth.png", dpi=110)
    alt = "Milliseconds a step against batch size and against units, on logarithmic axes"
    return f"![{alt}: {', '.join(names)}](growth.png)"
