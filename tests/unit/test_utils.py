"""Seeds, one-hot labels, aligned memory, and messages that name the known choices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import utils
from helpers.utils import aligned_zeros, lookup, to_categorical


def test_to_categorical_by_hand():
    assert to_categorical([0, 2, 1]).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert to_categorical([1], num_classes=4).tolist() == [[0, 1, 0, 0]]
    assert to_categorical(2).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((5,), (5, 4)), ((5, 1), (5, 4)), ((2, 3), (2, 3, 4)), ((2, 3, 1), (2, 3, 4)), ((1,), (1, 4))],
)
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "bool"])
def test_to_categorical_shapes(shape, expected, dtype):
    x = (np.arange(np.prod(shape)) % 2).reshape(shape).astype(dtype)
    before = x.copy()
    one_hot = to_categorical(x, 4)
    assert one_hot.shape == expected
    assert one_hot.dtype == np.float64
    np.testing.assert_array_equal(one_hot.argmax(axis=-1), x.reshape(expected[:-1]))
    np.testing.assert_array_equal(one_hot.sum(axis=-1), 1)
    np.testing.assert_array_equal(x, before)


def test_to_categorical_of_nothing():
    assert to_categorical([]).shape == (0, 0)
    assert to_categorical([], 3).shape == (0, 3)


@given(st.lists(st.integers(0, 20), min_size=1), st.integers(0, 5))
def test_to_categorical_and_back(labels, more):
    one_hot = to_categorical(labels, max(labels) + 1 + more)
    assert one_hot.argmax(axis=1).tolist() == labels
    assert set(np.unique(one_hot)) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("x", "classes", "message"),
    [
        ([0, 3], 3, r"0 … 2, but found 0 … 3"),
        ([-1, 1], 3, r"0 … 2, but found -1 … 1"),
        ([-1, 1], None, r"0 … 1, but found -1 … 1"),
        ([0.0, 1.5], 3, r"whole class numbers, but found 1\.5"),
        ([0.0, np.nan], 3, r"whole class numbers, but found nan"),
    ],
)
def test_to_categorical_errors(x, classes, message):
    with pytest.raises(ValueError, match=message):
        to_categorical(x, classes)


@pytest.mark.parametrize("dtype", ["m8[s]", "M8[s]", "U1", "complex64", "object"])
def test_to_categorical_of_what_is_no_number(dtype):
    with pytest.raises(
        TypeError, match=f"whole class numbers, but got an array of {np.dtype(dtype)}".replace("[", r"\[")
    ):
        to_categorical(np.array([0, 1]).astype(dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7, 3), (2**18,), (600, 800), (2**20 + 1,)])
def test_aligned_zeros(shape, dtype):
    a = aligned_zeros(shape, dtype)
    assert (a.shape, a.dtype) == (shape, dtype)
    assert not a.any()
    assert a.flags.c_contiguous
    assert a.flags.writeable
    # Over 256 KB on a 2 MB page, under it on a 64-byte cache line.
    if a.size:  # nothing has no place
        assert a.ctypes.data % (2**21 if a.nbytes > 2**18 else 64) == 0


def test_aligned_zeros_do_not_overlap():
    a, b = aligned_zeros((1000,), "float32"), aligned_zeros((1000,), "float32")
    a += 1
    assert not b.any()


def test_random_seed_repeats():
    utils.set_random_seed(1)
    first = utils.random_generator().normal(size=3)
    utils.set_random_seed(2)
    other = utils.random_generator().normal(size=3)
    utils.set_random_seed(1)
    np.testing.assert_array_equal(utils.random_generator().normal(size=3), first)
    assert (other != first).all()


class Base:
    pass


class Apple(Base):
    pass


KNOWN = {"apple": Apple, "pear": Base}


def test_lookup():
    ready = Apple()
    assert isinstance(lookup("fruit", "apple", KNOWN, Base), Apple)
    assert isinstance(lookup("fruit", "Apple", KNOWN, Base), Apple)  # case does not matter
    assert isinstance(lookup("fruit", Apple, KNOWN, Base), Apple)
    assert lookup("fruit", ready, KNOWN, Base) is ready


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("aple", r"^Unknown fruit 'aple'\. Did you mean 'apple'\? Known: 'apple', 'pear'\.$"),
        ("zzz", r"^Unknown fruit 'zzz'\. Known: 'apple', 'pear'\.$"),
        (3, r"^fruit must be a name \('apple', 'pear'\) or an object, but got 3$"),
        (int, r"^fruit must be a name .* but got <class 'int'>$"),
    ],
)
def test_lookup_messages(identifier, message):
    with pytest.raises(ValueError, match=message):
        lookup("fruit", identifier, KNOWN, Base)
