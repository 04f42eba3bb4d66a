"""What is given by mistake: always an error of the documented type or the right answer, and the data as it was before."""

import gzip
import os
import struct
import tracemalloc
import zipfile

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import gradients, kernels, layers, losses, metrics, models, naive, utils
from helpers.datasets import idx, samples
from helpers.datasets.handwriting import like_mnist, rasterize
from helpers.datasets.idx import DatasetError, read_idx
from helpers.models import DivergenceError
from helpers.widgets.base import Explorer, State
from helpers.widgets.element_wise import ElementWiseState
from helpers.widgets.parse import parse_index, parse_number, parse_shape

# derandomize: each run makes the same cases, and what fails in CI fails at home.
settings.register_profile("same", settings.get_profile("patient"), derandomize=True, max_examples=150)
same_cases = settings.get_profile("same")

X = np.random.default_rng(0).normal(size=(10, 4)).astype("float32")
LABELS = np.arange(10) % 3
Y = np.eye(3, dtype="float32")[LABELS]


def network(loss="categorical_crossentropy", last="softmax", metrics=("accuracy",), outputs=3):
    utils.set_random_seed(0)
    model = models.Sequential([
        layers.Input((4,)), layers.Dense(5, activation="relu"), layers.Dense(outputs, activation=last),
    ])  # fmt: skip
    model.compile("sgd", loss, metrics=list(metrics))
    return model


# ── arrays of any kind ──────────────────────────────────────────────────────────────────────────────────────────────

KINDS = ["float32", "float64", "float16", "int8", "uint8", "int64", "bool", ">f4", "<U3", "complex64"]
SHAPES = [(10, 4), (10, 3), (10,), (10, 1), (0, 4), (9, 4), (4, 10), (10, 2, 2), (1, 4), ()]


@st.composite
def arrays(draw):
    """Arrays of many types and shapes; whole, every second element, backwards, in Fortran's order, or read-only."""
    dtype, shape = np.dtype(draw(st.sampled_from(KINDS))), draw(st.sampled_from(SHAPES))
    numbers = np.random.default_rng(draw(st.integers(0, 9))).integers(
        0, 3, (*shape[:-1], 2 * shape[-1]) if shape else ()
    )
    array = numbers.astype(dtype)
    if dtype.kind in "fc" and array.size and draw(st.booleans()):
        array.flat[draw(st.integers(0, array.size - 1))] = draw(st.sampled_from([np.nan, np.inf, -np.inf, 1e4]))
    array = array[..., ::2] if shape else array
    how = draw(st.sampled_from(["whole", "every second", "backwards", "Fortran", "read-only"]))
    if how == "backwards" and shape:
        return array[..., ::-1]
    if how == "Fortran":
        return np.asfortranarray(array)
    array = array.copy() if how != "every second" else array
    array.flags.writeable = how != "read-only"
    return array


def unchanged(arrays, before):
    return all(a.tobytes() == b.tobytes() and a.dtype == b.dtype and a.shape == b.shape for a, b in zip(arrays, before))


@same_cases
@given(
    arrays(),
    arrays(),
    st.sampled_from(list(losses.LOSSES)),
    st.sampled_from(["fit", "evaluate", "predict", "train_on_batch"]),
    st.sampled_from([1, 3, 10, 1000, 0, -1, 2.0, "2", None, True]),
)
def test_a_model_and_whatever_it_is_given(x, y, loss, method, batch_size):
    model = network(loss, last="sigmoid" if loss == "binary_crossentropy" else "softmax")
    before = [x.copy(), y.copy()]
    weights = model.get_weights()
    given = (x,) if method == "predict" else (x, y)
    options = {} if method == "train_on_batch" else {"batch_size": batch_size, "verbose": 0}
    try:
        with np.errstate(all="ignore"):  # nan in, nan out: what matters is whether that is said
            found = getattr(model, method)(*given, **options)
    except DivergenceError:
        assert not (np.isfinite(x.astype(complex)).all() and np.isfinite(y.astype(complex)).all())
    except (ValueError, TypeError, np.exceptions.ComplexWarning) as error:
        assert len(str(error)) > 10  # noqa: PT017 (not every case is refused)
        assert all(map(np.array_equal, weights, model.get_weights())), "refused, and yet changed"
    else:
        assert x.shape[1:] == (4,)
        assert x.dtype.kind in "buif"
        assert method == "train_on_batch" or (isinstance(batch_size, int) and batch_size >= 1)
        if method == "predict":
            assert found.shape == (len(x), 3)
        else:
            assert len(x) == len(y) > 0
            assert np.isfinite(model.parameters).all()
    assert unchanged([x, y], before)


