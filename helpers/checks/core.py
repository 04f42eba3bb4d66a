"""How a checker works: run an answer on cases, compare, and say which case failed, what was expected, and a likely slip.

A checker knows the typical slips by running them too: an answer that gives the same results as a slip gets that slip's
hint. It never raises, whatever it is given, and it never shows the solution.
"""

import contextvars
import copy
import ctypes
import inspect
import sysconfig
import textwrap
import threading
import time
import traceback
from pathlib import Path
from typing import NamedTuple

import numpy as np

SECONDS = 5  # for all cases of one check
LONGEST = 240  # characters of a value in a message
# Where code lies that is not the reader's own: this package, Python, and what is installed.
OTHERS = tuple(
    {str(Path(__file__).parents[1]), *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))}
)


class Verdict(NamedTuple):
    """What a checker says. sign: "✓" right, "✗" wrong, "·" not yet."""

    sign: str
    text: str


class Check:
    """Base of all checkers: `judge(answer)` gives a Verdict; calling a checker prints it.

    name: as in `checks.name`. seconds: how long an answer may take.
    """

    def __init__(self, name, seconds=SECONDS):
        self.name, self.seconds = name, seconds

    def __call__(self, *answer):
        verdict = self.verdict(*answer)
        print(f"{verdict.sign} {self.name}: {verdict.text}")

    def verdict(self, *answers):
        """The Verdict on one answer. Never raises an Exception."""
        if len(answers) != 1:
            return Verdict("✗", f"checks.{self.name} takes one answer, not {len(answers)}.")
        (answer,) = answers
        if answer is ...:
            return Verdict("·", "not yet. Replace the dots, then run this cell again.")
        try:
            return self.judge(answer)
        except Exception as error:  # an answer may be any object, and may refuse to be looked at
            return Verdict("✗", f"this answer cannot be checked ({type(error).__name__}). Expected: {self.wanted()}.")

    def judge(self, answer):
        raise NotImplementedError

    def wanted(self):
        """What kind of answer is expected, in words."""
        raise NotImplementedError


class Value(Check):
    """Checks one value: a number, a shape, an array, a word.

    solution: the right value. slips: {hint: the wrong value, or a function of the answer that is true for wrong ones}.
    hint: for all other answers. tolerance: how far a number may be off, relative to the solution.
    """

    def __init__(self, name, solution, slips, hint, *, tolerance=1e-6, **options):
        super().__init__(name, **options)
        self.solution, self.slips, self.hint, self.tolerance = solution, slips, hint, tolerance

    def wanted(self):
        return kind(self.solution)

    def judge(self, answer):
        if answer is None:
            return Verdict("✗", f"None is no answer yet. Expected: {self.wanted()}.")
        if callable(answer):
            return Verdict("✗", f"this is a function. Expected: {self.wanted()}.")
        if difference(self.solution, answer, self.tolerance) is None:
            return Verdict("✓", f"right. {show(self.solution)}")
        for hint, slip in self.slips.items():
            if _fits(slip, answer, self.tolerance):
                return Verdict("✗", f"{show(answer)} is not it.\n  hint      {hint}")
        several = isinstance(self.solution, (tuple, list, np.ndarray)) and isinstance(answer, (tuple, list, np.ndarray))
        if kind(answer) != self.wanted() and not several:
            return Verdict("✗", f"{show(answer)} is {kind(answer)}. Expected: {self.wanted()}.")
        return Verdict("✗", f"{show(answer)} is not it.\n  hint      {self.hint}")


def _fits(slip, answer, tolerance):
    if not callable(slip):
        return difference(slip, answer, tolerance) is None
    try:
        return bool(slip(answer))
    except Exception:  # the slip is one of another kind of answer
        return False


class Function(Check):
    """Checks a function by calling it.

    cases: a list with the tuple of arguments of each call. solution: a function that is right.
    slips: {hint: a function with that slip}. tolerance: as for Value.
    """

    def __init__(self, name, solution, cases, slips, *, tolerance=1e-6, **options):
        super().__init__(name, **options)
        self.solution, self.cases, self.slips, self.tolerance = solution, cases, slips, tolerance

    def wanted(self):
        return f"a function of {', '.join(inspect.signature(self.solution).parameters)}"

    def judge(self, answer):
        if not callable(answer):
            what = show(answer) if answer is None else f"{show(answer)} is {kind(answer)}"
            return Verdict("✗", f"{what}, but expected is {self.wanted()}: give its name, without brackets.")
        try:
            inspect.signature(answer).bind(*self.cases[0])
        except (TypeError, ValueError) as error:
            return Verdict("✗", f"expected {self.wanted()}; yours cannot be called so: {error}.")
        results, unchanged = run_all(answer, self.cases, self.seconds)
        if any(result.value is ... for result in results):
            return Verdict("·", "not yet. Replace the dots, then run this cell again.")
        expected = [self.solution(*copy.deepcopy(case)) for case in self.cases]
        for number, (case, right, result) in enumerate(zip(self.cases, expected, results)):
            wrong = result.trouble or difference(right, result.value, self.tolerance)
            if wrong:
                return self._say(number, case, right, result, wrong, results)
        if not unchanged:
            return Verdict(
                "✗",
                "the results are right, but your function changes its input.\n"
                "  hint      Work on a copy, or make a new array: the caller may still need the old one.",
            )
        return Verdict("✓", f"right, in all {len(self.cases)} cases." if len(self.cases) > 1 else "right.")

    def _say(self, number, case, right, result, wrong, results):
        got = result.trouble or show(result.value)
        lines = [
            f"case {number + 1} of {len(self.cases)} is wrong: {call(self.name, case)}",
            f"  expected  {indent(show(right))}",
            f"  got       {indent(got)}",
            f"  hint      {indent(self._slip(number, results) or hint_for(right, result, wrong))}",
        ]
        return Verdict("✗", "\n".join(lines))

    def _slip(self, number, results):
        """The hint of the slip that gives what the answer gives: in all cases, or at least in the one that failed."""
        near = None
        for hint, slip in self.slips.items():
            same = [alike(outcome(slip, case), result) for case, result in zip(self.cases, results)]
            if all(same):
                return hint
            if same[number] and near is None:
                near = hint
        return near


