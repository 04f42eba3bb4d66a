"""Names that are HTML, in the page itself: every explorer shows them as text, and makes no element of them."""

import json

import pytest
from explorers import EVIL, STATES, poisoned

from helpers.widgets.base import Explorer
from helpers.widgets.drawing import pack

# What the kernel would be for the page: it has a view, and takes messages.
SHOW = """view => {
  const model = { get: () => view, on() {}, off() {}, send() {} };
  document.body.replaceChildren();
  render({ model, el: document.body });
}"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    script = Explorer._esm.replace("export default { render };", "window.render = render;")
    page.set_content("<!doctype html><title>explorers</title>")
    page.add_script_tag(content=script, type="module")
    page.wait_for_function("() => window.render")
    page.evaluate("() => { window.alert = () => { window.sprung = true; } }")
    yield page
    page.close()


@pytest.mark.parametrize("name", STATES)
def test_names_are_shown_as_text(page, name):
    view = {"label": EVIL, "answers": 1, **pack(poisoned(STATES[name]().view()))}
    page.evaluate(SHOW, json.loads(json.dumps(view)))
    assert page.locator("section").get_attribute("aria-label") == EVIL
    words = page.evaluate("() => document.body.textContent + [...document.querySelectorAll('*')].map(n => n.ariaLabel)")
    assert "<img src=x onerror=alert(1)>" in words
    assert "<script>alert(2)</script>" in words
    assert page.locator("body :is(img, script, b, i, u, iframe, [onerror])").count() == 0
    assert not page.evaluate("() => window.sprung")
