"""Make the printable cheat sheet from its section in notebook 00: `make cheat-sheet`.

One file without scripts, fonts or links to elsewhere: formulas become MathML, which browsers draw by themselves.
"""

import json
import re
from pathlib import Path

from latex2mathml.converter import convert
from nbconvert.filters import markdown2html

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "00_start_here.ipynb"
PRINTABLE = ROOT / "docs" / "cheat_sheet.html"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cheat sheet: the mathematical building blocks of neural networks</title>
<style>
@page {{ size: A4; margin: 11mm; }}
body {{ font: 15px/1.35 system-ui, sans-serif; max-width: 60em; margin: 1.5em auto; padding: 0 1em; }}
body {{ color: #111; background: white; }}
h1 {{ font-size: 1.3em; margin: 0 0 0.4em; }}
p {{ margin: 0.7em 0 0.2em; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: 1px 8px 1px 0; border-bottom: 1px solid #ccc; vertical-align: baseline; }}
code {{ font: 0.9em ui-monospace, monospace; background: #f1f1f1; padding: 0 2px; }}
@media print {{
  body {{ font-size: 10.5px; margin: 0; padding: 0; max-width: none; }}
  code {{ background: none; }}
}}
</style>
</head>
<body>
<h1>The mathematical building blocks of neural networks: cheat sheet</h1>
{body}
</body>
</html>
"""


def section():
    """The section of notebook 00, in Markdown, without what only a reader of the notebook needs."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    (text,) = ("".join(c["source"]) for c in cells if "".join(c["source"]).startswith("## Cheat sheet"))
    tables = text[text.index("**Shapes**") :]
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", tables)  # a printed page has no links


def page():
    formulas = []

    def keep(found):  # Markdown must not touch what stands between dollars
        formulas.append(convert(found[1]))
        return f"FORMULA{len(formulas) - 1};"

    body = markdown2html(re.sub(r"\$([^$]+)\$", keep, section()))
    return PAGE.format(body=re.sub(r"FORMULA(\d+);", lambda found: formulas[int(found[1])], body))


if __name__ == "__main__":
    PRINTABLE.write_text(page(), encoding="utf-8")
