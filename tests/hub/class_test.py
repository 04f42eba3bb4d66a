"""A whole class on a real JupyterHub, on this machine: `make class STUDENTS=30`.

Students sign in through the login form, get a server and the collection, open notebook 02 and run all its cells over
the websocket, as JupyterLab does. Then everybody tries to get at a neighbour's files. Prints times and memory; any
failure ends it with exit code 1. All of it listens on 127.0.0.1 alone and lives in a temporary folder.
"""

import argparse
import html
import json
import os
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import psutil
import requests
import websocket
import yaml
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1

ROOT = Path(__file__).parents[2]
PROXY = Path(sys.prefix) / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
LOG = ROOT / "build" / "class.log"  # kept when something fails
PATIENCE = 600  # seconds for any one answer: everybody else wants the processor, too
FIRST_UID = 61001  # nobody's: system users begin low, people at 1000, and 65534 is the end


class Hub:
    """JupyterHub with its proxy and the collection's git server, in a folder that vanishes with it."""

    def __init__(self, names):
        self.names = names
        self.folder = Path(tempfile.mkdtemp(prefix="class-"))
        self.started = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        self.folder.chmod(0o711)  # a student may pass through to the home, and look at nothing on the way
        (self.folder / "hub").mkdir(mode=0o700)
        (self.folder / "homes").mkdir(mode=0o711)
        (self.folder / "settings").mkdir()
        values = yaml.safe_load((ROOT / "deploy" / "zero-to-jupyterhub.yaml").read_text())["singleuser"]
        for file in values["extraFiles"].values():
            path = self.folder / "settings" / Path(file["mountPath"]).name
            path.write_text(json.dumps(file["data"]))
        # What binder/postBuild does for the image. No student can write here, and all would compile it at each import.
        subprocess.run([sys.executable, "-m", "compileall", "-q", "helpers"], cwd=ROOT, check=True)
        self.first_uid, self.why_shared = self.separate_users()

        port, hub_port, proxy_port, git_port = free_ports(4)
        self.course = self.serve_course(git_port)
        self.address, self.password = f"http://127.0.0.1:{port}", secrets.token_hex(16)
        plan = {
            "students": self.names,
            "first_uid": self.first_uid,
            "port": port,
            "hub_port": hub_port,
            "proxy_port": proxy_port,
            "proxy": str(PROXY),
            "password": self.password,
            "course": self.course,
        }
        (self.folder / "hub" / "plan.json").write_text(json.dumps(plan))
        environment = {
            **os.environ,
            "CLASS_FOLDER": str(self.folder),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        config = Path(__file__).with_name("jupyterhub_config.py")
        self.hub = self.run([sys.executable, "-m", "jupyterhub", "--config", str(config)], env=environment)
        wait_for(lambda: self.hub.poll() is not None or answers(f"{self.address}/hub/health"), "the hub")
        if self.hub.poll() is not None:
            raise RuntimeError(f"JupyterHub ended at once:\n{self.log()}")

    def separate_users(self):
        """(the first of as many uids, None), or (None, why all students run as one system user)."""
        if os.geteuid() != 0:
            return None, "only root can start processes as other users"
        first, last = FIRST_UID, FIRST_UID + len(self.names)
        if any(first <= process.uids().real < last for process in psutil.process_iter()):
            return None, f"some of the uids from {first} are taken"
        try:
            subprocess.run(
                [sys.executable, "-c", "import helpers, jupyterhub"],
                check=True,
                capture_output=True,
                cwd="/",
                env={"HOME": "/", "PATH": os.defpath},
                user=first,
                group=first,
                extra_groups=[],
            )
        except (subprocess.CalledProcessError, OSError) as problem:
            return None, f"no other user may read {ROOT} or start its Python ({problem})"
        return first, None

    def serve_course(self, port):
        """The collection as it stands in this folder, as a git repository to be pulled from; its address."""
        course = self.folder / "hub" / "course"
        listed = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        for name in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0"):
            if name and (ROOT / name).is_file():
                (course / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, course / name)
        git = ["git", "-C", course, "-c", "user.name=class", "-c", "user.email=class@localhost"]
        for command in (["init", "-q", "-b", "main"], ["add", "--all", "--force"], ["commit", "-q", "-m", "course"]):
            subprocess.run([*git, *command], check=True)
        base = f"--base-path={course.parent}"
        self.run(["git", "daemon", "--listen=127.0.0.1", f"--port={port}", "--export-all", base, str(course)])
        wait_for(lambda: listens(port), "git's server")
        return f"git://127.0.0.1:{port}/course"

    def run(self, command, **options):
        """Start a process that ends when the hub does; what it says goes into the log."""
        with open(self.folder / "hub" / "log", "ab") as log:
            process = subprocess.Popen(
                command, cwd=self.folder / "hub", stdout=log, stderr=subprocess.STDOUT, **options
            )
        self.started.append(process)
        return process

    def log(self):
        return (self.folder / "hub" / "log").read_text(errors="replace")

    def __exit__(self, *_):
        family = []
        for process in self.started:
            try:
                family += psutil.Process(process.pid).children(recursive=True)
            except psutil.NoSuchProcess:
                continue
            process.terminate()  # the hub stops its proxy and the students' servers
        for process in self.started:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for process in family:
            try:
                process.kill()  # psutil knows each by its time of birth, too: never another with the same number
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, 10)
        shutil.rmtree(self.folder)


