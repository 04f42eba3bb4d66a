"""`helpers.sweep`: spaces, results that depend on nothing but the seed, files that outlive interruptions, dying workers."""

import json
import os
import signal
import time

import numpy as np
import pytest

from helpers import layers, models, optimizers, plots, sweep
from helpers.cluster import given_or_local, local_client

SPACE = {"units": [2, 8], "learning_rate": [0.001, 0.1, 1.0]}


def build(units, learning_rate, activation="tanh"):
    model = models.Sequential([layers.Dense(units, activation=activation), layers.Dense(4, activation="softmax")])
    model.compile(optimizers.SGD(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def without_seconds(results):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in results.rows]


# ── spaces ──


def test_a_grid_holds_every_combination_once():
    trials = sweep.grid(SPACE)
    assert trials[:3] == [{"units": 2, "learning_rate": rate} for rate in SPACE["learning_rate"]]
    assert len({tuple(settings.values()) for settings in trials}) == len(trials) == 6


def test_random_settings_repeat_with_their_seed_and_keep_their_limits():
    space = {"units": sweep.between(1, 3), "rate": sweep.between(1e-4, 1e-1, log=True), "kind": ["a", "b"]}
    trials = sweep.random(space, 2000, seed=3)
    assert trials == sweep.random(space, 2000, seed=3)
    assert trials != sweep.random(space, 2000, seed=4)
    units = [settings["units"] for settings in trials]
    assert {type(n) for n in units} == {int}
    assert np.bincount(units)[1:] == pytest.approx([667, 667, 667], abs=80)
    rates = np.array([settings["rate"] for settings in trials])
    assert rates.min() >= 1e-4
    assert rates.max() <= 1e-1
    assert np.mean(rates < 1e-3) == pytest.approx(1 / 3, abs=0.05)  # one of the three orders of magnitude
    assert {settings["kind"] for settings in trials} == {"a", "b"}


def test_whole_numbers_on_a_logarithmic_scale_reach_both_ends():
    draw = sweep.between(1, 4, log=True)
    assert {draw(np.random.default_rng(seed)) for seed in range(200)} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: sweep.grid({}), "a space is a dict such as"),
        (lambda: sweep.grid([1, 2]), "a space is a dict such as"),
        (lambda: sweep.grid({"units": 32}), "'units' needs a list of values to try"),
        (lambda: sweep.grid({"optimizer": "adam"}), "'optimizer' needs a list"),
        (lambda: sweep.grid({"units": []}), "'units' needs a list"),
        (lambda: sweep.grid({"units": sweep.between(1, 9)}), "`between` is for sweep.random"),
        (lambda: sweep.random(SPACE, 0), "trials must be a whole number ≥ 1, but got 0"),
        (lambda: sweep.between(3, 1), "low < high, but got 3 and 1"),
        (lambda: sweep.between(0, 1, log=True), "above 0 for log, but got 0 and 1"),
        (lambda: sweep.between("a", "b"), "between needs numbers"),
        (lambda: sweep.between(1, float("inf")), "between needs numbers"),
        (lambda: local_client(0), "workers must be a whole number ≥ 1, but got 0"),
    ],
)
def test_what_is_no_space_is_said(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": []}, "trials must be a list of settings"),
        ({"trials": SPACE}, "trials must be a list of settings, as sweep.grid"),
        ({"trials": [3, 4]}, "trials must be a list of settings"),
        ({"metric": None}, "metric must be a name such as 'val_accuracy', but got None"),
        ({"seed": None}, "seed must be a whole number ≥ 0, but got None"),
        ({"epochs": 0}, "epochs must be a whole number ≥ 1"),
        ({"rounds": 0}, "rounds must be a whole number ≥ 1"),
        ({"factor": 1}, "factor must be a whole number ≥ 2"),
    ],
)
def test_arguments_that_cannot_work_are_refused_before_anything_starts(data, changes, message):
    arguments = {"trials": sweep.grid(SPACE), "client": "none is needed", **changes}
    with pytest.raises(ValueError, match=message):
        sweep.run(build, arguments.pop("trials"), *data, **arguments)


def test_data_must_be_pairs(data):
    for pair in (data[0][0], None, (data[0][0],)):
        with pytest.raises(ValueError, match=r"validation_data must be a pair \(x, y\), but got"):
            sweep.run(build, sweep.grid(SPACE), data[0], pair)


def test_numpys_whole_numbers_are_whole():
    draw = sweep.between(np.int64(2), np.int64(9))
    assert {type(draw(np.random.default_rng(seed))) for seed in range(9)} == {int}


