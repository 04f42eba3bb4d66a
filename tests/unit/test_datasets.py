"""The real MNIST, the IDX format, and every way a data file can be wrong."""

import gzip
import hashlib
import shutil
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.datasets import DatasetError, idx, mnist
from helpers.datasets.idx import idx_header, read_idx

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = mnist.FILES


def idx_bytes(array):
    return idx_header(array) + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write(path, content, zipped=False):
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path


@pytest.fixture
def small():
    """Four small arrays: 3 training and 2 test pictures of 2 × 2."""
    r = np.random.default_rng(0)
    return {
        IMAGES: r.integers(0, 256, (3, 2, 2)).astype("uint8"),
        LABELS: np.array([5, 0, 4], "uint8"),
        TEST_IMAGES: r.integers(0, 256, (2, 2, 2)).astype("uint8"),
        TEST_LABELS: np.array([7, 2], "uint8"),
    }


@pytest.fixture
def folder(tmp_path, small):
    """The same as files, two of them gzipped."""
    for i, (name, array) in enumerate(small.items()):
        write(tmp_path / (name + ".gz" if i % 2 else name), idx_bytes(array), zipped=i % 2)
    return tmp_path


# ── the real thing ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def digits():
    return mnist.load_data()


def test_mnist_is_what_keras_gives(digits):
    (train_images, train_labels), (test_images, test_labels) = digits
    assert [a.shape for a in (train_images, train_labels)] == [(60000, 28, 28), (60000,)]
    assert [a.shape for a in (test_images, test_labels)] == [(10000, 28, 28), (10000,)]
    assert all(a.dtype == np.uint8 for part in digits for a in part)
    assert all(a.flags.writeable and a.flags.c_contiguous for part in digits for a in part)
    assert train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    # Counts and means as published for MNIST: mean 0.1307, standard deviation 0.3081 of train_images / 255
    assert np.bincount(train_labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (train_images.mean(dtype="float64") / 255).round(4) == 0.1307
    assert train_images[0].sum() == 27525
    assert not train_images[:, 0, 0].any()  # the corner is paper
    assert train_images.max() == 255


@pytest.mark.parametrize(("name", "sha256"), mnist.FILES.items())
def test_bundled_files_are_the_originals(name, sha256):
    # Recomputed from the raw bytes, not through our reader.
    raw = gzip.decompress((mnist.DATA_FOLDER / f"{name}.gz").read_bytes())
    assert hashlib.sha256(raw).hexdigest() == sha256


def test_each_call_gives_fresh_arrays(monkeypatch, folder):
    (first, _), _ = mnist.load_data(folder)
    first[...] = 0
    (second, _), _ = mnist.load_data(folder)
    assert second.any()


# ── a folder of one's own ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [str, Path])
def test_own_folder(kind, folder, small):
    (a, b), (c, d) = mnist.load_data(path=kind(folder))
    for found, expected in zip((a, b, c, d), small.values()):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.uint8
        assert found.flags.writeable


def refused(load, *words):
    """The message of the DatasetError, which must hold all the words."""
    with pytest.raises(DatasetError) as caught:
        load()
    for word in words:
        assert str(word) in str(caught.value)


@pytest.mark.parametrize("name", mnist.FILES)
def test_missing_file(folder, name):
    for file in folder.glob(f"{name}*"):
        file.unlink()
    refused(lambda: mnist.load_data(folder), folder / name, "no such file", "Expected", *mnist.FILES)


def test_missing_folder(tmp_path):
    refused(lambda: mnist.load_data(tmp_path / "nowhere"), tmp_path / "nowhere", "no such file")


@pytest.mark.parametrize(
    ("name", "array", "expected"),
    [
        (IMAGES, np.zeros((3, 4), "uint8"), "expected uint8 numbers on 3 axes, found uint8 of shape (3, 4)"),
        (LABELS, np.zeros((3, 1), "uint8"), "expected uint8 numbers on 1 axes, found uint8 of shape (3, 1)"),
        (IMAGES, np.zeros((3, 2, 2), "int16"), "expected uint8 numbers on 3 axes, found int16 of shape (3, 2, 2)"),
    ],
)
def test_wrong_rank_or_type(folder, name, array, expected):
    (file,) = folder.glob(f"{name}*")
    write(file, idx_bytes(array))
    refused(lambda: mnist.load_data(folder), file, expected)


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [(LABELS, 4, "train has 3 images but 4 labels"), (TEST_LABELS, 1, "t10k has 2 images but 1 labels")],
)
def test_counts_that_differ(folder, name, count, expected):
    (file,) = folder.glob(f"{name}*")
    write(file, idx_bytes(np.zeros(count, "uint8")))
    refused(lambda: mnist.load_data(folder), folder, expected)


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """A copy of the bundled files that may be spoiled."""
    copy = tmp_path / "data"
    shutil.copytree(mnist.DATA_FOLDER, copy)
    monkeypatch.setattr(mnist, "DATA_FOLDER", copy)
    return copy


