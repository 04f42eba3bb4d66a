"""The site to read: static pages of all notebooks, with nothing that is loaded from elsewhere. `make site`."""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent)]
import helpers  # noqa: E402

project = "The mathematical building blocks of neural networks"
version = release = helpers.__version__
html_show_copyright = False

extensions = ["myst_nb", "rendering"]
root_doc = "site/index"
include_patterns = ["site/index.md", "notebooks/*.ipynb"]

nb_execution_mode = "off"  # the stored outputs are what nbval has compared
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "rendering.anchor"

html_theme = "furo"
html_title = "Building blocks of neural networks"
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_extra_path = ["extra"]
html_math_renderer = "mathml"