class Student(threading.Thread):
    """One student, with a browser's cookies: signs in, opens the notebook, runs it."""

    def __init__(self, hub, name, notebook, delay):
        super().__init__(name=name, daemon=True)
        self.hub, self.delay = hub, delay
        self.path = f"building-blocks/notebooks/{notebook}"
        self.browser = requests.Session()
        self.base = f"{hub.address}/user/{name}"
        self.secret = secrets.token_hex(16)
        self.times, self.failures, self.processor = {}, [], None

    def run(self):
        time.sleep(self.delay)
        try:
            self.sign_in()
            self.open_notebook()
            self.run_notebook()
        except Exception as problem:
            self.failures.append(f"{type(problem).__name__}: {problem}")

    def sign_in(self):
        """The login form, the page that waits for the server, and JupyterLab."""
        page = self.get(f"{self.hub.address}/hub/login")
        self.began = time.monotonic()
        form = {
            "username": self.name,
            "password": self.hub.password,
            "_xsrf": found(r'name="_xsrf" value="(.*?)"', page),
        }
        action = found(r'<form action="(.*?)" method="post"', page)
        page = self.browser.post(self.hub.address + action, data=form, timeout=PATIENCE)
        page.raise_for_status()
        if "/spawn-pending/" in page.url:
            progress = self.hub.address + json.loads(found(r'EventSource\(("[^"]*")\)', page))
            with self.browser.get(progress, stream=True, timeout=PATIENCE) as events:
                events.raise_for_status()
                said = [json.loads(line[5:]) for line in events.iter_lines() if line.startswith(b"data:")]
            if not said or not said[-1].get("ready"):
                raise RuntimeError(f"no server: {said[-1:]}")
        page = self.get(f"{self.base}/")  # redirected to the notebook that the class begins with
        self.times["server ready"] = time.monotonic() - self.began
        self.processor = seconds(find_servers(self.hub)[self.name].process)
        if not page.url.endswith("/lab/tree/building-blocks/notebooks/00_start_here.ipynb"):
            raise RuntimeError(f"JupyterLab opens {page.url}")
        if "jupyter-config-data" not in page.text:
            raise RuntimeError("what the server shows is not JupyterLab")

    def open_notebook(self):
        """The notebook from the home, and a kernel for it. Leaves a secret there, for others to look for."""
        self.notebook = self.get(f"{self.base}/api/contents/{self.path}").json()["content"]
        self.post("contents/secret.txt", "put", {"type": "file", "format": "text", "content": self.secret})
        kernel = {"path": self.path, "name": Path(self.path).name, "type": "notebook", "kernel": {"name": "python3"}}
        self.opened = time.monotonic()
        self.kernel = self.post("sessions", "post", kernel)["kernel"]["id"]
        self.session = Session(key=b"")
        self.channels = self.connect(self, self.kernel)

    def run_notebook(self):
        """All its code cells; an error, or a text other than the one that is stored, is a failure."""
        for cell in self.notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            status, text = self.execute("".join(cell["source"]))
            self.times.setdefault("first cell", time.monotonic() - self.began)
            stored = "".join("".join(o.get("text", "")) for o in cell["outputs"] if o["output_type"] == "stream")
            if status != "ok":
                self.failures.append(f"a cell fails: {text[-300:]}")
            elif "nbval-ignore-output" not in cell["metadata"].get("tags", []) and text != stored:
                self.failures.append(f"a cell prints {text[:200]!r}, not {stored[:200]!r}")
        self.times["whole notebook"] = time.monotonic() - self.opened

    def execute(self, code):
        """Run code in the kernel: (status, what it printed or the error)."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self.session.msg("execute_request", content)
        self.channels.send_binary(serialize_msg_to_ws_v1(message, "shell", self.session.pack))
        status, idle, said = None, False, []
        while status is None or not idle:
            channel, parts = deserialize_msg_from_ws_v1(self.channels.recv())
            header, parent, _, content = (json.loads(part) for part in parts[:4])
            if parent.get("msg_id") != message["header"]["msg_id"]:
                continue
            if channel == "shell":
                status = content["status"]
            elif header["msg_type"] == "stream":
                said.append(content["text"])
            elif header["msg_type"] == "error":
                said.append("\n".join(content["traceback"]))
            elif header["msg_type"] == "status":
                idle = content["execution_state"] == "idle"
        return status, "".join(said)

    def connect(self, owner, kernel, headers=None):
        """The websocket to a kernel of `owner`, with this student's cookies."""
        address = f"{owner.base}/api/kernels/{kernel}/channels"
        cookies = requests.cookies.get_cookie_header(self.browser.cookies, requests.Request("GET", address).prepare())
        return websocket.create_connection(
            f"ws{address.removeprefix('http')}?session_id={secrets.token_hex(8)}",
            cookie=cookies,
            header=headers,
            subprotocols=["v1.kernel.websocket.jupyter.org"],
            timeout=PATIENCE,
        )

    def get(self, address, **options):
        answer = self.browser.get(address, timeout=PATIENCE, **options)
        answer.raise_for_status()
        return answer

    def post(self, path, method, body):
        """Ask this student's own server for something, with the XSRF cookie that it has set."""
        answer = self.browser.request(
            method, f"{self.base}/api/{path}", json=body, headers=self.xsrf(f"/user/{self.name}/"), timeout=PATIENCE
        )
        answer.raise_for_status()
        return answer.json()

    def xsrf(self, path):
        (token,) = (cookie.value for cookie in self.browser.cookies if (cookie.name, cookie.path) == ("_xsrf", path))
        return {"X-XSRFToken": token}

    def token(self):
        """A token for programs, as each student can make one on the hub's page."""
        answer = self.browser.post(
            f"{self.hub.address}/hub/api/users/{self.name}/tokens", headers=self.xsrf("/hub/"), timeout=PATIENCE
        )
        answer.raise_for_status()
        return {"Authorization": f"token {answer.json()['token']}"}