@pytest.mark.parametrize(("name", "place"), [(LABELS, 8), (LABELS, -1), (IMAGES, 16), (TEST_LABELS, 5000)])
def test_altered_bundled_file(bundled, name, place):
    file = bundled / f"{name}.gz"
    raw = bytearray(gzip.decompress(file.read_bytes()))
    raw[place] ^= 1
    file.write_bytes(gzip.compress(bytes(raw), 1))
    refused(mnist.load_data, file, "altered", mnist.FILES[name], hashlib.sha256(raw).hexdigest())
    mnist_elsewhere_is_not_compared = mnist.load_data(bundled)
    assert len(mnist_elsewhere_is_not_compared) == 2


def test_bundled_files_swapped(bundled):
    shutil.copy(bundled / f"{TEST_LABELS}.gz", bundled / f"{LABELS}.gz")
    refused(mnist.load_data, bundled / f"{LABELS}.gz", "altered")


def test_bundled_file_may_be_unzipped(bundled):
    file = bundled / f"{TEST_LABELS}.gz"
    write(bundled / TEST_LABELS, gzip.decompress(file.read_bytes()))
    file.unlink()
    assert mnist.load_data()[1][1][:2].tolist() == [7, 2]


# ── read_idx: every broken file ─────────────────────────────────────────────────────────────────────────────────────

GOOD = idx_bytes(np.arange(6, dtype="uint8").reshape(2, 3))


def header(code, *lengths, zeros=b"\0\0"):
    return zeros + bytes([code, len(lengths)]) + struct.pack(f">{len(lengths)}I", *lengths)


