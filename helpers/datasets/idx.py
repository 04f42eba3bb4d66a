"""The IDX file format of MNIST: a short header, then the numbers.

    byte 0–1   always 0
    byte 2     what each number is: 8 means uint8, one byte from 0 to 255 (the other codes: TYPES)
    byte 3     how many axes (rank)
    then       the length of each axis, 4 bytes each, most significant byte first
    then       the numbers themselves, last axis fastest

Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
"""

import gzip
import os
import zlib

import numpy as np

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_A_GZIP_CAN_GROW = 1032  # zlib's technical notes: deflate shrinks no further than 1032 : 1
PIECE = 2**17  # bytes read at a time: asked for all at once, gzip makes two more copies of all of it


class DatasetError(ValueError):
    """A data file is missing, broken, or not what it should be."""


def read_idx(path):
    """Read an IDX file, gzipped or not.

    path: file name. Returns a writable array with the header's shape and dtype (in this machine's byte order).
    Raises DatasetError, naming the file, what was expected and what was found.
    """
    path = os.fspath(path)  # a number would be taken for an open file, and that closed
    try:
        with open(path, "rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if zipped else raw as file:
                shape, dtype = _read_header(file, path)
                room = os.path.getsize(path) * (MOST_A_GZIP_CAN_GROW if zipped else 1)
                return _read_numbers(file, path, shape, dtype, room)
    except FileNotFoundError:
        raise DatasetError(f"{path}: there is no such file. Check the folder's name.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(f"{path}: the gzip file is damaged or cut short ({error}). Get a fresh copy.") from None
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror or error}).") from None


def _read_header(file, path):
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or magic[3] == 0:
        raise DatasetError(
            f"{path}: not an IDX file. Expected it to start with two zero bytes, a type code "
            f"({', '.join(map(str, TYPES))}) and the number of axes; found {list(magic)}."
        )
    rank = magic[3]
    lengths = file.read(4 * rank)
    if len(lengths) < 4 * rank:
        raise DatasetError(f"{path}: cut short. Expected {rank} axis lengths after the magic number; the file ends.")
    return tuple(int(n) for n in np.frombuffer(lengths, ">u4")), np.dtype(TYPES[magic[2]])


def _read_numbers(file, path, shape, dtype, room):
    expected = dtype.itemsize
    for length in shape:
        expected *= length  # Python's integers: no overflow, whatever the header says
    if expected > room:  # believe no header that promises more than the file can hold
        raise DatasetError(
            f"{path}: cut short. Its header {shape} promises {expected:,} bytes; it holds at most {room:,}."
        )
    try:
        numbers = np.empty(shape, dtype)
    except ValueError as error:  # too many axes, or lengths that only a 0 among them keeps small
        raise DatasetError(f"{path}: no array can have the shape {shape} that its header names ({error}).") from None
    except MemoryError:
        raise DatasetError(
            f"{path}: too large. There is no memory for the {expected:,} bytes of shape {shape}."
        ) from None
    found, view = 0, memoryview(numbers.reshape(-1)).cast("B") if expected else b""
    while found < expected and (read := file.readinto(view[found : found + PIECE])):
        found += read
    if found < expected:
        raise DatasetError(f"{path}: cut short. Expected {expected:,} bytes for shape {shape}, found {found:,}.")
    if file.read(1):
        raise DatasetError(f"{path}: too long. Expected {expected:,} bytes for shape {shape}, found more behind them.")
    return numbers.astype(dtype.newbyteorder("="), copy=False)


def idx_header(array):
    """The header that an IDX file of this array starts with, as bytes. Raises KeyError for a dtype IDX cannot hold."""
    codes = {np.dtype(dtype): code for code, dtype in TYPES.items()}
    code = codes[array.dtype.newbyteorder(">")]
    return bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