# ── running an answer ──


class Result(NamedTuple):
    """What came of one call. trouble: in words, or None."""

    value: object
    trouble: str | None
    error: BaseException | None = None


class _Stopped(BaseException):
    """Raised inside an answer that takes too long. Not an Exception, so that `except Exception` does not catch it."""


def limited(function, seconds):
    """Call `function()` for at most so many seconds. Returns (its value, None) or (None, its error or a TimeoutError).

    It runs in a thread, since only a thread can be ended from outside on every system.
    """
    box = {}

    def work():
        try:
            box["value"] = function()
        except _Stopped:
            pass
        except BaseException as error:  # SystemExit and KeyboardInterrupt of the answer, too, end only the answer
            box["error"] = error

    context = contextvars.copy_context()  # what it prints goes to the reader's cell
    thread = threading.Thread(target=context.run, args=(work,), daemon=True)
    thread.start()
    late = True
    try:
        thread.join(seconds)
        late = thread.is_alive()
    finally:
        if late:
            _stop(thread)
    if not late:
        return box.get("value"), box.get("error")
    again = " It may still be running: restart the kernel." if thread.is_alive() else ""
    return None, TimeoutError(again)


def _stop(thread, tries=20):
    """Raise _Stopped in the thread until it ends. An answer may catch it once, but hardly each time."""
    for _ in range(tries):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Stopped))
        thread.join(0.05)
        if not thread.is_alive():
            return


def run_all(function, cases, seconds):
    """(the Result of each case, whether all arguments are as they were). All cases together have `seconds`."""
    results, unchanged, deadline = [], True, time.monotonic() + seconds
    for case in cases:
        given, left = copy.deepcopy(case), deadline - time.monotonic()
        value, error = limited(lambda: function(*given), left) if left > 0 else (None, TimeoutError())  # noqa: B023
        if isinstance(error, TimeoutError):
            late = Result(None, f"stopped after {seconds:g} seconds.{error}", error)
            return results + [late] * (len(cases) - len(results)), unchanged
        if error is not None:
            results.append(Result(None, trouble(error), error))
            continue
        results.append(Result(value, None))
        containers = [pair for pair in zip(case, given) if isinstance(pair[0], (np.ndarray, list, dict))]
        unchanged = unchanged and all(difference(before, after, 0) is None for before, after in containers)
    return results, unchanged


def outcome(function, case):
    """The Result of one call of a function of ours."""
    try:
        return Result(function(*copy.deepcopy(case)), None)
    except Exception as error:
        return Result(None, trouble(error), error)