BROKEN = {
    "empty": (b"", "not an IDX file", "found []"),
    "two bytes": (b"\0\0", "not an IDX file", "found [0, 0]"),
    "text": (b"<html>not found</html>", "not an IDX file", "two zero bytes", f"found {list(b'<htm')}"),
    "wrong second byte": (header(8, 1, zeros=b"\0\1") + b"x", "not an IDX file", "found [0, 1, 8, 1]"),
    "unknown type": (header(0x0A, 1) + b"x", "type code", "8, 9, 11, 12, 13, 14", "found [0, 0, 10, 1]"),
    "no axes": (header(8) + b"x", "number of axes", "found [0, 0, 8, 0]"),
    "header cut": (GOOD[:9], "cut short", "Expected 2 axis lengths"),
    "one number short": (GOOD[:-1], "cut short", "6 bytes"),
    "no numbers": (GOOD[:12], "cut short"),
    "one number too many": (GOOD + b"x", "too long", "Expected 6 bytes for shape (2, 3)"),
    "nothing promised": (header(8, 0, 3) + b"x", "too long", "Expected 0 bytes"),
    "half a float": (header(0x0E, 1) + b"1234", "cut short", "8 bytes"),
    "terabytes": (header(0x0E, 2**32 - 1, 2**10) + b"x" * 100, "cut short", f"{8 * (2**32 - 1) * 2**10:,}"),
    "beyond any memory": (header(8, *[2**32 - 1] * 9), "cut short", "promises"),
    "more axes than NumPy has": (header(8, *[1] * 100) + b"x", "100"),
    "huge, but times 0": (header(8, 0, *[2**32 - 1] * 3), "4294967295"),
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("case", BROKEN)
def test_broken_file(tmp_path, case, zipped):
    content, *words = BROKEN[case]
    file = write(tmp_path / "some-file", content, zipped)
    tracemalloc.start()
    try:
        refused(lambda: read_idx(file), file, *words)
        assert tracemalloc.get_traced_memory()[1] < 5e6  # the header is not believed: nothing large was allocated
    finally:
        tracemalloc.stop()


def test_plain_file_says_how_much_it_holds(tmp_path):
    refused(lambda: read_idx(write(tmp_path / "f", header(8, 5, 4) + b"123")), "promises 20 bytes", "at most 15")
    # less than the header and the numbers, more than the numbers alone: only reading shows it
    refused(lambda: read_idx(write(tmp_path / "f", GOOD[:-1])), "Expected 6 bytes for shape (2, 3), found 5")


@pytest.mark.parametrize("keep", [3, 10, 15, -9, -8, -1])
def test_gzip_cut_short(tmp_path, keep):
    numbers = np.random.default_rng(0).integers(0, 256, (20, 30)).astype("uint8")
    file = write(tmp_path / "f.gz", gzip.compress(idx_bytes(numbers))[:keep])
    refused(lambda: read_idx(file), file, "the gzip file is damaged or cut short")


@pytest.mark.parametrize("place", [20, 200, -6, -2])
def test_gzip_with_a_wrong_byte(tmp_path, place):
    packed = bytearray(gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 9, (20, 30)).astype("uint8"))))
    packed[place] ^= 0x55
    file = write(tmp_path / "f.gz", bytes(packed))
    refused(lambda: read_idx(file), file)  # which message depends on what the byte was


def test_gzip_with_something_behind(tmp_path):
    refused(lambda: read_idx(write(tmp_path / "f.gz", gzip.compress(GOOD) + b"x")), "damaged")


def test_read_idx_of_nothing_and_of_a_folder(tmp_path):
    refused(lambda: read_idx(tmp_path / "none"), tmp_path / "none", "no such file")
    refused(lambda: read_idx(tmp_path), tmp_path, "cannot be read", "directory")


# ── round trip ──────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(list(idx.TYPES.values())).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    ),
    st.booleans(),
)
def test_round_trip(tmp_path_factory, array, zipped):
    file = write(tmp_path_factory.mktemp("idx") / "f", idx_bytes(array), zipped)
    found = read_idx(file)
    assert found.shape == array.shape
    assert found.dtype == array.dtype.newbyteorder("=")
    assert found.dtype.isnative
    assert found.flags.writeable
    assert found.tobytes() == array.astype(found.dtype).tobytes()  # bytes, so that nan equals nan


def test_header_by_hand():
    assert idx_header(np.zeros((2, 300), "float32")) == bytes([0, 0, 0x0D, 2, 0, 0, 0, 2, 0, 0, 1, 44])
    with pytest.raises(KeyError):
        idx_header(np.zeros(2, "int64"))


@pytest.mark.parametrize("what", ["helpers", "helpers.datasets.mnist, helpers.models"])
def test_imports_load_nothing_heavy(what):
    code = f"import sys, {what}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"matplotlib", "ipywidgets", "IPython", "scipy", "pandas", "keras", "torch", "tensorflow"}
    assert not heavy & set(loaded)
    assert ("numpy" in loaded) == (what != "helpers")
