"""What Binder builds, without Docker: the plan that its builder prints, and the same steps in a fresh environment."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_IN_A_CLONE = shutil.ignore_patterns(
    ".venv*", ".git", "build", "screenshots", "__pycache__", ".*_cache", ".hypothesis"
)
BIGGEST = 600  # megabytes of packages


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def plan():
    """What repo2docker would do, as a Dockerfile, and what it says while it plans."""
    pytest.importorskip("repo2docker", reason="jupyter-repo2docker is not installed")
    done = run(sys.executable, "-m", "repo2docker", "--no-build", "--debug", ".", cwd=ROOT)
    return done.stdout + done.stderr


def test_python_is_pinned_and_one_that_we_support(plan):
    (version,) = re.findall(r"conda environment for python=([\d.]+)", plan)
    assert f"python-{version}" == (ROOT / "binder" / "runtime.txt").read_text().strip()
    assert (3, 11) <= tuple(map(int, version.split("."))) <= (3, 13)


def test_the_same_requirements_as_make_lab(plan):
    installs = re.findall(r"pip install .*", plan)
    assert [re.search(r'-r "(.*?)"', line)[1] for line in installs if "-r" in line] == ["binder/requirements.txt"]
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    wanted = ["-c ../constraints.txt", "-r ../requirements.txt", "-r ../requirements-dask.txt"]
    assert [line for line in lines if not line.startswith("#")] == wanted


def test_what_is_done_after_the_build(plan):
    assert re.search(r"RUN \./binder/postBuild", plan)
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    assert sorted(path.name for path in (ROOT / "binder").iterdir()) == ["postBuild", "requirements.txt", "runtime.txt"]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """(folder of the clone, its fresh environment), after the steps of the plan."""
    folder = tmp_path_factory.mktemp("binder") / "repo"
    shutil.copytree(ROOT, folder, ignore=NOT_IN_A_CLONE)
    environment = folder.parent / "environment"
    run(sys.executable, "-m", "venv", environment)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    variables = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(environment)}
    variables.pop("PIP_CONSTRAINT", None)
    run(scripts / "pip", "install", "-q", "-r", "binder/requirements.txt", cwd=folder, env=variables)
    if os.name != "nt":
        run("./binder/postBuild", cwd=folder, env=variables)
    return folder, scripts, variables


def test_the_packages_are_small(image):
    _, scripts, _ = image
    size = sum(path.lstat().st_size for path in scripts.parent.rglob("*") if path.is_file()) / 1e6
    print(f"installed: {size:.0f} MB")
    assert size <= BIGGEST


def test_jupyterlab_opens_the_first_notebook(image):
    folder, scripts, variables = image
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--IdentityProvider.token=secret"]
    start = time.monotonic()
    with open(folder.parent / "log", "w+") as log:
        server = subprocess.Popen(
            [scripts / "jupyter", "lab", *options], cwd=folder, env=variables, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = None
            while address is None and time.monotonic() < start + 60 and server.poll() is None:
                found = re.search(r"http://(?:localhost|127\.0\.0\.1):([1-9]\d*)/", Path(log.name).read_text())
                address = found and f"http://127.0.0.1:{found[1]}"
                time.sleep(0.05)
            assert address, Path(log.name).read_text()
            page = ask(f"{address}/lab/tree/notebooks/00_start_here.ipynb")
            print(f"start-up: {time.monotonic() - start:.1f} s")
            assert "JupyterLab" in page
            assert "course map" in ask(f"{address}/api/contents/notebooks/00_start_here.ipynb")
            assert '"python3"' in ask(f"{address}/api/kernelspecs")
            assert "helpers.server | extension was successfully loaded" in Path(log.name).read_text()
            extensions = run(scripts / "jupyter", "labextension", "list", env=variables)
            said = extensions.stdout + extensions.stderr
            assert re.search(r"anywidget .*enabled.*OK", said)
            assert re.search(r"jupyterlab-manager .*enabled.*OK", said)
        finally:
            server.terminate()
            server.wait(20)


def ask(address):
    request = urllib.request.Request(address, headers={"Authorization": "token secret"})
    deadline = time.monotonic() + 20
    while True:
        try:
            return urllib.request.urlopen(request, timeout=20).read().decode()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