LAYOUTS = {
    "every second": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "backwards": lambda a: a[..., ::-1].copy()[..., ::-1],
    "Fortran": np.asfortranarray,
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "unaligned": lambda a: np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape),
}
CALLS = {
    "fit": lambda x, y: network().fit(x, y, batch_size=3, epochs=2, verbose=0).history["loss"],
    "evaluate": lambda x, y: network().evaluate(x, y, verbose=0),
    "predict": lambda x, y: network().predict(x),
    "activations": lambda x, y: network().activations(x)[0],
    "affine": lambda x, y: kernels.affine(x, x.T, None),
    "softmax": lambda x, y: kernels.softmax(x),
    "relu": lambda x, y: kernels.relu(x),
    "cross-entropy": lambda x, y: kernels.softmax_cross_entropy(x[:, :3], y)[0],
    "loss": lambda x, y: losses.get("mse")(y, x[:, :3]),
    "metric": lambda x, y: metrics.categorical_accuracy(y, x[:, :3]),
    "one-hot": lambda x, y: utils.to_categorical(y.astype(y.dtype.newbyteorder("="))[:, 0], 3),
    "naive": lambda x, y: naive.matrix_dot(x, x.T),
    "naive reshape": lambda x, y: naive.reshape(x, (4, 10)),
    "handwriting": lambda x, y: like_mnist(x * x).centred,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("call", CALLS)
def test_it_does_not_matter_how_the_data_lies_in_memory(call, layout):
    x, y = LAYOUTS[layout](X), LAYOUTS[layout](Y)
    for array in (x, y):
        array.flags.writeable = False
    np.testing.assert_allclose(CALLS[call](x, y), CALLS[call](X.copy(), Y.copy()), rtol=1e-5, atol=1e-7)


# ── models ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "labels", [LABELS + 1, LABELS - 1, LABELS + 0.5, LABELS * np.nan, np.full(10, np.inf), LABELS + 10**12]
)
def test_class_numbers_out_of_range(labels):
    with pytest.raises(ValueError, match="class"):
        network("sparse_categorical_crossentropy").fit(X, labels, verbose=0)


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_no_data(method):
    with pytest.raises(ValueError, match="there is no data"):
        getattr(network(), method)(X[:0], Y[:0], verbose=0)


@pytest.mark.parametrize("batch_size", [11, 10**6, 10**15])
def test_a_batch_larger_than_the_data_costs_no_memory(batch_size):
    tracemalloc.start()
    try:
        model = network()
        model.fit(X, Y, batch_size=batch_size, verbose=0)
        model.evaluate(X, Y, batch_size=batch_size, verbose=0)
        model.predict(X, batch_size=batch_size)
        assert tracemalloc.get_traced_memory()[1] < 1e6
    finally:
        tracemalloc.stop()


def test_a_picture_of_nan_is_named():
    x = X.copy()
    x[4] = np.nan
    with pytest.raises(DivergenceError, match="x holds nan or inf"):
        network().fit(x, Y, verbose=0)


def savez(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)


