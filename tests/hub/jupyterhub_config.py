"""The hub of the class test: deploy/zero-to-jupyterhub.yaml, as far as it goes without Kubernetes. See class_test.py.

Each student gets a home, the hook that brings the collection into it, and a server of their own on 127.0.0.1. Not for a
real class: everybody who knows the password comes in under any student's name.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import yaml
from jupyterhub.spawner import SimpleLocalProcessSpawner

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ["CLASS_FOLDER"])
PLAN = json.loads((FOLDER / "hub" / "plan.json").read_text())
VALUES = yaml.safe_load((ROOT / "deploy" / "zero-to-jupyterhub.yaml").read_text())["singleuser"]


class Student(SimpleLocalProcessSpawner):
    """A server in a home of its own and, where PLAN gives a first uid, as a system user of its own."""

    home_dir_template = f"{FOLDER}/homes/{{username}}"

    def make_preexec_fn(self, name):
        home, uid = self.home_dir, PLAN["first_uid"] and PLAN["first_uid"] + PLAN["students"].index(name)

        def preexec():
            os.nice(10)  # hub and proxy go first, as deploy/ says why
            if uid:
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            os.chdir(home)

        return preexec

    async def start(self):
        """What Kubernetes does: a home for its student alone, the hook in it, and then the server."""
        name = self.user.name
        Path(self.home_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
        if PLAN["first_uid"]:
            uid = PLAN["first_uid"] + PLAN["students"].index(name)
            os.chown(self.home_dir, uid, uid)
        hook = VALUES["lifecycleHooks"]["postStart"]["exec"]["command"]
        done = await asyncio.create_subprocess_exec(*hook, env=self.get_env(), preexec_fn=self.make_preexec_fn(name))
        if await done.wait() != 0:
            raise RuntimeError(f"the hook of {name} failed, as it never may")
        return await super().start()


c = get_config()  # noqa: F821
c.JupyterHub.bind_url = f"http://127.0.0.1:{PLAN['port']}"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = PLAN["hub_port"]
c.JupyterHub.db_url = f"sqlite:///{FOLDER}/hub/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{FOLDER}/hub/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = PLAN["password"]
c.Authenticator.allowed_users = set(PLAN["students"])
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PLAN['proxy_port']}"
c.ConfigurableHTTPProxy.command = [PLAN["proxy"]]
c.ConfigurableHTTPProxy.pid_file = f"{FOLDER}/hub/proxy.pid"

c.JupyterHub.spawner_class = Student
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 and not PLAN["first_uid"] else []
c.Spawner.default_url = VALUES["defaultUrl"]
c.Spawner.environment = {
    **VALUES["extraEnv"],
    "COURSE_ADDRESS": PLAN["course"],
    "REPO_DIR": "/nowhere",  # no copy of an image to fall back to: whoever has the collection got it by gitpuller
    "JUPYTER_CONFIG_PATH": f"{FOLDER}/settings",  # where class_test.py has put the file of `extraFiles`
}
c.Spawner.start_timeout = 300  # seconds, as the chart's: two cores start thirty servers
c.Spawner.http_timeout = 300
