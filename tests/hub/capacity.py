"""Write the numbers of docs/capacity.md anew, from what the class test has measured (measured.json).

`.venv-hub/bin/python tests/hub/capacity.py`, or any Python. test_deploy.py sees that the page is up to date.
"""

import json
import math
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "capacity.md"
MEASURED = Path(__file__).with_name("measured.json")
CORES = 2  # of the machine of the measurements
LESSON, ARRIVAL = 40 * 60, 5 * 60  # seconds: notebook 02 takes twice twenty minutes; a class is in its seats after five


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def three(numbers, unit):
    return [f"{numbers[key]:,.0f} {unit}" for key in ("median", "p95", "max")]


def parts(saved):
    """The page's tables by name."""
    small, large = saved["5 students, notebook 02"], saved["30 students, notebook 02"]
    many = large["students"]
    rows = [
        ["signing in to a server that is ready", *three(large["server ready (s)"], "s")],
        ["signing in to the first cell's answer", *three(large["first cell (s)"], "s")],
        ["all of notebook 02", *three(large["whole notebook (s)"], "s")],
        ["server, shared pages counted once", *three(large["server, pss (MB)"], "MB")],
        ["kernel of 02, shared pages counted once", *three(large["kernel, pss (MB)"], "MB")],
        ["server, shared pages counted wholly", *three(large["server, rss (MB)"], "MB")],
        ["kernel of 02, shared pages counted wholly", *three(large["kernel, rss (MB)"], "MB")],
        ["processor: a server until it is ready", *three(large["server, processor until ready (s)"], "s")],
        ["processor: a server in all", *three(large["server, processor (s)"], "s")],
        ["processor: a kernel", *three(large["kernel, processor (s)"], "s")],
        ["home folder", *three(large["home (MB)"], "MB")],
    ]
    yield "class", table([f"{many} students within {large['within (s)']:.0f} s", "median", "p95", "most"], rows)

    rows = [
        [
            name,
            *(f"{each[name + ', pss (MB)']:.0f} MB, {each[name + ', processor (s)']:.0f} s" for each in (small, large)),
        ]
        for name in ("hub", "proxy")
    ]
    rows.append(
        ["hooks (the collection into each home)", *(f"{e['hooks, processor (s)']:.0f} s" for e in (small, large))]
    )
    yield "hub", table(["memory, processor", f"{small['students']} students", f"{many} students"], rows)

    peaks = {key[-2:]: run["kernel, peak (MB)"]["max"] for key, run in saved.items() if key.startswith("2 students")}
    rows = [[number, f"{peak:.0f} MB"] for number, peak in sorted(peaks.items())]
    yield "notebooks", table(["notebook", "its kernel at the highest"], rows)

    core = {each["students"]: each["hub, pss (MB)"] + each["proxy, pss (MB)"] for each in (small, large)}
    (few, base), (_, more) = sorted(core.items())
    growth = max(0, (more - base) / (many - few))
    shared = large["server, pss (MB)"]["median"] + large["kernel, pss (MB)"]["median"]
    whole = large["server, rss (MB)"]["median"] + large["kernel, rss (MB)"]["median"]
    greedy = large["server, rss (MB)"]["median"] + peaks["09"]
    around = (large["hub, processor (s)"] + large["proxy, processor (s)"] + large["hooks, processor (s)"]) / many
    start = large["server, processor until ready (s)"]["median"] + around
    work = large["server, processor (s)"]["median"] + large["kernel, processor (s)"]["median"] + around
    home = large["home (MB)"]["median"]
    yield (
        "per student",
        "\n".join(
            [
                f"- hub and proxy: {base:.0f} MB with {few} students, {more:.0f} MB with {many}; "
                f"*h* = {growth:.2f} MB for each more",
                f"- memory on one machine: *p* = {shared:.0f} MB (server and kernel, shared pages counted once)",
                f"- memory in a container of one's own: *r* = {whole:.0f} MB (the same, pages counted wholly)",
                f"- with notebook 09 at its highest: *g* = {greedy:.0f} MB",
                f"- processor: *s* = {start:.1f} s until the server is ready (its own, and its share of hub, "
                f"proxy and hooks), *w* = {work:.1f} s with all of 02",
                f"- disk: *d* = {home:.0f} MB",
            ]
        ),
    )

    def row(what, formula, value):
        return [what, formula, *(value(n) for n in (10, 100, 1000))]

    def gigabytes(megabytes):
        return f"{megabytes / 1024:,.1f} GB"

    def cores(needed):
        return f"{needed:,.1f}" if needed >= 0.1 else "below 0.1"

    rows = [
        row(
            "memory, one machine, all in 02",
            f"{more:.0f} MB + (N − {many})·h + N·p",
            lambda n: gigabytes(more + (n - many) * growth + n * shared),
        ),
        row("memory, containers, all in 02", "N·r", lambda n: gigabytes(n * whole)),
        row("memory, all in 09 at its highest at once", "N·g", lambda n: gigabytes(n * greedy)),
        row("cores, all ready within 5 min", "N·s / 300 s", lambda n: cores(n * start / ARRIVAL)),
        row("cores, on average in a lesson of 40 min", "N·w / 2 400 s", lambda n: cores(n * work / LESSON)),
        row(
            f"time until all are ready, {CORES} cores",
            f"N·s / {CORES}",
            lambda n: f"{math.ceil(n * start / CORES):,} s",
        ),
        row("disk for homes", "N·d", lambda n: gigabytes(n * home)),
    ]
    yield "need", table(["", "", "N = 10", "100", "1 000"], rows)


def write(page, saved):
    """The page with each table between its two marks."""
    for name, text in parts(saved):
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, places = place.subn(lambda match, text=text: match[1] + text + "\n" + match[2], page)
        assert places == 1, f"docs/capacity.md has {places} places for {name!r}"
    return page


if __name__ == "__main__":
    PAGE.write_text(write(PAGE.read_text(), json.loads(MEASURED.read_text())))