def test_a_closed_client_is_said(data):
    with local_client(1) as own:
        pass
    with pytest.raises(ValueError, match=r"this client is closed: open another one, client = local_client\(2\)"):
        sweep.run(build, sweep.grid(SPACE), *data, client=own)


def test_a_client_must_be_a_client():
    with pytest.raises(TypeError, match="client must be a dask.distributed.Client, but got 'tcp://"):
        given_or_local("tcp://10.0.0.1:8786")


# ── results ──


def test_the_table_is_the_same_from_one_worker_two_workers_and_none(client, data):
    """None: the same trials by `train_one` in this process, in the opposite order."""
    trials = sweep.grid(SPACE)
    two = sweep.run(build, trials, *data, epochs=3, client=client, verbose=False)
    with local_client(1) as alone:
        one = sweep.run(build, trials, *data, epochs=3, client=alone, verbose=False)
    assert without_seconds(one) == without_seconds(two)
    assert [row["trial"] for row in two.rows] == list(range(6))
    x, y = data[0]
    for row in two.rows[::-1]:
        settings = trials[row["trial"]]
        own, _ = sweep.train_one(build, row["trial"], settings, (x, y, *data[1]), 3, 128, "val_accuracy", 0)
        assert own["history"] == row["history"]
    model = two.best_model()
    assert model.evaluate(*data[1], verbose=0)[1] == pytest.approx(two.best["score"])
    assert two.best["score"] == max(row["score"] for row in two.rows) > 0.8


def test_another_seed_gives_other_networks(client, data):
    trials = [{"units": 8, "learning_rate": 0.1}] * 2
    first = sweep.run(build, trials, *data, client=client, verbose=False)
    losses = {row["history"]["loss"][0] for row in first.rows}
    losses |= {
        row["history"]["loss"][0] for row in sweep.run(build, trials, *data, seed=1, client=client, verbose=False).rows
    }
    assert len(losses) == 4


def test_the_lowest_loss_wins_and_the_first_among_equals(client, data):
    trials = [{"units": 8, "learning_rate": rate} for rate in (0.01, 1.0, 0.1)]
    results = sweep.run(build, trials, *data, metric="val_loss", client=client, verbose=False)
    assert results.best["score"] == min(row["score"] for row in results.rows)
    row = results.rows[0]
    results.add({**row, "trial": 1, "score": 0.0})
    results.add({**row, "trial": 0, "score": 0.0})
    assert results.best["trial"] == 0


def test_successive_halving_gives_the_best_more_epochs(client, data):
    trials = sweep.grid({"units": [2, 4, 8], "learning_rate": [0.001, 0.1, 1.0]})
    results = sweep.run(build, trials, *data, epochs=1, rounds=3, factor=3, client=client, verbose=False)
    tried = {epochs: {row["trial"] for row in results.rows if row["epochs"] == epochs} for epochs in (1, 3, 9)}
    assert {epochs: len(numbers) for epochs, numbers in tried.items()} == {1: 9, 3: 3, 9: 1}
    assert tried[3] == set(results.ranking(1)[:3])
    assert tried[9] == set(results.ranking(3)[:1]) == {results.best["trial"]}
    assert [len(row["history"]["loss"]) for row in results.rows if row["trial"] in tried[9]] == [1, 3, 9]
    assert len(results.final) == 9


def test_a_diverging_trial_is_recorded_and_the_others_go_on(client, data):
    trials = [{"units": 8, "learning_rate": rate, "activation": "relu"} for rate in (1e12, 0.1)]
    (x, y), judged = data
    results = sweep.run(build, trials, (1e3 * x, y), judged, client=client, verbose=False)
    bad, good = results.rows
    assert (bad["status"], bad["score"], good["status"]) == ("diverged", None, "done")
    assert "learning rate too large" in bad["message"]
    assert results.best is good
    assert "diverged" in str(results)


def test_an_error_in_one_trial_is_recorded_in_all_it_is_raised(client, data):
    trials = [{"units": units, "learning_rate": 0.1} for units in (0, 8)]
    results = sweep.run(build, trials, *data, client=client, verbose=False)
    assert [row["status"] for row in results.rows] == ["failed", "done"]
    assert "units must be a whole number" in results.rows[0]["message"]
    with pytest.raises(ValueError, match="every trial failed; the first with: ValueError: units must be"):
        sweep.run(build, trials[:1], *data, client=client, verbose=False)
    with pytest.raises(ValueError, match="there is no 'val_acc' in the history, only loss, accuracy, val_loss"):
        sweep.run(build, trials[1:], *data, metric="val_acc", client=client, verbose=False)
    nothing = sweep.Results(build, trials, "val_accuracy", data[0][0])
    with pytest.raises(ValueError, match="no trial of this sweep came to its end"):
        nothing.best_model()