def intrude(student, other, servers, separate):
    """Everything that `student` tries in order to read or stop what is `other`'s; a list of what was not refused."""
    token, wrong = student.token(), []
    student.channels = student.connect(student, student.kernel)  # unlike a browser, it has answered no ping meanwhile
    stranger = requests.Session()

    def attempt(how, ask, refusals=(401, 403, 404)):
        answer = ask()
        if answer.status_code not in refusals or other.secret in answer.text:
            wrong.append(f"{student.name} → {other.name}, {how}: {answer.status_code} {answer.text[:80]!r}")

    file = "api/contents/secret.txt"
    hers, port = f"{other.base}/{file}", servers[other.name].port
    direct = f"http://127.0.0.1:{port}/user/{other.name}/{file}"
    users = f"{student.hub.address}/hub/api/users/{other.name}"
    climb = f"{student.base}/api/contents/%2e%2e/{other.name}/secret.txt"
    # The same questions asked by those who may: were they wrong in themselves, their refusal would mean nothing.
    for how, answer in {
        "contents": other.browser.get(hers, timeout=PATIENCE),
        "token": requests.get(hers, headers=other.token(), timeout=PATIENCE),
        "files": other.browser.get(f"{other.base}/files/secret.txt", timeout=PATIENCE),
        "port": requests.get(direct, headers=other.token(), timeout=PATIENCE),
    }.items():
        if other.secret not in answer.text:
            wrong.append(f"{other.name} cannot read an own file ({how}): {answer.status_code}")

    # First the page: were it shown, its cookies would open the rest.
    attempt("JupyterLab, own cookies", lambda: student.browser.get(f"{other.base}/lab", timeout=PATIENCE))
    attempt("contents, own cookies", lambda: student.browser.get(hers, timeout=PATIENCE))
    attempt("contents, own token", lambda: requests.get(hers, headers=token, timeout=PATIENCE))
    attempt("files, own cookies", lambda: student.browser.get(f"{other.base}/files/secret.txt", timeout=PATIENCE))
    attempt("past the proxy, own token", lambda: requests.get(direct, headers=token, timeout=PATIENCE))
    attempt("up from the own folder", lambda: student.browser.get(climb, timeout=PATIENCE))
    attempt("kernels, own token", lambda: requests.get(f"{other.base}/api/kernels", headers=token, timeout=PATIENCE))
    attempt("the hub's word on them", lambda: requests.get(users, headers=token, timeout=PATIENCE))
    attempt("stop their server", lambda: requests.delete(f"{users}/server", headers=token, timeout=PATIENCE))
    attempt("a token for them", lambda: requests.post(f"{users}/tokens", headers=token, timeout=PATIENCE))
    attempt("contents, not signed in", lambda: stranger.get(hers, timeout=PATIENCE), (401, 403))
    page = stranger.get(f"{other.base}/lab", timeout=PATIENCE)
    if "/hub/login" not in page.url:
        wrong.append(f"a stranger at {other.name}'s JupyterLab is not asked to sign in but is at {page.url}")
    for how, headers in (("own cookies", {}), ("own token", token)):
        try:
            student.connect(other, other.kernel, headers).close()
            wrong.append(f"{student.name} is connected to a kernel of {other.name} by {how}")
        except websocket.WebSocketBadStatusException as refusal:
            if refusal.status_code not in (302, 401, 403, 404):
                wrong.append(f"{student.name} → {other.name}, websocket, {how}: {refusal.status_code}")

    if separate:
        home, process = student.hub.folder / "homes" / other.name, servers[other.name].process.pid
        for path in (home / "secret.txt", home / other.path, f"/proc/{process}/environ"):
            status, text = student.execute(f"open({str(path)!r}).read()")
            if status != "error" or "PermissionError" not in text:
                wrong.append(f"a kernel of {student.name} opens {path}: {status} {text[-80:]!r}")
        status, text = student.execute(
            f"print(open({str(student.hub.folder / 'homes' / student.name)!r} + '/secret.txt').read())"
        )
        if text.strip() != student.secret:
            wrong.append(f"a kernel of {student.name} cannot open a file of its own: {text[-80:]!r}")
    status, text = student.execute("import os; print(os.environ['OPENBLAS_NUM_THREADS'])")
    if text.strip() != "1":
        wrong.append(f"a kernel of {student.name} runs {text!r} BLAS threads")
    return wrong


