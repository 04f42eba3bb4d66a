"""The site to read, in a real browser: every page, every link, search, no request to anywhere else, accessible."""

import functools
import http.server
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from .accessible import problems_of

ROOT = Path(__file__).parents[2]
PAGES = ["site/index.html", *(f"notebooks/{p.stem}.html" for p in sorted((ROOT / "notebooks").glob("*.ipynb")))]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the site, built as `make site` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", "site", ".", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


@pytest.fixture(scope="module")
def reader(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


@pytest.fixture
def visit(site, reader):
    """A function: path → the page, which must ask nobody else for anything and log no error."""
    wrong = []

    def look(request):
        if not request.url.startswith((site, "data:", "blob:")):
            wrong.append(f"request to elsewhere: {request.url}")

    def listen(message):
        if message.type == "error":
            wrong.append(message.text)

    reader.on("request", look)
    reader.on("console", listen)

    def open_(path):
        reader.goto(site + path)
        return reader

    yield open_
    reader.remove_listener("request", look)
    reader.remove_listener("console", listen)
    assert not wrong


@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_its_pictures_and_formulas(visit, path):
    page = visit(path)
    pictures = page.locator("article img")
    for i in range(pictures.count()):
        assert pictures.nth(i).get_attribute("alt")
        assert pictures.nth(i).evaluate("img => img.complete && img.naturalWidth > 0")
    assert not page.locator("article").get_by_text(re.compile(r"\\(frac|sum|mathrm|leftarrow)|\$\$")).count()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the window"


def test_links_lead_to_pages_and_places_that_exist(visit, site):
    places, links = {}, set()
    for path in PAGES:
        page = visit(path)
        places[site + path] = set(page.locator("[id]").evaluate_all("all => all.map(node => node.id)"))
        here = page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        links |= {urljoin(site + path, link) for link in here}
    inside = {link for link in links if link.startswith(site)}
    assert len(inside) > 60
    for link in inside:
        address, place = urldefrag(link)
        if address in places and place:
            assert unquote(place) in places[address], link
        elif address not in places:
            assert visit("site/index.html").request.get(address).ok, link


def test_search_finds_a_word(visit):
    page = visit("search.html?q=overfitting")
    page.locator("#search-results li").first.wait_for()
    assert page.locator("#search-results").get_by_role("link", name=re.compile("first neural network")).count()


def test_the_first_page_leads_on(visit):
    page = visit("")
    page.wait_for_url("**/site/index.html")
    page.get_by_role("link", name="04 · Broadcasting").first.click()
    page.get_by_role("heading", name="The rule").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [PAGES[0], PAGES[1], PAGES[2], PAGES[5], PAGES[8]])
def test_accessible(visit, path, scheme):
    page = visit(path)
    page.emulate_media(color_scheme=scheme)
    assert not problems_of(page)


def test_the_cheat_sheet_prints_on_one_page(reader):
    reader.goto((ROOT / "docs" / "cheat_sheet.html").as_uri())
    assert re.findall(rb"/Count (\d+)", reader.pdf(prefer_css_page_size=True)) == [b"1"]
    assert not problems_of(reader)
