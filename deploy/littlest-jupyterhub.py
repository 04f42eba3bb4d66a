"""A class on one machine: settings for The Littlest JupyterHub, for /opt/tljh/config/jupyterhub_config.d/."""

from urllib.parse import urlencode

# More BLAS threads than cores make small products ten times slower, and NumPy takes one thread for each core.
c.Spawner.environment = {"OPENBLAS_NUM_THREADS": "1"}  # noqa: F821

# A server begins with nbgitpuller: the collection comes into the home, and what has changed since at each start; a
# student's own changes are kept. Then it opens the first notebook.
c.Spawner.default_url = "/git-pull?" + urlencode(  # noqa: F821
    {
        "repo": "https://REPLACE-GIT/neural-network-building-blocks",
        "branch": "main",
        "targetpath": "building-blocks",
        "urlpath": "lab/tree/building-blocks/notebooks/00_start_here.ipynb",
    }
)
