"""Random attacks on whatever reads what others wrote: IDX files, weight files, messages to the explorers.

`make fuzz` runs many, `test_fuzz.py` a few. The same seed makes the same attacks: `make fuzz ARGS="--seed 7 --cases 1000"`.
Each function makes one attack and raises AssertionError if it got through: another exception than the documented one, an
answer that is not what the file says, a model that changed, memory beyond what the file can hold. Returns what happened.
"""

import argparse
import faulthandler
import gzip
import io
import json
import math
import random
import struct
import sys
import tempfile
import tracemalloc
import warnings
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from explorers import STATES

from helpers import layers, models
from helpers.datasets.idx import TYPES, DatasetError, idx_header, read_idx
from helpers.widgets.drawing import pack
from helpers.widgets.still import still

EXTREMES = [0, 1, 2, 3, 255, 256, 2**16, 2**31 - 1, 2**31, 2**32 - 1]


def damaged(r, content):
    """The bytes with a few places changed, cut, doubled or lengthened."""
    content = bytearray(content)
    for _ in range(r.choice([0, 1, 1, 1, 2, 5])):
        place = r.randrange(len(content) + 1)
        kind = r.randrange(6)
        if kind == 0:
            del content[place:]
        elif kind == 1:
            del content[place : place + r.randrange(1, 9)]
        elif kind == 2:
            content[place:place] = r.randbytes(r.randrange(1, 9))
        elif kind == 3 and place + 4 <= len(content):
            content[place : place + 4] = struct.pack(">I", r.choice(EXTREMES))
        elif kind == 4:
            content += content[place : place + 40]
        elif place < len(content):
            content[place] = r.choice([0, 0xFF, content[place] ^ (1 << r.randrange(8)), r.randrange(256)])
    return bytes(content)


# ── IDX files ───────────────────────────────────────────────────────────────────────────────────────────────────────


def meaning(raw):
    """What an IDX file says, read in another way than `read_idx` does: (dtype, shape, numbers), None if it is none."""
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in TYPES or not 1 <= raw[3] <= 64:
        return None
    rank, start = raw[3], 4 + 4 * raw[3]
    if len(raw) < start:
        return None
    shape = struct.unpack(f">{rank}I", raw[4:start])
    dtype = np.dtype(TYPES[raw[2]])
    if start + math.prod(shape) * dtype.itemsize != len(raw):
        return None
    if math.prod(n for n in shape if n) * dtype.itemsize >= 2**63:  # nothing in it, and yet too large for NumPy
        return None
    return dtype, shape, raw[start:]


def promised(raw):
    """The number of bytes that a header speaks of, true or not."""
    if len(raw) < 4 or raw[2] not in TYPES or len(raw) < 4 + 4 * raw[3]:
        return 0
    return math.prod(struct.unpack(f">{raw[3]}I", raw[4 : 4 + 4 * raw[3]])) * np.dtype(TYPES[raw[2]]).itemsize