def npy_header(shape, dtype="<f4"):
    """The start of a .npy file of this shape, without its numbers."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


@pytest.mark.parametrize("kind", ["a header that promises", "a zip bomb"])
def test_a_weight_file_takes_no_more_memory_than_the_model(tmp_path, kind):
    promised = 10**7 if kind == "a zip bomb" else 10**8
    content = npy_header((promised,), "|u1") + bytes(promised if kind == "a zip bomb" else 100)
    savez(tmp_path / "w.npz", {f"{i}.npy": content for i in range(4)}, zipfile.ZIP_DEFLATED)
    assert os.path.getsize(tmp_path / "w.npz") < 200_000
    model = network()
    model.build()
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"w\.npz"):
            model.load_weights(tmp_path / "w.npz")
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("y", [Y.astype(str), Y.astype(object), Y.astype("M8[s]"), Y + 1j], ids=lambda y: str(y.dtype))
def test_labels_that_are_no_numbers(y):
    with pytest.raises(TypeError, match="y must be an array of numbers"):
        network().fit(X, y, verbose=0)


@pytest.mark.parametrize(
    "call",
    [
        lambda z, y: kernels.softmax(z),
        lambda z, y: kernels.softmax_cross_entropy(z, y)[0],
        lambda z, y: kernels.sigmoid_cross_entropy(z, y)[0],
        lambda z, y: kernels.mean_squared_error(y, z),
        lambda z, y: kernels.mean_squared_error_backward(y, z),
        lambda z, y: kernels.categorical_crossentropy_backward(y, z),
        lambda z, y: kernels.softmax_cross_entropy_backward(y, z > 9),
    ],
)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64"])
def test_kernels_of_whole_numbers(call, dtype):
    z, y = np.array([[0, 255, 100]]).astype(dtype), np.array([[1, 0, 1]], dtype)
    found = call(z, y)
    assert found.dtype.kind == "f"
    np.testing.assert_allclose(found, call(z.astype(float), y.astype(float)), rtol=1e-6, atol=1e-30)


# ── metrics ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", sorted({n for n, f in metrics.METRICS.items() if callable(f)}))
@pytest.mark.parametrize(
    ("labels", "predictions"), [((1, 3), (3, 3)), ((2, 3), (3, 2)), ((9,), (3, 3)), ((3, 1), (1, 3)), ((3, 3), (1, 3))]
)
def test_metrics_stretch_no_labels(name, labels, predictions):
    with pytest.raises(ValueError, match="the labels have shape"):
        metrics.get(name, None)(np.zeros(labels), np.zeros(predictions))


NUMBERS = hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes()

# ── gradients, one-hot labels, plain loops ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("a", "b"), [((3,), (3, 1)), ((3,), ()), ((2, 3), (3,)), ((1,), (4,))])
def test_gradients_of_other_shapes_are_not_alike(a, b):
    with pytest.raises(ValueError, match="compares arrays of one shape"):
        gradients.relative_error(np.ones(a), np.ones(b))


@pytest.mark.parametrize("x", [[1.0], 1.0, None, np.ones(2, "float32"), np.ones(2, int)])
def test_a_gradient_needs_an_array_to_change(x):
    with pytest.raises(TypeError, match="needs a float64 array"):
        gradients.numerical_gradient(lambda: 0.0, x)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("call", [1, 2])
def test_a_measurement_that_breaks_off_puts_the_number_back(error, call):
    x, calls = np.array([1.0, 2.0]), []

    def f():
        calls.append(x.copy())
        if len(calls) == call:
            raise error
        return 0.0

    with pytest.raises(error):
        gradients.numerical_gradient(f, x)
    assert x.tolist() == [1, 2]


@same_cases
@given(
    hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
    st.integers(-2, 9),
)
def test_one_hot_or_an_error(x, classes):
    before = x.copy()
    try:
        with np.errstate(all="ignore"):
            found = utils.to_categorical(x, classes)
    except (ValueError, TypeError, np.exceptions.ComplexWarning):
        pass
    else:
        dropped = x[..., 0] if x.ndim > 1 and x.shape[-1] == 1 else x
        assert found.shape == (*dropped.shape, classes)
        assert (found.sum(axis=-1) == 1).all()
        assert (found @ np.arange(classes) == dropped).all()
    assert x.tobytes() == before.tobytes()


@same_cases
@given(
    st.sampled_from(["relu", "add", "add_matrix_and_vector", "vector_dot", "matrix_vector_dot", "matrix_dot"]),
    *[
        hnp.arrays(
            np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), elements=st.integers(-9, 9)
        )
    ]
    * 2,
)
def test_plain_loops_agree_with_numpy_or_refuse(name, a, b):
    theirs = {
        "relu": lambda: np.maximum(a, 0), "add": lambda: a + b, "add_matrix_and_vector": lambda: a + b,
        "vector_dot": lambda: a @ b, "matrix_vector_dot": lambda: a @ b, "matrix_dot": lambda: a @ b,
    }  # fmt: skip
    before = a.copy(), b.copy()
    try:
        found = getattr(naive, name)(*([a] if name == "relu" else [a, b]))
    except ValueError as error:
        assert str(error).startswith(f"{name}: ")  # noqa: PT017 (not every case is refused)
    else:
        np.testing.assert_array_equal(found, theirs[name]())
    assert unchanged([a, b], before)


V, M = np.ones(2, int), np.ones((2, 2), int)


@pytest.mark.parametrize(
    ("name", "given", "wrong", "kind"),
    [
        ("relu", (V,), "z", "matrix"),
        ("add", (V, M), "x", "matrix"),
        ("add", (M, V), "y", "matrix"),
        ("add_matrix_and_vector", (V, V), "x", "matrix"),
        ("add_matrix_and_vector", (M, M), "b", "vector"),
        ("vector_dot", (M, V), "x", "vector"),
        ("vector_dot", (V, M), "y", "vector"),
        ("matrix_vector_dot", (V, V), "W", "matrix"),
        ("matrix_vector_dot", (M, M), "x", "vector"),
        ("matrix_dot", (V, M), "x", "matrix"),
        ("matrix_dot", (M, V), "y", "matrix"),
    ],
)
def test_plain_loops_say_what_does_not_fit(name, given, wrong, kind):
    with pytest.raises(ValueError, match=f"^{name}: {wrong} must be a {kind}, with "):
        getattr(naive, name)(*given)


def test_plain_loops_keep_whole_numbers_whole():
    made = naive.relu(M), naive.add(M, M), naive.add_matrix_and_vector(M, V), naive.matrix_vector_dot(M, V)
    assert {a.dtype for a in (*made, naive.matrix_dot(M, M), naive.reshape(M, 4))} == {np.dtype(int)}
    assert naive.matrix_vector_dot(M, V.astype("float32")).dtype == np.result_type(int, "float32")
    assert naive.matrix_vector_dot(M.astype("float32"), V).dtype == np.result_type(int, "float32")


@pytest.mark.parametrize("samples_", [0, -1, 2.5, "3", None, True, np.nan])
@pytest.mark.parametrize("make", [samples.people, samples.colour_images, samples.stock_prices, samples.spirals])
def test_samples_are_counted_in_whole_numbers(make, samples_):
    with pytest.raises(ValueError, match="must be a whole number"):
        make(samples_)


# ── drawings ────────────────────────────────────────────────────────────────────────────────────────────────────────


@same_cases
@given(hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=40)))
def test_any_picture_becomes_like_mnist_or_is_refused(ink):
    before = ink.tobytes()
    try:
        with np.errstate(all="ignore"):
            found = like_mnist(ink)
    except (ValueError, TypeError) as error:
        assert "ink" in str(error) or "pad" in str(error)  # noqa: PT017 (not every case is refused)
    else:
        assert found.centred.shape == (28, 28)
        assert found.centred.max() == 255
    assert ink.tobytes() == before


@pytest.mark.parametrize(
    "stroke",
    [[], [[1]], [[1, 2, 3]], [["a", "b"]], [[np.nan, 0]], [[1e9, 0]], [[1, 2], [3]], "ab", 5, [None], [[1j, 0]]],
)
def test_what_is_no_stroke(stroke):
    with pytest.raises(ValueError, match="a stroke"):
        rasterize([stroke])


# ── IDX files: more of them in tests/fuzz ───────────────────────────────────────────────────────────────────────────


def test_no_memory_for_what_a_header_promises(tmp_path, monkeypatch):
    def no_memory(*_):
        raise MemoryError

    file = tmp_path / "f"
    file.write_bytes(idx.idx_header(np.zeros((2, 3), "uint8")) + b"123456")
    monkeypatch.setattr(np, "empty", no_memory)
    with pytest.raises(DatasetError, match="f: too large. There is no memory for the 6 bytes"):
        read_idx(file)


def test_a_gzip_bomb_is_not_blown_up(tmp_path):
    file = tmp_path / "bomb"
    with gzip.open(file, "wb") as out:
        out.write(idx.idx_header(np.zeros(10, "uint8")) + bytes(10))
        for _ in range(100):
            out.write(bytes(10**6))
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match="too long"):
            read_idx(file)
        assert tracemalloc.get_traced_memory()[1] < 2e6
    finally:
        tracemalloc.stop()


def test_a_zipped_file_is_held_in_memory_once(tmp_path):
    numbers, file = np.arange(3_000_000, dtype="uint8"), tmp_path / "f"
    file.write_bytes(gzip.compress(idx.idx_header(numbers) + numbers.tobytes(), 1))
    tracemalloc.start()
    try:
        np.testing.assert_array_equal(read_idx(file)[-300:], numbers[-300:])
        assert tracemalloc.get_traced_memory()[1] < numbers.nbytes + 1e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("path", [0, 1, None, 2.5])
def test_a_number_is_no_file_name(path):
    # open(0) would wait for the keyboard, and close it afterwards.
    with pytest.raises(TypeError):
        read_idx(path)
    os.fstat(1)


# ── what readers type: more of it in tests/fuzz ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed", ["[0" + " " * 100_000, "1:" + " " * 100_000 + "x", "9999999 " * 100_000, "1" * 10**6, "-" * 10**6]
)
@pytest.mark.parametrize("parse", [parse_shape, parse_index, lambda typed: parse_number("w", typed, 10)])
def test_a_whole_file_pasted_by_mistake(parse, typed):
    with pytest.raises(ValueError, match="characters are too many: at most 200") as caught:
        parse(typed)
    assert len(str(caught.value)) < 100


@same_cases
@given(st.text(max_size=30) | st.text("0123456789:,-.[]() x×", max_size=30), st.integers(1, 9))
def test_an_index_is_numpys_or_refused(typed, length):
    try:
        index = parse_index(typed)
    except ValueError:
        return
    array = np.arange(length)
    if isinstance(index, slice):
        numbers = [None if not part.strip() else int(part) for part in (typed.strip() or ":").split(":")]
        assert array[index].tolist() == list(range(length))[slice(*numbers)]
    else:
        assert index == (int(typed) if isinstance(index, int) else [int(n) for n in typed.strip(" []\t,").split(",")])


def test_a_message_that_breaks_a_state_is_answered_all_the_same():
    class Broken(State):
        def set_x(self, value):
            raise RuntimeError

        def view(self):
            return {"controls": [], "blocks": []}

    explorer = Explorer(Broken(), "broken")
    before = explorer.view["answers"]
    with pytest.raises(RuntimeError):
        explorer._receive(None, {"name": "x", "value": 1}, [])
    assert explorer.view["answers"] == before + 1  # else the page would wait, and send nothing more
    explorer.close()


@pytest.mark.parametrize("value", [None, 3, 1e308, True, [], {}, "x", "x:1", "x:a,b", "x:9,9"])
def test_a_focus_that_is_none(value):
    state = ElementWiseState([[1, 2]], [[3, 4]])
    state.handle("focus", value)
    assert state.errors["focus"]
    assert state.picked == (0, 0)


def test_a_long_error_is_cut():
    class Long(State):
        def set_x(self, value):
            raise ValueError(value)

    state = Long()
    state.handle("x", "no" * 1000)
    assert len(state.errors["x"]) < 310