def test_the_data_goes_to_each_worker_once(client, data, monkeypatch):
    scattered = []
    scatter = client.scatter
    monkeypatch.setattr(
        client, "scatter", lambda *args, **options: scattered.append(options) or scatter(*args, **options)
    )
    sweep.run(build, sweep.grid(SPACE), *data, client=client, verbose=False)
    assert scattered == [{"broadcast": True, "hash": False}]  # not once for each of the six trials


def test_data_from_the_middle_of_a_message_is_moved_to_where_it_is_fast(data, monkeypatch):
    (x, y), judged = data
    memory = np.zeros(x.nbytes + 1, "uint8")
    askew = memory[1:].view("float32").reshape(x.shape)
    askew[:] = x
    assert not askew.flags.aligned
    seen, fit = [], models.Sequential.fit
    monkeypatch.setattr(
        models.Sequential, "fit", lambda self, x, *args, **options: seen.append(x) or fit(self, x, *args, **options)
    )
    settings = {"units": 8, "learning_rate": 0.1}
    row, _ = sweep.train_one(build, 0, settings, (askew, y, *judged), 1, 128, "val_accuracy", 0)
    assert row["status"] == "done"
    assert seen[0].flags.aligned
    np.testing.assert_array_equal(seen[0], x)


def test_workers_compute_with_one_thread_each(client, monkeypatch):
    assert set(client.run(lambda: os.environ["OPENBLAS_NUM_THREADS"]).values()) == {"1"}
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    with local_client(1) as own:
        assert set(own.run(lambda: os.environ["OPENBLAS_NUM_THREADS"]).values()) == {"1"}
    assert set(client.nthreads().values()) == {1}
    assert all(address.startswith("tcp://127.0.0.1:") for address in client.nthreads())


# ── the file ──


@pytest.fixture
def swept(client, data, tmp_path):
    """A function that sweeps into a file; → the results, and how many networks were built on the workers for them."""
    here, calls = os.getpid(), tmp_path / "calls"

    def counted(**settings):
        if os.getpid() != here:
            with open(calls, "a") as file:
                file.write("x")
        return build(**settings)

    def again(**changes):
        calls.write_text("")
        options = {"epochs": 2, "client": client, "verbose": False, "file": tmp_path / "sweep.jsonl", **changes}
        trials, parts = options.pop("trials", sweep.grid(SPACE)), options.pop("data", data)
        return sweep.run(counted, trials, *parts, **options), len(calls.read_text())

    return again


def test_an_interrupted_sweep_goes_on_where_it_was(swept, tmp_path):
    whole, _ = swept()
    file = tmp_path / "sweep.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) == 7
    best = whole.best["trial"]
    kept = [line for line in lines[1:] if json.loads(line)["trial"] in {best, (best + 1) % 6}]
    file.write_bytes(lines[0] + b"".join(kept) + lines[-1][:20])  # its writer was killed in mid-line
    resumed, calls = swept()
    assert calls == 4
    assert without_seconds(resumed) == without_seconds(whole)
    assert len(file.read_bytes().splitlines()) == 7
    for a, b in zip(resumed.best_model().get_weights(), whole.best_model().get_weights()):
        np.testing.assert_array_equal(a, b)
    assert swept()[1] == 0


def test_lost_weights_are_trained_again_and_come_out_the_same(swept, tmp_path):
    whole, _ = swept()
    (kept,) = tmp_path.glob("*.npz")  # only those of the best
    weights = whole.best_model().get_weights()
    kept.unlink()
    resumed, calls = swept()
    assert calls == 1
    assert kept.exists()
    for a, b in zip(resumed.best_model().get_weights(), weights):
        np.testing.assert_array_equal(a, b)


