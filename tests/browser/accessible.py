"""What axe-core finds on a page: the problems that would keep somebody from using it."""

from axe_playwright_python.sync_playwright import Axe

SERIOUS = ("serious", "critical")


def problems_of(page, inside=None):
    """Serious and critical findings, each in a line; inside: a CSS selector to look at only."""
    found = Axe().run(page, context=inside).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:160]}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]