def idx_attack(r, folder):
    dtype = np.dtype(r.choice(list(TYPES.values())))
    shape = [r.randrange(6) for _ in range(r.choice([1, 1, 2, 3, 3, 4]))]
    numbers = np.frombuffer(r.randbytes(math.prod(shape) * dtype.itemsize), dtype).reshape(shape)
    content = idx_header(numbers) + numbers.tobytes()
    kind = r.choice(["plain", "plain", "zipped", "zip damaged", "bomb"])
    if kind != "zip damaged":
        content = damaged(r, content)
    if kind == "bomb":
        content += bytes(r.choice([10**5, 10**6]))
    if kind != "plain":
        content = gzip.compress(content, r.choice([0, 1, 9]))
    if kind == "zip damaged":
        content = damaged(r, content)
    file = folder / "attack"
    file.write_bytes(content)
    raw = content
    if content[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(content)
        except (EOFError, OSError, zlib.error):
            raw = b""
    expected = meaning(raw)
    tracemalloc.start()
    try:
        found = read_idx(file)
        outcome, said = "read", str(file)
    except DatasetError as error:
        outcome, said = "refused", str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert str(file) in said
    # Twice what the header promises (to change the order of bytes, a copy is made), if the file can hold as much;
    # beside it, gzip keeps up to three buffers of 128 KiB.
    most = 2 * promised(raw)
    most = most if most <= 2 * len(content) * (1 if kind == "plain" else 1032) else 0
    assert peak < 5e5 + most, f"{peak:,} bytes for a file of {len(content):,}"
    assert (outcome == "read") == (expected is not None), f"{outcome}, but it says {expected}: {content[:60]!r}"
    if outcome == "read":
        assert found.shape == expected[1]
        assert found.astype(expected[0]).tobytes() == expected[2]
        assert found.flags.writeable
    return f"idx {kind}: {outcome}"


# ── weights ─────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADERS = [
    ("'<f4'", "'<f8'"), ("'<f4'", "'>f4'"), ("'<f4'", "'|O'"), ("'<f4'", "'<U1'"), ("'<f4'", "'<c8'"),
    ("'<f4'", "'<M8[s]'"), ("'<f4'", "__import__('os').abort()"), ("False", "True"), ("(4, 5)", "(5, 4)"),
    ("(4, 5)", "(20,)"), ("(4, 5)", "(-4, -5)"), ("(4, 5)", "(4, 5, 1)"), ("(5,)", "()"), ("(5,)", "5"), ("{", "{{"),
    ("(5,)", "(True,)"), ("'shape'", "'shapes'"),
]  # fmt: skip


def network():
    model = models.Sequential([layers.Input((4,)), layers.Dense(5), layers.Dense(3)])
    model.build()
    return model


def npy(array, replace=("", "")):
    """An array as a .npy file whose header had something replaced; its length is put right."""
    file = io.BytesIO()
    np.lib.format.write_array(file, array)
    raw = file.getvalue()
    length = struct.unpack("<H", raw[8:10])[0]
    header = raw[10 : 10 + length].decode("latin1").rstrip().replace(*replace).encode("latin1") + b"\n"
    return raw[:8] + struct.pack("<H", len(header)) + header + raw[10 + length :]