def test_failed_trials_are_tried_again_diverged_ones_are_not(swept, data):
    (x, y), judged = data
    trials = [
        {"units": 8, "learning_rate": 0.1},
        {"units": 0, "learning_rate": 0.1},
        {"units": 8, "learning_rate": 1e12, "activation": "relu"},
    ]
    first, _ = swept(trials=trials, data=((1e3 * x, y), judged))
    again, calls = swept(trials=trials, data=((1e3 * x, y), judged))
    assert (
        [row["status"] for row in first.rows] == [row["status"] for row in again.rows] == ["done", "failed", "diverged"]
    )
    assert calls == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": [{"units": 3, "learning_rate": 0.1}]}, "holds a sweep with other trials"),
        ({"seed": 1, "batch_size": 64}, "other batch_size and other seed"),
        ({"metric": "val_loss"}, "other metric"),
    ],
)
def test_a_file_of_another_sweep_is_refused_and_kept(swept, tmp_path, changes, message):
    swept()
    before = (tmp_path / "sweep.jsonl").read_bytes()
    with pytest.raises(ValueError, match=message):
        swept(**changes)
    assert (tmp_path / "sweep.jsonl").read_bytes() == before


def test_other_data_of_the_same_shape_is_noticed(swept, data):
    swept()
    (x, y), judged = data
    with pytest.raises(ValueError, match="holds a sweep with other data"):
        swept(data=((x + 1e-3, y), judged))


