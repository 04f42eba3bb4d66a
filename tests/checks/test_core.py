"""What all checkers share: comparing, finding the slip, ending what never ends, and never failing themselves."""

import threading
import time

import numpy as np
import pytest

from helpers.checks.core import Function, Value, Verdict, difference, limited, show


def halves(x):
    return x / 2


CHECK = Function(
    "halves",
    halves,
    [(np.array([2.0, 4.0]),), (np.array([[1.0, 3.0], [-2.0, 8.0]]),)],
    {"That is twice, not half.": lambda x: x * 2, "That is the same.": lambda x: x},
    seconds=1,
)
SHAPE = Value(
    "shape", (90, 28, 28), {"`stop` is left out.": (91, 28, 28), "Three axes.": lambda a: len(a) != 3}, "Count."
)


def text(answer, check=CHECK):
    verdict = check.verdict(answer)
    assert verdict.sign == "✗"
    return verdict.text


def test_right():
    assert CHECK.verdict(lambda x: 0.5 * x) == Verdict("✓", "right, in all 2 cases.")
    assert SHAPE.verdict((90, 28, 28)).sign == "✓"
    assert SHAPE.verdict([90, 28, 28]).sign == "✓"
    assert SHAPE.verdict(np.array([90, 28, 28])).sign == "✓"


def test_not_yet():
    for check, answer in ((CHECK, ...), (SHAPE, ...), (CHECK, lambda x: ...)):
        assert check.verdict(answer).sign == "·"


def test_which_case_failed_what_was_expected_and_what_came():
    said = text(lambda x: x / 2 if x.ndim == 1 else x)
    assert "case 2 of 2 is wrong: halves([[ 1.,  3.]," in said
    assert "expected  [[ 0.5,  1.5],\n             [-1. ,  4. ]]" in said
    assert "got       [[ 1.,  3.]," in said
    assert "That is the same." in said


def test_a_slip_in_all_cases_goes_before_one_in_the_failing_case():
    assert "That is twice" in text(lambda x: x + x)
    assert "That is the same" in text(lambda x: x if x.ndim == 1 else x / 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: None, "Does it end with `return`?"),
        (lambda x: str(x), "yours is a text"),
        (lambda x: -x / 2, "sign is the wrong way round"),
        (lambda x: x / 8, "0.25 times"),
        (lambda x: x[0] / 2, "should be (2,), not ()"),
        (lambda x: (x / 2)[:, None] if x.ndim == 1 else x / 2, "shape should be (2,), not (2, 1)"),
        (lambda x: (x / 2).T, "Rows and columns are exchanged"),
        (lambda x: x > 0, "yours is an array of True and False"),
        (lambda x: [[1.0], [1.0, 2.0]], "yours is a list"),
        (lambda x: x / 0, "inf or nan"),
        (lambda x: x / 2 + 1, "Work the case out by hand"),
        (lambda x: x @ np.ones(7), "in the line: (lambda x: x @ np.ones(7)"),
        (lambda x, y: x, "missing a required argument: 'y'"),
        (lambda x: exit(3), "SystemExit"),
        (3, "3 is a number, but expected is a function of x"),
    ],
)
def test_hints_without_a_known_slip(answer, words):
    with np.errstate(all="ignore"):
        assert words in text(answer)


def test_input_that_is_changed():
    def in_place(x):
        x /= 2
        return x

    assert "changes its input" in text(in_place)
    assert CHECK.cases[0][0].tolist() == [2, 4]


def test_values():
    assert "`stop` is left out" in text((91, 28, 28), SHAPE)
    assert "Three axes" in text((90, 28), SHAPE)
    assert "Count" in text((89, 28, 28), SHAPE)
    assert "3 is a number. Expected: a tuple" in text(3, SHAPE)
    assert "Count" in text([89, 28, 28], SHAPE)
    assert "this is a function" in text(lambda: 3, SHAPE)
    assert "None is no answer" in text(None, SHAPE)
    near = Value("third", 1 / 3, {}, "Divide.", tolerance=1e-3)
    assert near.verdict(0.3334).sign == near.verdict(np.float32(0.3333)).sign == "✓"
    assert near.verdict(0.34).sign == "✗"
    assert near.verdict(True).sign == "✗"


def forever(x):
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            pass


def stubborn(x):
    for _ in range(3):
        try:
            forever(x)
        except BaseException:
            pass
    return x


@pytest.mark.parametrize("answer", [forever, stubborn])
def test_what_never_ends_is_ended(answer):
    before, start = threading.active_count(), time.monotonic()
    assert "Does a loop never end?" in text(answer)
    assert time.monotonic() - start < 5
    assert threading.active_count() == before


def test_the_time_is_for_all_cases_together():
    check = Function("slow", halves, CHECK.cases * 30, {}, seconds=0.5)
    start = time.monotonic()
    assert "stopped after" in text(lambda x: time.sleep(0.1) or x / 2, check)
    assert time.monotonic() - start < 2


def test_prints_stay_with_the_reader(capsys):
    value, error = limited(lambda: print("hello") or 3, 1)
    assert (value, error, capsys.readouterr().out) == (3, None, "hello\n")


class Hostile:
    """Refuses to be looked at."""

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None
    __repr__ = __len__ = __array__ = __eq__


@pytest.mark.parametrize("check", [CHECK, SHAPE])
def test_a_hostile_answer_is_no_error(check):
    assert check.verdict(Hostile()).sign == "✗"
    assert check.verdict(lambda x: Hostile()).sign == "✗"
    assert "takes one answer, not 0" in check.verdict().text
    assert "takes one answer, not 2" in check.verdict(1, 2).text


@pytest.mark.parametrize(
    ("right", "got", "what"),
    [
        (np.ones(3, "uint8"), np.ones(3), "dtype"),
        (np.ones(3, "float32"), np.ones(3), None),
        (np.ones(3), [1, 1, 1], None),
        (np.ones(3), np.ones((1, 3)), "shape"),
        (np.array([np.nan, 1]), np.array([np.nan, 1]), None),
        (1.0, "1", "type"),
        (1, True, "type"),
        (True, 1, "type"),
        (True, np.True_, None),
        ((1, 2), (1,), "length"),
        ((1, 2), np.array(3), "type"),
        ((1, "a"), (1, "b"), "value"),
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": 1}, {"b": 1}, "type"),
        ("a", "a", None),
        (1e-9, 0.0, "value"),
        (np.array([1.0, 0.0]), np.array([1.0, 1e-9]), None),
    ],
)
def test_difference(right, got, what):
    assert difference(right, got, 1e-6) == what


def test_show_is_short():
    assert show(np.zeros((60, 60))) == "an array of shape (60, 60), dtype float64"
    assert show((1, 2.5, "a")) == "(1, 2.5, 'a')"
    assert show((1,)) == "(1,)"
    assert len(show("x" * 1000)) < 300