def pull_by_link(student, course):
    """What a server of The Littlest JupyterHub begins with: nbgitpuller's page for the collection; what went wrong."""
    c = SimpleNamespace(Spawner=SimpleNamespace())
    exec((ROOT / "deploy" / "littlest-jupyterhub.py").read_text(), {"c": c})
    path, _, query = c.Spawner.default_url.partition("?")
    wanted = {**dict(parse_qsl(query)), "repo": course, "targetpath": "by-link"}
    student.get(f"{student.base}{path}", params=wanted)
    steps = student.get(f"{student.base}{path}/api", params=wanted, headers=student.xsrf(f"/user/{student.name}/"))
    if '"phase": "finished"' not in steps.text:
        return [f"{student.name} cannot pull by link: {steps.text[-300:]}"]
    student.get(f"{student.base}/api/contents/{student.path.replace('building-blocks', 'by-link')}")
    return []


class Server:
    """A student's two processes: the server, and the kernel once there is one."""

    process = kernel = None

    @property
    def port(self):
        (port,) = {c.laddr.port for c in self.process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
        return port


def find_servers(hub):
    """{student: Server} of all that the hub has started, by the name that it has put into their environment."""
    servers = {}
    for process in psutil.Process(hub.hub.pid).children(recursive=True):
        try:
            command, environment = " ".join(process.cmdline()), process.environ()
        except psutil.NoSuchProcess:  # a hook that is done
            continue
        part = {"jupyterhub-singleuser": "process", "ipykernel_launcher": "kernel"}
        for word in part:
            if word in command:
                setattr(servers.setdefault(environment["JUPYTERHUB_USER"], Server()), part[word], process)
    return servers


def megabytes(process):
    """{"pss", "rss", "peak"} of a process: shared pages counted in parts, wholly, and wholly at the highest."""
    numbers = {}
    for file, names in (("smaps_rollup", {"Pss": "pss"}), ("status", {"VmRSS": "rss", "VmHWM": "peak"})):
        for line in Path(f"/proc/{process.pid}/{file}").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in names:
                numbers[names[name]] = int(rest.split()[0]) / 1024
    return numbers


def seconds(process):
    times = process.cpu_times()
    return times.user + times.system


def measure(hub, students, servers):
    """What the class takes while all its notebooks are open: a dictionary of numbers, and of lists of one per student."""
    found = {
        "students": len(students),
        "server, processor until ready (s)": [s.processor for s in students if s.processor],
    }
    for name in ("server ready", "first cell", "whole notebook"):
        found[f"{name} (s)"] = [student.times[name] for student in students if name in student.times]
    for part in ("process", "kernel"):
        label = "server" if part == "process" else "kernel"
        memory = [megabytes(getattr(server, part)) for server in servers.values() if getattr(server, part)]
        for kind in ("pss", "rss", "peak"):
            found[f"{label}, {kind} (MB)"] = [numbers[kind] for numbers in memory]
        found[f"{label}, processor (s)"] = [seconds(getattr(s, part)) for s in servers.values() if getattr(s, part)]
    (proxy,) = (p for p in psutil.Process(hub.hub.pid).children() if "configurable-http-proxy" in " ".join(p.cmdline()))
    for label, process in {"hub": psutil.Process(hub.hub.pid), "proxy": proxy}.items():
        found[f"{label}, pss (MB)"] = megabytes(process)["pss"]
        found[f"{label}, processor (s)"] = seconds(process)
    waited_for = psutil.Process(hub.hub.pid).cpu_times()
    found["hooks, processor (s)"] = waited_for.children_user + waited_for.children_system
    found["home (MB)"] = [
        sum(path.lstat().st_blocks * 512 for path in (hub.folder / "homes" / student.name).rglob("*")) / 2**20
        for student in students
    ]
    return found


def summary(found):
    """The same numbers, with median, p95 and greatest in place of each list."""
    short = {}
    for name, value in found.items():
        if isinstance(value, list):
            ranked = sorted(value)
            p95 = ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))] if ranked else None
            value = {"median": statistics.median(ranked), "p95": p95, "max": ranked[-1]} if ranked else {}
            value = {key: round(number, 1) for key, number in value.items()}
        short[name] = round(value, 1) if isinstance(value, float) else value
    return short


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def answers(address):
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False


