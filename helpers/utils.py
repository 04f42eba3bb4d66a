"""Small things every room uses: seeds, one-hot labels, aligned memory, and errors that name the known choices."""

import contextlib
import difflib
import math
import mmap
import threading
from numbers import Integral

import numpy as np

# Memory of large arrays goes back to the system, and the next array gets it page by page. Linux's C library keeps arrays up
# to this size once it has seen one of them go (`man mallopt`, M_MMAP_THRESHOLD): 09's plain loop takes half the time.
np.empty(31 << 20, "uint8")

_generator = np.random.default_rng()
_thread = threading.local()  # a thread that trains in the background has random numbers of its own


def set_random_seed(seed):
    """Make initial weights and shuffling repeat: the same seed gives the same run. seed: int ≥ 0."""
    global _generator
    _generator = np.random.default_rng(seed)


def random_generator():
    """The NumPy generator that initializers and `fit`'s shuffling draw from."""
    return getattr(_thread, "generator", _generator)


@contextlib.contextmanager
def own_random_seed(seed):
    """Within this `with` block and this thread only: as after `set_random_seed(seed)`, whatever other threads draw."""
    _thread.generator = np.random.default_rng(seed)
    try:
        yield
    finally:
        del _thread.generator


def to_categorical(x, num_classes=None):
    """Class numbers to one-hot rows: 2 of 4 classes → ``[0, 0, 1, 0]``.

    x: integers, any shape (a last axis of length 1 is dropped) → float64 array of shape x.shape + (num_classes,).
    num_classes: by default the largest class plus 1. Raises ValueError for a class outside 0 … num_classes - 1,
    TypeError if x does not hold numbers.
    """
    x = np.asarray(x)
    if x.dtype.kind not in "buif":
        raise TypeError(f"to_categorical needs whole class numbers, but got an array of {x.dtype}")
    with np.errstate(invalid="ignore"):  # nan and inf, which the next line refuses
        whole = x.astype("int64")
    if np.any(x != whole):
        raise ValueError(f"to_categorical needs whole class numbers, but found {x[x != whole][0]}")
    x = whole
    if x.ndim > 1 and x.shape[-1] == 1:
        x = x[..., 0]
    if num_classes is None:
        num_classes = int(x.max()) + 1 if x.size else 0
    if x.size and (x.min() < 0 or x.max() >= num_classes):
        raise ValueError(f"classes must lie in 0 … {num_classes - 1}, but found {x.min()} … {x.max()}")
    one_hot = np.zeros((*x.shape, num_classes))
    np.put_along_axis(one_hot, x[..., None], 1, axis=-1)
    return one_hot


def aligned_zeros(shape, dtype):
    """Like `np.zeros`, but placed in memory where the processor reaches it fastest.

    A vector load that straddles two 64-byte cache lines costs double, and NumPy aligns to 16 bytes. Large arrays get pages
    of their own from the system, of 2 MB where it has them (measured: a fifth of an update), and give them back at once:
    what `malloc` frees may stay with the process, and a notebook that trains often would grow.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > 2**18:
        line, raw = 2**21, np.frombuffer(_pages(size + 2**21), np.uint8)
    else:
        line, raw = 64, np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % line
    return raw[start : start + size].view(dtype).reshape(shape)


def _pages(size):
    """Zeros straight from the operating system."""
    if not hasattr(mmap, "MAP_PRIVATE"):  # Windows
        return mmap.mmap(-1, size)
    pages = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without large pages
            pages.madvise(mmap.MADV_HUGEPAGE)
    return pages


def check_count(name, value, low=1):
    """Raise ValueError unless the value is a whole number, at least `low`. name: what it is, for the message."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise ValueError(f"{name} must be a whole number ≥ {low}, but got {value!r}")


def lookup(kind, identifier, known, base=object):
    """Turn a name, a class or a ready object into an object; ValueError lists the known names.

    kind: what is looked up ("optimizer"), for the message. known: {name: class or object}. base: an accepted type.
    """
    if isinstance(identifier, str):
        if identifier.lower() not in known:
            near = difflib.get_close_matches(identifier.lower(), known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"Unknown {kind} {identifier!r}.{hint} Known: {', '.join(map(repr, known))}.")
        identifier = known[identifier.lower()]
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    if isinstance(identifier, base):
        return identifier
    raise ValueError(f"{kind} must be a name ({', '.join(map(repr, known))}) or an object, but got {identifier!r}")