def trouble(error):
    """An error in words, with the line of the answer that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line for frame in frames if not frame.filename.startswith(OTHERS) and frame.line]
    where = f"\nin the line: {lines[-1]}" if lines else ""
    said = str(error).strip() or "no message"
    return f"{type(error).__name__}: {said}{where}"


# ── comparing ──


def difference(right, got, tolerance):
    """None if `got` is as good as `right`, else what is different, in a word: type, length, shape, dtype, value."""
    if isinstance(right, (tuple, list)):
        if isinstance(got, np.ndarray) and got.ndim:
            got = tuple(got)
        if not isinstance(got, (tuple, list)):
            return "type"
        if len(right) != len(got):
            return "length"
        return next(filter(None, (difference(r, g, tolerance) for r, g in zip(right, got))), None)
    if isinstance(right, dict):
        if not isinstance(got, dict) or set(right) != set(got):
            return "type"
        return next(filter(None, (difference(right[key], got[key], tolerance) for key in right)), None)
    if right is None or isinstance(right, (str, type)):
        return None if type(right) is type(got) and right == got else "value"
    if not isinstance(right, (bool, int, float, np.ndarray, np.generic)):
        return None if right is got or right == got else "value"
    return _numbers(np.asarray(right), got, tolerance)


def _numbers(right, got, tolerance):
    if isinstance(got, (str, bytes, dict, set)) or got is None or callable(got):
        return "type"
    if isinstance(got, (tuple, list)) and right.ndim == 0:
        return "type"
    try:
        got = np.asarray(got)
    except ValueError:  # rows of different lengths are no array
        return "type"
    if got.dtype.kind not in "biuf":
        return "type"
    if (right.dtype.kind == "b") != (got.dtype.kind == "b"):
        return "type"
    if right.shape != got.shape:
        return "shape"
    if right.ndim and right.dtype != got.dtype and "u" in (right.dtype.kind, got.dtype.kind):
        return "dtype"  # between float32 and float64 we do not quarrel
    size = np.max(np.abs(right.astype(float)), initial=0.0, where=np.isfinite(right.astype(float)))
    close = np.isclose(got.astype(float), right.astype(float), rtol=tolerance, atol=tolerance * size, equal_nan=True)
    return None if close.all() else "value"


def alike(one, other):
    """Whether two Results are the same."""
    if one.error is not None or other.error is not None:
        return type(one.error) is type(other.error)
    return difference(one.value, other.value, 1e-6) is None


def hint_for(right, result, wrong):
    """What to look for where no known slip fits."""
    if isinstance(result.error, TimeoutError):
        return "Does a loop never end? Print inside it, and look at what its condition depends on."
    if result.trouble:
        return "Run your function by yourself on this case, and read the last line of the error first."
    got = result.value
    if got is None:
        return "Your function gives back None. Does it end with `return`?"
    if wrong == "type":
        return f"Expected {kind(right)}, and yours is {kind(got)}."
    if wrong == "length":
        return f"Expected {len(right)} entries, and yours has {len(got)}."
    if wrong == "dtype":
        return f"Expected the dtype {np.asarray(right).dtype}, and yours is {np.asarray(got).dtype}."
    if not isinstance(right, (np.ndarray, np.generic, int, float)):
        return "Work the case out by hand, step by step, and compare."
    right, got = np.asarray(right, float), np.asarray(got, float)
    if wrong == "shape":
        if right.shape == got.T.shape and np.allclose(right, got.T):
            return "The numbers are right, but rows and columns are exchanged."
        if right.size == got.size and np.allclose(right.ravel(), got.ravel()):
            return f"The numbers are right, but the shape should be {right.shape}, not {got.shape}."
        return f"The shape should be {right.shape}, not {got.shape}. Over which axis do you work?"
    if not np.isfinite(got).all() and np.isfinite(right).all():
        return "There is an inf or nan in it: a division by 0, a logarithm of 0, or an exponential that overflows."
    if right.ndim == 2 and right.shape == got.T.shape and np.allclose(right, got.T):
        return "Rows and columns are exchanged."
    if np.any(right) and np.allclose(right, -got):
        return "The sign is the wrong way round."
    several = np.unique(right[right != 0]).size > 1  # one number is a multiple of any other
    factor = np.vdot(right, got) / np.vdot(right, right) if several else 0
    if factor and abs(factor - 1) > 1e-3 and np.allclose(factor * right, got, rtol=1e-4):
        return f"All of it is {factor:.4g} times what it should be: is a mean or a factor missing, or one too many?"
    return "Work the case out by hand, step by step, and compare."


# ── showing ──


def kind(thing):
    """What kind of thing it is, in words."""
    if isinstance(thing, (bool, np.bool_)):
        return "True or False"
    if isinstance(thing, np.ndarray):
        kinds = ("an array of True and False", "True or False") if thing.dtype == bool else ("an array", "a number")
        return kinds[not thing.ndim]
    if isinstance(thing, (int, float, np.number)):
        return "a number"
    names = {str: "a text", tuple: "a tuple", list: "a list", dict: "a dictionary", type(None): "None"}
    if type(thing) in names:
        return names[type(thing)]
    return "a function" if callable(thing) else f"a {type(thing).__name__}"


def show(thing):
    """A value in few characters; a large array by its shape."""
    if isinstance(thing, np.ndarray):
        if thing.size > 40:
            return f"an array of shape {thing.shape}, dtype {thing.dtype}"
        return np.array2string(thing, precision=4, separator=", ", suppress_small=True)
    if isinstance(thing, np.generic):
        thing = thing.item()
    if isinstance(thing, float):
        return f"{thing:.6g}"
    if isinstance(thing, (tuple, list)) and len(thing) < 40:
        inside = ", ".join(show(part) for part in thing)
        return f"[{inside}]" if isinstance(thing, list) else f"({inside}{',' * (len(thing) == 1)})"
    if callable(thing):
        return getattr(thing, "__name__", "a function")
    return textwrap.shorten(repr(thing), LONGEST, placeholder=" …")


def call(name, case):
    """A call as the reader would write it."""
    return f"{name}({indent(', '.join(show(part) for part in case))})"


def indent(text):
    return text.replace("\n", "\n            ")
