"""The prompts: what is right is computed, each choice gets its reason, and the still view has all of them."""

import re

import numpy as np
import pytest

from helpers import gradients, kernels, layers, losses, models, naive, optimizers, utils
from helpers.datasets import mnist, samples
from helpers.widgets.predict import PredictState, predict, questions
from helpers.widgets.still import rich, still


def fits(*shapes):
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def raises(function):
    try:
        function()
    except Exception:
        return True
    return False


@pytest.fixture(scope="module")
def scope():
    """What a proof may use."""
    modules = (gradients, kernels, layers, losses, models, naive, optimizers, samples, utils, mnist)
    names = {module.__name__.split(".")[-1]: module for module in modules}
    (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    names.update(train_images=train_images, train_labels=train_labels, test_images=test_images, test_labels=test_labels)
    return {"np": np, "fits": fits, "raises": raises, **names}


@pytest.mark.parametrize("name", questions())
def test_what_is_said_to_be_right_is_right(name, scope):
    question = questions()[name]
    assert set(question) <= {"question", "right", "choices", "proof"}
    assert question["right"] in question["choices"]
    assert 2 <= len(question["choices"]) <= 5
    assert all(len(reason) > 15 for reason in question["choices"].values())
    assert question["question"].endswith(("?", ".", "…", ":"))
    if "proof" in question:
        assert eval(question["proof"], dict(scope)) == question["right"]


def test_most_questions_are_proved_by_computing():
    proved = [name for name, question in questions().items() if "proof" in question]
    assert len(proved) >= 0.7 * len(questions()), set(questions()) - set(proved)


def test_each_choice_that_is_tried_gets_its_reason():
    state = PredictState("column_minus_vector")
    _, choices, sentence = state.view()["blocks"]
    assert not any(c["reason"] or c["sign"] for c in choices["choices"])
    assert sentence["text"].startswith("Choose")
    state.handle("choice", 0)
    _, choices, sentence = state.view()["blocks"]
    assert [c["sign"] for c in choices["choices"]] == ["✗", "", ""]
    assert "not the same shape" in choices["choices"][0]["reason"]
    assert sentence["text"].startswith("✗")
    state.handle("choice", 1)
    _, choices, sentence = state.view()["blocks"]
    assert [c["sign"] for c in choices["choices"]] == ["✗", "✓", ""]
    assert sentence["text"].startswith("✓")


@pytest.mark.parametrize("value", [3, "x", None, [0]])
def test_a_choice_that_is_not_there_changes_nothing(value):
    state = PredictState("column_minus_vector")
    before = state.view()
    state.handle("choice", value)
    assert state.view() == before


def test_an_unknown_question_says_so():
    with pytest.raises(ValueError, match="no question 'nothing'"):
        predict("nothing")


def test_the_still_view_has_all_choices_and_reasons():
    page = still(PredictState("column_minus_vector").view())
    assert len(re.findall("<details><summary>", page)) == 3
    assert "<summary>9</summary>Yes: " in page
    assert "<strong>Predict.</strong>" in page


def test_words_become_html_and_nothing_else_does():
    assert rich("`a < b` **bold** *em* 2 * 3 * 4 <img>") == (
        "<code>a &lt; b</code> <strong>bold</strong> <em>em</em> 2 * 3 * 4 &lt;img&gt;"
    )
