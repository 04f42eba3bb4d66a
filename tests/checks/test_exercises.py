"""Every exercise: its stub says "not yet", its solution passes, and each typical wrong answer gets its own hint."""

import importlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from helpers.checks import CHECKS

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {
    path.name[:2]: json.loads(path.read_text(encoding="utf-8"))
    for path in FOLDER.glob("[01][0-9]*.ipynb")
    if not path.name.startswith("00")
}
WRONG = {}
for path in sorted(Path(__file__).parent.glob("slips_*.py")):
    for name, answers in importlib.import_module(path.stem).WRONG.items():
        assert name not in WRONG, f"{name} is in two files"
        WRONG[name] = answers


def sources(notebook, kind):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def exercises(notebook):
    """[(name of the check, source of the stub, source of the solution)]; a solution is the cell behind its stub."""
    cells, found = notebook["cells"], []
    for cell, after in zip(cells, cells[1:]):
        source = "".join(cell["source"])
        name = re.search(r"^checks\.(\w+)\(", source, re.M)
        if cell["cell_type"] == "code" and name:
            assert after["metadata"].get("tags") == ["solution"], f"no solution behind {source}"
            (code,) = re.findall(r"```python\n(.*?)```", "".join(after["source"]), re.S)
            found.append((name[1], source, code))
    return found


EXERCISES = [(number, *exercise) for number, notebook in sorted(NOTEBOOKS.items()) for exercise in exercises(notebook)]
IDS = [name for _, name, _, _ in EXERCISES]


def run(source, name):
    """What checks.NAME says when the source is run; its last line is the call."""
    *code, call = source.strip().splitlines()
    answer = re.fullmatch(rf"checks\.{name}\((\w+)\)", call.strip())[1]
    scope = {"np": np}
    exec("\n".join(code), scope)
    return CHECKS[name].verdict(scope[answer]), answer


@pytest.mark.parametrize(("number", "name", "stub", "solution"), EXERCISES, ids=IDS)
def test_a_stub_is_not_yet_and_the_solution_is_right(number, name, stub, solution):
    verdict, answer = run(stub, name)
    assert verdict.sign == "·", verdict.text
    defined = re.search(rf"^(?:def|class) {answer}\b|^{answer} =", solution, re.M)
    verdict, _ = run(f"{solution}\nchecks.{name}({answer if defined else 'answer'})", name)
    assert verdict.sign == "✓", verdict.text


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_typical_wrong_answers_get_their_hints(name):
    hints = []
    assert len(WRONG.get(name, [])) >= 2, f"{name}: at least two wrong answers, please"
    for answer, words in WRONG[name]:
        verdict = CHECKS[name].verdict(answer)
        assert verdict.sign == "✗", f"{name} takes {answer} for right"
        assert words in verdict.text
        hints.append(verdict.text.split("hint")[-1])
    assert len(set(hints)) >= 2


NONSENSE = [None, "a text", 3, -1.5, [], {}, object(), (1, "2"), [[1], [2, 3]], np.array([None, 1]), np.nan, str]
NONSENSE += [lambda: 1, lambda *a: None, lambda *a: "x", lambda *a: 1 / 0, lambda *a: np.nan, type, iter("ab")]


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_nonsense_gets_an_answer_and_never_an_error(name, capsys):
    for answer in NONSENSE:
        verdict = CHECKS[name].verdict(answer)
        assert verdict.sign in "✗·", f"{name} takes {answer!r} for right"
        assert len(verdict.text) > 10
    capsys.readouterr()
    CHECKS[name](...)
    assert capsys.readouterr().out.startswith(f"· {name}: not yet")


def test_a_checker_never_shows_the_solution():
    for number, name, _, code in EXERCISES:
        secret = code.split("return ")[-1].strip().splitlines()[0]
        for answer, _ in WRONG[name]:
            assert len(secret) < 8 or secret not in CHECKS[name].verdict(answer).text, (number, name)


def test_every_checker_is_used_once_and_knows_its_name():
    assert sorted(IDS) == sorted(CHECKS)


def test_every_notebook_has_its_exercises():
    for number in NOTEBOOKS:
        assert 5 <= len([e for e in EXERCISES if e[0] == number]) <= 8, number


def test_predictions_are_asked_in_the_notebooks_and_nowhere_twice():
    from helpers.widgets.predict import questions

    asked = [
        name for n in NOTEBOOKS.values() for s in sources(n, "code") for name in re.findall(r'predict\("(\w+)"\)', s)
    ]
    assert sorted(asked) == sorted(questions())