def weights_attack(r, folder):
    good, target = network(), network()
    file = folder / "attack.npz"
    good.save_weights(file)
    kind = r.choice(["bytes", "header", "numbers", "members"])
    arrays = good.get_weights()
    if kind == "bytes":
        file.write_bytes(damaged(r, file.read_bytes()))
    else:
        members = [npy(array) for array in arrays]
        at = r.randrange(len(members))
        if kind == "header":
            members[at] = npy(arrays[at], r.choice(HEADERS))
        elif kind == "numbers":
            members[at] = damaged(r, members[at])  # the zip's checksum is right, the numbers are not
        else:
            members = r.choice([members[:-1], members[::-1], [*members, members[0]], members[:1] * 4, []])
        with zipfile.ZipFile(file, "w", r.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as out:
            for i, member in enumerate(members):
                out.writestr(
                    r.choice(["{}.npy", "{}.npy", "arr_{}.npy", "{}", "../{}.npy", "{}.txt"]).format(i), member
                )
    before = target.get_weights()
    try:
        target.load_weights(file)
        outcome, said = "loaded", str(file)
    except ValueError as error:
        outcome, said = "refused", str(error)
    assert str(file) in said
    after = target.get_weights()
    if outcome == "refused":
        assert all(map(np.array_equal, before, after)), "refused, and yet changed"
    assert [w.shape for w in after] == [w.shape for w in arrays]
    assert all(np.shares_memory(w, target.parameters) for layer in target.layers for w in layer.params.values())
    if outcome == "loaded" and kind == "bytes":  # only a change that does not touch the numbers may pass
        assert all(map(np.array_equal, arrays, after)), "damaged numbers were loaded"
    return f"weights {kind}: {outcome}"


# ── messages to the explorers ───────────────────────────────────────────────────────────────────────────────────────

NUMBERS = [0, -1, 1, 2, 3, 10**6, -(10**9), 10**30, 2**63, 0.5, -0.0, 1e308, 3.0, math.inf, math.nan]
WORDS = [
    "1" * 5000, " " * 3000, "[0" + ", 0" * 500 + "]", "[0" + " " * 100_000, "0:" + " " * 100_000 + "x", "9999999 " * 20_000,
    "1:2:3", "::-1", "[0,0]", "(3,)", "3x3", "nan", "inf", "1e3", "0x10", "1_000", "٣", "²", "-1", "99999999999", "0:0:0",
    "(7, 1, 5)", "(0,)", "()", "(-1, 2)", "[-1]", "None", "...", "__import__('os')", "<b>", "$\\frac{", "\0", "\ud800",
]  # fmt: skip
LETTERS = "0123456789:,-.[]() x×e\n\t٣²½ñ☃$<&%{}'\"\\abw"
# Not "start" and its like: a run in the background ends when it will, and the rest would not be the same each time.
TRAINS = {"start", "one_batch", "export"}
ELSEWHERE = [
    "pick",
    "focus",
    "x:0,0",
    "y:1,1",
    "x:",
    "x:a,b",
    "W:0,0",
    "b:0",
    "b:9",
    "leaf:x",
    "leaf:",
    "name:0",
    "",
    "no",
]


def anything(r, depth=0):
    """What a message may hold: anything that JSON can say."""
    kind = r.randrange(14 if depth < 3 else 9)
    if kind == 0:
        return r.choice([None, True, False])
    if kind <= 2:
        return r.choice(NUMBERS)
    if kind <= 6:
        return "".join(r.choices(LETTERS, k=r.randrange(12)))
    if kind <= 8:
        return r.choice(WORDS)
    if kind <= 12:
        return [anything(r, depth + 1) for _ in range(r.randrange(5))]
    return {r.choice(["x", "y", "0", "name"]): anything(r, depth + 1) for _ in range(r.randrange(3))}


def messages_attack(r, explorer, count=30):
    """Some messages to one explorer: whatever they say, it has a view, and one that can be sent and drawn."""
    state = STATES[explorer]()
    names = sorted({name[4:] for name in dir(state) if name.startswith("set_")} - TRAINS) + ELSEWHERE
    refused = 0
    for _ in range(count):
        name, value = r.choice(names), anything(r)
        state.handle(name, value)
        refused += name in state.errors
        said = state.errors.get(name, "")
        assert len(said) < 1000, f"{name}: {said[:80]} …"
        view = pack(state.view())
        sent = json.dumps(view, allow_nan=False)
        assert len(sent) < 3e6, f"{name}={str(value)[:80]}: a view of {len(sent):,} characters"
    still(state.view())
    state.close()
    return f"messages: {'some refused' if refused else 'all taken'}"


def attacks(seed, cases, folder):
    """All kinds in turn; yields what happened, with the case that makes it again in an error's message."""
    for case in range(cases):
        for attack in (idx_attack, weights_attack):
            yield _tried(attack, f"{seed}-{case}", folder)
        if case % 20 == 0:
            for name in STATES:
                yield _tried(messages_attack, f"{seed}-{case}", name)


def _tried(attack, case, what):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            return attack(random.Random(case), what)
    except Exception as error:
        raise AssertionError(f"{attack.__name__}(random.Random({case!r}), {what!r}): {error!r}") from error


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=10_000)
    wanted = parser.parse_args()
    happened = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for outcome in attacks(wanted.seed, wanted.cases, Path(folder)):
            faulthandler.dump_traceback_later(60, exit=True)  # an attack that takes a minute has won, too
            happened[outcome] += 1
    faulthandler.cancel_dump_traceback_later()
    for outcome, times in sorted(happened.items()):
        print(f"{times:7,} {outcome}")
    print(f"{happened.total():7,} attacks, none got through")
