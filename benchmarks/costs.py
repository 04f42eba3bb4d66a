"""The small costs: imports, loading, notebooks, the test suite, the dashboard beside `fit`, a slider's way to the page."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from contenders import data_sets

ROOT = Path(__file__).parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:nbval", "-o", "addopts="]


def python(code, repeats=5):
    """Median of what a fresh Python prints for some code."""
    return median(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(repeats))


def small_costs(rounds):
    """Importing and loading."""
    clock = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    alone, more = python(clock.format("numpy")), python(clock.format("numpy, helpers"))
    layers_too = python(clock.format("numpy, helpers.models, helpers.layers"))
    load = (
        "import time, tracemalloc; from helpers.datasets import mnist; {} t = time.perf_counter();"
        "parts = mnist.load_data();"
        "t = time.perf_counter() - t; print({})"
    )
    seconds = python(load.format("", "t"))
    beyond = "(tracemalloc.get_traced_memory()[1] - sum(a.nbytes for p in parts for a in p)) / 1e6"
    megabytes = python(load.format("tracemalloc.start();", beyond), repeats=1)
    yield f"- `import helpers`: {1000 * (more - alone):+.0f} ms on top of numpy's {1000 * alone:.0f} ms"
    yield f"- `import helpers.models, helpers.layers`: {1000 * (layers_too - alone):+.0f} ms"
    yield f"- `mnist.load_data()`: {seconds:.2f} s, {megabytes:.1f} MB beyond the arrays at its peak"


def notebooks(rounds):
    """Time and peak memory of each notebook's kernel, its cells run one after another in a fresh process."""
    script = (
        "import json, sys, resource, time; from IPython.core.interactiveshell import InteractiveShell;"
        "shell = InteractiveShell.instance(); t = time.perf_counter();\n"
        "for cell in json.load(open(sys.argv[1], encoding='utf-8'))['cells']:\n"
        "    if cell['cell_type'] == 'code': shell.run_cell(''.join(cell['source'])).raise_error()\n"
        "print('\\n', json.dumps([time.perf_counter() - t, resource.getrusage(0).ru_maxrss]))"
    )
    yield "| notebook | seconds | peak MB |"
    yield "|---|---|---|"
    total = 0
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        out = subprocess.check_output([sys.executable, "-c", script, path], text=True, stderr=subprocess.DEVNULL)
        seconds, peak = json.loads(out.splitlines()[-1])
        total += seconds
        yield f"| {path.name} | {seconds:.1f} | {peak / (2**20 if sys.platform == 'darwin' else 2**10):.0f} |"
    yield f"| **all** | {total:.0f} | |"


def background(rounds):
    """The dashboard's training, its views drawn as they come, beside a silent `fit` of the same network."""
    from helpers.utils import set_random_seed
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
        network.fit(*data[0], epochs=2, batch_size=128, validation_data=data[1], verbose=0)
        ratios.append(dashboard / (time.perf_counter() - start))
    yield f"Training in the background ÷ silent fit: {median(ratios):.2f} (median of {rounds} rounds in turn)"


def sweeps(rounds):
    """24 trainings on one worker and on two; a step of data parallelism beside one at home. Needs requirements-dask.txt."""
    from helpers import layers, models, sweep
    from helpers.cluster import local_client
    from helpers.data_parallel import DataParallel

    def build(units, learning_rate=0.001):
        model = models.Sequential([layers.Dense(units, activation="relu"), layers.Dense(10, activation="softmax")])
        model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
        model.optimizer.learning_rate = learning_rate
        return model

    (x, y), test = data_sets()
    trials = sweep.grid({"units": [64, 128, 256, 512], "learning_rate": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]})
    few, batches = (x[:20000], y[:20000]), (128, 512, 2048, 8192)
    seconds, steps = {1: [], 2: []}, {(workers, batch): [] for workers in (0, 1, 2) for batch in batches}
    for i in range(rounds):
        for workers in (1, 2) if i % 2 else (2, 1):
            with local_client(workers) as client:
                client.submit(sum, [1, 2]).result()
                start = time.perf_counter()
                sweep.run(build, trials, few, test, epochs=2, client=client, verbose=False)
                seconds[workers].append(time.perf_counter() - start)
    yield f"A sweep of {len(trials)} trials (20 000 pictures, two epochs), medians of {rounds} rounds in turn:"
    yield ""
    one, two = (median(seconds[workers]) for workers in (1, 2))
    faster = median(a / b for a, b in zip(seconds[1], seconds[2]))
    yield f"- one worker {one:.1f} s, two workers {two:.1f} s: {faster:.2f} times faster"
    yield ""
    model = build(512)
    model.train_on_batch(x[:8], y[:8])
    with local_client(2) as client:
        ways = {0: model.train_on_batch}
        for workers in (1, 2):
            parallel = DataParallel(model, x, y, client, workers)
            ways[workers] = lambda x_batch, y_batch, parallel=parallel: parallel.step(range(len(x_batch)))
        for _ in range(4 * rounds):
            for (workers, batch), taken in steps.items():
                start = time.perf_counter()
                ways[workers](x[:batch], y[:batch])
                taken.append(1000 * (time.perf_counter() - start))
    yield "Milliseconds a step of 784-512-10, the gradient taken here with all cores, or on workers with a thread each:"
    yield ""
    yield "| batch | here | one worker | two workers | two ÷ one |"
    yield "|---|---|---|---|---|"
    for batch in batches:
        here, one, two = (median(steps[workers, batch]) for workers in (0, 1, 2))
        yield f"| {batch} | {here:.1f} | {one:.1f} | {two:.1f} | {two / one:.2f} |"


def explorers(rounds):
    """From a key press to changed words on the screen, in a real JupyterLab; needs Chromium or Chrome."""
    yield from said([*PYTEST, "-rs", "tests/browser/latency.py"])


def tests(rounds):
    """Time of the test suite without browsers."""
    parts = ["tests/unit", "tests/checks", "tests/widgets", "tests/notebooks"]
    yield from said([*PYTEST, *parts])


def said(command):
    """The last words of a program, as a block."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    lines = [
        line for line in done.stdout.splitlines() if line.strip() and not re.fullmatch(r"[.sxF]+ *\[ *\d+%\]", line)
    ]
    yield from ["```", *lines[-30:], "```", f"{time.perf_counter() - start:.0f} s in all."]
