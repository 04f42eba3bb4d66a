"""How the site differs from what Sphinx does by itself: headings' anchors, formulas."""

from docutils import nodes
from latex2mathml.converter import convert


def anchor(heading):
    """As JupyterLab makes it, so that the notebooks' links lead to the right place here, too."""
    return heading.replace(" ", "-")


def inline_formula(translator, node):
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def displayed_formula(translator, node):
    translator.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def setup(app):
    """Formulas as MathML: the browser draws it without a script, and screen readers can read it."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (displayed_formula, None))