@pytest.mark.parametrize("change", ["activation", "optimizer", "learning rate", "loss", "one layer more"])
def test_another_network_for_the_same_settings_is_noticed(swept, client, data, tmp_path, change):
    swept()

    def other(units, learning_rate):
        network = build(units, learning_rate, "relu" if change == "activation" else "tanh")
        if change == "one layer more":
            network.add(layers.Dense(4, activation="softmax"))
        rate = 0.5 if change == "learning rate" else learning_rate
        network.compile(
            optimizers.RMSprop(rate) if change == "optimizer" else optimizers.SGD(rate),
            "mse" if change == "loss" else "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        return network

    with pytest.raises(ValueError, match="holds a sweep with other network: choose another file"):
        sweep.run(other, sweep.grid(SPACE), *data, epochs=2, client=client, file=tmp_path / "sweep.jsonl")


def test_a_network_whose_first_settings_fail_is_compared_by_nothing(swept):
    trials = [{"units": 0, "learning_rate": 0.1}, {"units": 8, "learning_rate": 0.1}]
    assert swept(trials=trials)[1] == 2
    assert swept(trials=trials)[1] == 1


@pytest.mark.parametrize(
    "content", [b"hello\n", b"[1, 2]\n", b"\n", b"\xff\xfe\n", b'{"trials": []}\n{"no": "row"}\n', b"x"]
)
def test_a_file_that_is_no_sweep_is_refused_and_kept(swept, tmp_path, content):
    (tmp_path / "sweep.jsonl").write_bytes(content)
    with pytest.raises(
        ValueError, match="sweep.jsonl: expected a file that `sweep.run` wrote|holds a sweep with other"
    ):
        swept()
    assert (tmp_path / "sweep.jsonl").read_bytes() == content


def test_a_broken_row_in_the_middle_is_refused(swept, tmp_path):
    swept()
    file = tmp_path / "sweep.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2][:30] + b"\n"
    file.write_bytes(b"".join(lines))
    with pytest.raises(ValueError, match="but it is broken"):
        swept()


def test_an_empty_file_is_begun(swept, tmp_path):
    (tmp_path / "sweep.jsonl").touch()
    assert swept()[1] == 6


def test_numpy_settings_are_written_as_numbers_and_others_refused(swept, tmp_path):
    swept(trials=[{"units": np.int64(3), "learning_rate": rate} for rate in np.linspace(0.1, 0.2, 2)])
    assert swept(trials=[{"units": 3, "learning_rate": 0.1}, {"units": 3, "learning_rate": 0.2}])[1] == 0
    with pytest.raises(ValueError, match="settings that can be written down"):
        swept(trials=[{"units": 3, "learning_rate": object()}], file=tmp_path / "other.jsonl")


# ── workers that die ──


def slow(units, learning_rate):
    time.sleep(0.2)
    return build(units, learning_rate)


def kill(client, how_many):
    pids = list(client.run(os.getpid).values())[:how_many]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("dying", [1, 2])
def test_killed_workers_lose_no_trial(data, dying, monkeypatch):
    trials = sweep.grid({"units": [2, 4, 8, 16], "learning_rate": [0.01, 0.1, 1.0]})
    with local_client(2) as own:
        calm = sweep.run(build, trials, *data, client=own, verbose=False)
        add, added = sweep.Results.add, []

        def kill_after_three(self, row, weights=None):
            added.append(row)
            if len(added) == 3:
                kill(own, dying)
            add(self, row, weights)

        monkeypatch.setattr(sweep.Results, "add", kill_after_three)
        stormy = sweep.run(slow, trials, *data, client=own, verbose=False)
    assert without_seconds(stormy) == without_seconds(calm)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_trial_that_kills_every_worker_is_recorded_and_the_others_go_on(data):
    def deadly(units, learning_rate):
        if units == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return build(units, learning_rate)

    trials = [{"units": units, "learning_rate": 0.1} for units in (2, 3, 4)]
    with local_client(2) as own:
        results = sweep.run(deadly, trials, *data, client=own, verbose=False)
    assert [row["status"] for row in results.rows] == ["done", "failed", "done"]
    assert "died" in results.rows[1]["message"]


def test_stop_leaves_the_workers_free_and_the_file_whole(client, data, tmp_path, monkeypatch):
    add, added = sweep.Results.add, []

    def stop_at_the_second(self, row, weights=None):
        add(self, row, weights)
        added.append(row)
        if len(added) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(sweep.Results, "add", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        sweep.run(slow, sweep.grid(SPACE), *data, client=client, file=tmp_path / "s.jsonl", verbose=False)
    monkeypatch.undo()
    assert len((tmp_path / "s.jsonl").read_text().splitlines()) == 3
    results = sweep.run(slow, sweep.grid(SPACE), *data, client=client, file=tmp_path / "s.jsonl", verbose=False)
    assert len(results.rows) == 6


# ── what is shown ──


@pytest.fixture(scope="session")
def results(client, data):
    return sweep.run(build, sweep.grid(SPACE), *data, epochs=2, client=client, verbose=False)


def test_a_line_a_trial_outside_a_notebook(client, data, capsys):
    import ipykernel  # noqa: F401  that it is loaded must not matter

    results = sweep.run(build, sweep.grid(SPACE)[:2], *data, client=client)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("· 0 to come")
    assert lines[0].startswith(("trial 0, units 2, learning_rate 0.001, epochs 1, val_accuracy", "trial 1, units 2"))
    assert str(results).splitlines()[0].split() == [
        "trial",
        "units",
        "learning_rate",
        "epochs",
        "val_accuracy",
        "seconds",
    ]


def test_a_table_that_grows_in_a_notebook(client, data, monkeypatch, capsys):
    class Kernel:
        kernel = "there is one"

    pages = []
    monkeypatch.setattr(sweep, "get_ipython", lambda: Kernel)
    monkeypatch.setattr(sweep, "display", lambda page, display_id: pages.append(page) or Handle)

    class Handle:
        update = pages.append

    sweep.run(build, sweep.grid(SPACE)[:2], *data, client=client)
    assert [page.data.count("<tr>") for page in pages] == [0, 2, 3]
    assert "1 still to come" in pages[1].data
    assert "still" not in pages[2].data
    assert capsys.readouterr().out == ""


def test_the_table_is_sorted_and_escaped(results):
    scores = [float(line.split()[4]) for line in str(results).splitlines()[1:]]
    assert scores == sorted(scores, reverse=True)
    page = results._repr_html_()
    assert page.count("<tr>") == 7
    results = sweep.Results(build, [{"<img onerror=x>": "<b>"}], "val_loss", None)
    results.add({"trial": 0, "epochs": 1, "status": "done", "score": 0.5, "history": {}, "message": "", "seconds": 1.0})
    assert "<img" not in results._repr_html_()
    assert "<b>" not in results._repr_html_()


@pytest.fixture
def pages(monkeypatch):
    pages = []
    monkeypatch.setattr(plots, "display", lambda page: pages.append(page.data))
    return pages


def test_the_map_and_the_lines_say_what_they_show(results, pages):
    plots.heat_map(results, "learning_rate", "units")
    plots.parallel_coordinates(results)
    best = results.settings(results.best)
    assert f"the best is at learning_rate {best['learning_rate']:.2g}, units {best['units']}." in pages[0]
    assert "6 trials as lines over units, learning_rate to val_accuracy; the best: units" in pages[1]


def test_the_map_refuses_what_it_cannot_show(results, pages):
    with pytest.raises(ValueError, match="there is no setting 'rate', only units, learning_rate"):
        plots.heat_map(results, "rate", "units")
    many = sweep.Results(build, [{"units": n, "rate": 0.1} for n in range(1, 14)], "val_loss", None)
    for trial in range(13):
        many.add(
            {"trial": trial, "epochs": 1, "status": "done", "score": 1.0, "history": {}, "message": "", "seconds": 0}
        )
    with pytest.raises(ValueError, match="units took 13 values, too many for a map: use parallel_coordinates"):
        plots.heat_map(many, "units", "rate")
    plots.parallel_coordinates(many)
    assert "13 trials" in pages[0]