def wait_for(ready, what, limit=60):
    deadline = time.monotonic() + limit
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} does not answer after {limit} s")
        time.sleep(0.1)


def found(pattern, page):
    match = re.search(pattern, page.text)
    if not match:
        raise RuntimeError(f"{page.url} does not hold {pattern}")
    return html.unescape(match[1])


def hold(count, notebook, within):
    """A class of `count` students who come within so many seconds: what was measured, and what went wrong."""
    names = [f"student{number:02d}" for number in range(1, count + 1)]
    with Hub(names) as hub:
        students = [Student(hub, name, notebook, within * number / count) for number, name in enumerate(names)]
        for student in students:
            student.start()
        for student in students:
            student.join()
        failures = [f"{student.name}: {failure}" for student in students for failure in student.failures]
        servers = find_servers(hub)
        failures += [
            f"{name} has no server with a kernel" for name in names if name not in servers or not servers[name].kernel
        ]
        measured = measure(hub, students, servers)
        if not failures:
            for student, other in zip(students, students[1:] + students[:1], strict=True):
                failures += intrude(student, other, servers, hub.first_uid)
            failures += pull_by_link(students[0], hub.course)
        measured["separate system users"] = bool(hub.first_uid)
        if hub.first_uid:
            print(f"Each student runs as a system user of their own (uids from {hub.first_uid}).")
        else:
            print(f"NOT run as separate system users: {hub.why_shared}. What one may read of another's files on the")
            print("machine itself has not been tried; what the servers give out has.")
        if failures:
            LOG.parent.mkdir(exist_ok=True)
            LOG.write_text(hub.log())
            print(f"What the hub and the servers said: {LOG}", file=sys.stderr)
    return measured, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=30, help="how many (at least 2)")
    parser.add_argument("--within", type=float, default=30, metavar="SECONDS", help="in which they all sign in")
    parser.add_argument("--save", type=Path, metavar="FILE", help="put the numbers into this JSON file")
    parser.add_argument("--notebook", default="02", metavar="NN", help="which they run")
    options = parser.parse_args()
    if options.students < 2:
        parser.error("one student has no neighbour to be kept away from")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all is cleaned up then, too

    notebook = next((ROOT / "notebooks").glob(f"{options.notebook}_*.ipynb")).name
    began = time.monotonic()
    measured, failures = hold(options.students, notebook, options.within)
    measured = summary({**measured, "within (s)": options.within, "whole test (s)": time.monotonic() - began})
    for name, value in measured.items():
        words = ", ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else value
        print(f"{name:28} {words}")
    if options.save:
        saved = json.loads(options.save.read_text()) if options.save.exists() else {}
        saved[f"{options.students} students, notebook {options.notebook}"] = {**measured, "failures": len(failures)}
        options.save.write_text(json.dumps(saved, indent=2, sort_keys=True) + "\n")
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    failed = {re.search(r"student\d+", failure)[0] for failure in failures}
    print(f"{options.students - len(failed)} passed, {len(failed)} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
