"""The prompts in the page, by keyboard and by mouse; and a notebook's link into the glossary."""

import re

from playwright.sync_api import expect

from .test_explorers import run_cells  # noqa: F401 (a fixture)

PROMPT = 'from helpers.widgets.predict import predict\npredict("column_minus_vector")'


def test_each_choice_gets_its_reason_by_keyboard(run_cells):  # noqa: F811
    notebook = run_cells("prompt", [PROMPT])
    section = notebook.page.get_by_role("region", name="Predict: column minus vector")
    choices = section.get_by_role("button")
    expect(choices).to_have_count(3)
    assert "not the same shape" not in section.inner_text()
    choices.first.focus()
    notebook.page.keyboard.press("Enter")
    expect(section).to_contain_text("not the same shape")
    expect(choices.first).to_be_focused()
    expect(choices.first).to_have_accessible_name(re.compile("wrong"))
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Space")
    expect(section).to_contain_text("Now run the next cell")
    expect(choices.nth(1)).to_be_focused()
    expect(choices.nth(1)).to_have_accessible_name(re.compile("right"))
    choices.nth(2).click()
    expect(section).to_contain_text("An error would be a friend")
    assert section.locator("code").count() >= 4
    assert section.evaluate("s => s.scrollWidth <= s.clientWidth + 1")
    assert not notebook.problems


def test_a_link_into_the_glossary_leads_there(open_notebook):
    open_notebook("00_start_here.ipynb")  # JupyterLab 4.6 scrolls to a link's place only in a notebook that is open
    notebook = open_notebook("04_broadcasting.ipynb")
    page = notebook.page
    page.locator('.jp-RenderedMarkdown a[href*="00_start_here.ipynb"]').get_by_text("broadcasting", exact=True).click()
    page.wait_for_function("() => jupyterapp.shell.currentWidget.context.path.endsWith('00_start_here.ipynb')")
    heading = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) h3").filter(has_text=re.compile("^B\\W*$"))
    expect(heading).to_be_in_viewport()
    assert not notebook.problems
