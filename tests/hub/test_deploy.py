"""What deploy/ says is true of this repository, and in words that the charts and programs know. No hub is started here."""

import copy
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import capacity
import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCHEMA = json.loads(Path(__file__).with_name("settings.schema.json").read_text())
VALUES = yaml.safe_load((DEPLOY / "zero-to-jupyterhub.yaml").read_text())
README = (DEPLOY / "README.md").read_text()
TLJH = (DEPLOY / "littlest-jupyterhub.md").read_text()
FREE = {
    ("hub", "config"),
    ("singleuser", "extraEnv"),
    ("singleuser", "extraFiles"),
}  # names there are ours or JupyterHub's


def commands(text):
    """The lines of all shell blocks of a page."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for _, block in blocks for line in block.splitlines()]


def names(settings=VALUES, place=()):
    """The place of every name in the settings that the chart gives."""
    for name, value in settings.items():
        yield (*place, name)
        if isinstance(value, dict) and (*place, name) not in FREE:
            yield from names(value, (*place, name))


def test_the_chart_knows_the_settings():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)


@pytest.mark.parametrize("place", list(names()), ids=".".join)
def test_a_misspelt_name_is_found(place):
    wrong = copy.deepcopy(VALUES)
    room = wrong
    for name in place[:-1]:
        room = room[name]
    room[f"{place[-1]}s"] = room.pop(place[-1])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("singleuser", "memory", "limit"), "2 GB"),
        (("singleuser", "cpu", "limit"), "2"),
        (("singleuser", "extraEnv", "OPENBLAS_NUM_THREADS"), 1),
        (("singleuser", "lifecycleHooks", "postStart", "exec", "command"), "gitpuller"),
        (("cull", "timeout"), "1 h"),
        (("hub", "config", "authenticator_class"), "github"),
    ],
)
def test_a_wrong_value_is_found(place, value):
    wrong = copy.deepcopy(VALUES)
    room = wrong
    for name in place[:-1]:
        room = room[name]
    room[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_nobody_comes_in_unasked_or_unencrypted():
    hub = VALUES["hub"]["config"]
    assert hub["JupyterHub"]["authenticator_class"] == "github"
    assert hub["Authenticator"]["allowed_users"]
    assert "allow_all" not in json.dumps(hub)
    assert VALUES["proxy"]["https"]["enabled"] is True
    hosts = VALUES["proxy"]["https"]["hosts"]
    assert urlsplit(hub["GitHubOAuthenticator"]["oauth_callback_url"]).hostname == hosts[0].lower()
    said = {line[3]: line[4] for line in commands(TLJH) if line[1:3] == ["tljh-config", "set"]}
    assert said["https.enabled"] == "true"
    assert "dummy" not in said["auth.type"].lower()


def test_each_placeholder_is_explained():
    explained = set(re.findall(r"REPLACE[A-Z-]*", README.split("\n## ")[0].split("|---|---|")[1]))
    used = set()
    for path in DEPLOY.iterdir():
        text = path.read_text() if path.name != "README.md" else README.split("\n## ", 1)[1]
        used |= set(re.findall(r"REPLACE[A-Z-]*", text))
    assert used == explained


def test_the_first_page_is_in_the_collection():
    folder, *path = VALUES["singleuser"]["defaultUrl"].removeprefix("/lab/tree/").split("/")
    assert (ROOT / "/".join(path)).is_file()
    hook = VALUES["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"][-1]
    assert re.findall(r'"\$COURSE_BRANCH" (\S+)', hook) == [folder]


@pytest.fixture
def hook(tmp_path):
    """Runs the hook in an empty home: hook(gitpuller) with a shell script in its place, or without one."""
    (tmp_path / "image" / "notebooks").mkdir(parents=True)
    for name in ("home", "bin"):
        (tmp_path / name).mkdir()

    def run(gitpuller=None, image="image"):
        if gitpuller:
            (tmp_path / "bin" / "gitpuller").write_text(f"#!/bin/sh\n{gitpuller}\n")
            (tmp_path / "bin" / "gitpuller").chmod(0o755)
        environment = {
            **VALUES["singleuser"]["extraEnv"],
            "HOME": str(tmp_path / "home"),
            "REPO_DIR": str(tmp_path / image),
            "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        }
        command = VALUES["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]
        # Kubernetes starts it in the image's folder, not at home.
        done = subprocess.run(command, cwd=tmp_path / "image", env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return tmp_path / "home" / "building-blocks"

    return run


needs_shell = pytest.mark.skipif(os.name == "nt", reason="the hook is for Linux")


@needs_shell
def test_the_hook_pulls_the_course_into_the_home(hook):
    home_copy = hook('mkdir "$3" && echo "$1 $2" > "$3/said"')
    environment = VALUES["singleuser"]["extraEnv"]
    assert (home_copy / "said").read_text() == f"{environment['COURSE_ADDRESS']} {environment['COURSE_BRANCH']}\n"
    assert not (home_copy / "notebooks").exists()


@needs_shell
def test_the_hook_takes_the_image_s_copy_where_nothing_can_be_pulled(hook):
    assert (hook("exit 1") / "notebooks").is_dir()


@needs_shell
def test_the_hook_leaves_a_student_s_copy_alone_where_nothing_can_be_pulled(hook):
    home_copy = hook("exit 1")
    (home_copy / "mine").write_text("work")
    hook("exit 1")
    assert sorted(path.name for path in home_copy.iterdir()) == ["mine", "notebooks"]


@needs_shell
def test_the_hook_never_fails(hook):
    assert not hook("exit 1", image="nothing").exists()


def test_the_image_is_built_as_the_settings_want_it():
    pytest.importorskip("repo2docker", reason="jupyter-repo2docker is not installed")
    (command,) = (line for line in commands(README) if line[0] == "jupyter-repo2docker")
    image = VALUES["singleuser"]["image"]
    assert command[command.index("--image-name") + 1] == f"{image['name']}:{image['tag']}"
    options = [word for word in command[1:] if word not in ("--no-run", "--push")]
    options[options.index("--image-name") + 1] = image["name"].lower() + ":1"
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", *options],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    plan = done.stdout + done.stderr
    assert "--target-repo-dir /srv/building-blocks" in shlex.join(command)
    assert "ENV REPO_DIR=" in plan  # the hook's way to the image's copy
    assert "COPY --chown=1000:1000 src/ ${REPO_DIR}/" in plan
    assert (
        command[command.index("--user-name") + 1] == Path(VALUES["hub"]["config"]["KubeSpawner"]["notebook_dir"]).name
    )
    wanted = re.search(r"^nbgitpuller .*", (ROOT / "requirements-hub.txt").read_text(), re.MULTILINE)[0]
    assert f'RUN pip install --no-cache-dir "{wanted}"' in plan


def test_the_hub_the_image_and_the_class_test_have_the_same_jupyterhub():
    repo2docker = pytest.importorskip("repo2docker", reason="jupyter-repo2docker is not installed")
    python = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    list_of_image = Path(repo2docker.__file__).parent / "buildpacks" / "conda" / f"environment.py-{python}.yml"
    (image,) = re.findall(r"jupyterhub-singleuser==(\d+)\.", list_of_image.read_text())
    tested = re.search(
        r"^jupyterhub >= (\d+)\.\d+, < (\d+)$", (ROOT / "requirements-hub.txt").read_text(), re.MULTILINE
    )
    assert (image, str(int(image) + 1)) == tested.groups()
    assert f"in version 4.x, which runs JupyterHub {image}, as the image does" in README
    (helm,) = (line for line in commands(README) if line[0] == "helm")
    assert helm[helm.index("--version") + 1] == "4.*"
    assert (ROOT / helm[helm.index("--values") + 1]).is_file()


def test_the_littlest_hub_does_the_same():
    c = SimpleNamespace(Spawner=SimpleNamespace())
    exec((DEPLOY / "littlest-jupyterhub.py").read_text(), {"c": c})
    values = VALUES["singleuser"]
    assert c.Spawner.environment.items() <= values["extraEnv"].items()
    address, _, query = c.Spawner.default_url.partition("?")
    assert address == "/git-pull"
    assert dict(parse_qsl(query, strict_parsing=True)) == {
        "repo": values["extraEnv"]["COURSE_ADDRESS"],
        "branch": values["extraEnv"]["COURSE_BRANCH"],
        "targetpath": "building-blocks",
        "urlpath": values["defaultUrl"].removeprefix("/"),
    }
    said = {line[3]: line[4] for line in commands(TLJH) if line[1:3] == ["tljh-config", "set"]}
    assert said["limits.memory"] == values["memory"]["limit"]
    assert float(said["limits.cpu"]) == values["cpu"]["limit"]
    assert int(said["services.cull.timeout"]) == VALUES["cull"]["timeout"]
    assert int(said["services.cull.every"]) == VALUES["cull"]["every"]


def test_the_littlest_hub_knows_the_words():
    known = {  # what tljh-config reads, from the reference of The Littlest JupyterHub
        *("limits.memory", "limits.cpu", "services.cull.timeout", "services.cull.every", "https.enabled", "auth.type"),
        *("https.letsencrypt.email", "https.letsencrypt.domains", "auth.NativeAuthenticator.allow_all"),
    }
    lines = [line for line in commands(TLJH) if line[1:2] == ["tljh-config"]]
    assert {line[3] for line in lines if line[2] in ("set", "add-item")} <= known
    assert [line[2:] for line in lines if line[2] not in ("set", "add-item")] == [
        ["reload", "hub"],
        ["reload", "proxy"],
    ]
    assert lines[-1][2] == "reload", "settings after the last reload are not in force"


def test_the_littlest_hub_names_files_that_are_there():
    for line in commands(TLJH):
        for word in line:
            if word.startswith(("binder/", "deploy/")) or word.endswith(".txt"):
                assert (ROOT / word).is_file(), word
    assert shutil.which("sh") is None or os.access(ROOT / "binder" / "postBuild", os.X_OK)


def test_the_capacity_page_says_what_was_measured():
    saved = json.loads(capacity.MEASURED.read_text())
    page = capacity.PAGE.read_text()
    assert page == capacity.write(page, saved), "run tests/hub/capacity.py"
    assert all(run["failures"] == 0 for run in saved.values())
    assert saved["30 students, notebook 02"]["students"] == 30


def test_the_memory_settings_follow_from_what_was_measured():
    saved = json.loads(capacity.MEASURED.read_text())
    class_of_30 = saved["30 students, notebook 02"]
    server, kernel = (class_of_30[f"{part}, rss (MB)"]["max"] for part in ("server", "kernel"))
    peaks = sorted(run["kernel, peak (MB)"]["max"] for key, run in saved.items() if key.startswith("2 students"))
    numbers = {path.name[:2] for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    assert {key[-2:] for key in saved if key.startswith("2 students")} <= numbers
    memory = {
        name: int(size[:-1]) * {"M": 1, "G": 1024}[size[-1]] for name, size in VALUES["singleuser"]["memory"].items()
    }
    assert server + 2 * kernel <= memory["guarantee"]
    assert server + peaks[-1] + peaks[-2] <= memory["limit"]
    capacity_of_home = int(VALUES["singleuser"]["storage"]["capacity"].removesuffix("Gi")) * 1024
    assert class_of_30["home (MB)"]["max"] <= capacity_of_home / 4
