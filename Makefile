# make lab · make test · make notebooks · make cheat-sheet · make site · make address · make student · make marks · make bench · make lint · make lock
# make parity · make fuzz · make faults · make teeth · make mutants · make class
# PYTHON= chooses an interpreter, VENV= another folder for the environment, CONSTRAINTS= another lock file.

VENV ?= .venv
CONSTRAINTS ?= constraints.txt
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
RUN = $(VENV)/bin/python -m
PIP = $(RUN) pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) --requirement
# What Jupyter is told when it starts (pip puts it there): no news over the notebook, no delay on the way to the page.
SETTINGS = $(shell find lab -type f)

.PHONY: lab test notebooks cheat-sheet site address student marks bench lint lock parity fuzz faults teeth mutants class clean

lab: $(VENV)/.reader
	$(RUN) jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(if $(PORT),--port=$(PORT)) $(ARGS)

# Two runs: under --cov, nbval loses its kernels (nbval 0.11 with pytest-cov 7). ARGS= runs just what it names.
# Two at a time, each with one BLAS thread: more threads than cores make small products ten times slower.
# File by file in their order: the long ones, in the browser, do not come last then.
test: export OPENBLAS_NUM_THREADS = 1
test: PYTEST = $(RUN) pytest -n 2 --dist loadfile --no-loadscope-reorder
test: $(VENV)/.maintainer
ifdef ARGS
	$(PYTEST) $(ARGS)
else
	$(PYTEST) notebooks
	$(PYTEST) tests --cov --cov-report=term
endif

notebooks: $(VENV)/.maintainer
	$(VENV)/bin/python tests/notebooks/rerun.py $(ARGS)

cheat-sheet: $(VENV)/.maintainer
	$(VENV)/bin/python tools/cheat_sheet.py

site: $(VENV)/.maintainer
	$(RUN) sphinx -W --keep-going -q -c site . build/site
	@echo "The site is in build/site: open build/site/index.html, or serve it: $(RUN) http.server -d build/site"

address: $(VENV)/.reader
	$(VENV)/bin/python tools/address.py "$(REPO)"

student: $(VENV)/.reader
	$(VENV)/bin/python tools/student.py $(ARGS)

marks: $(VENV)/.reader
	@$(VENV)/bin/python tools/student.py --marks $(ARGS)

bench: $(VENV)/.maintainer
	$(VENV)/bin/python benchmarks/bench.py $(ARGS)

lint: $(VENV)/.maintainer
	$(RUN) ruff check .
	$(RUN) ruff format --check .

lock: $(VENV)/.maintainer
	$(RUN) uv pip compile --quiet --upgrade --resolution highest $(LOCK) --output-file constraints.txt requirements-dev.txt
	$(RUN) uv pip compile --quiet --upgrade --resolution lowest-direct $(LOCK) --output-file constraints-oldest.txt requirements-dev.txt
LOCK = --universal --python-version 3.11 --no-emit-package neural-network-building-blocks \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

# Against real Keras and PyTorch, in an environment of their own (once; some minutes).
parity: .venv-parity/.done
	OPENBLAS_NUM_THREADS=1 KERAS_BACKEND=jax .venv-parity/bin/python -m pytest -o addopts= -p no:cacheprovider tests/parity $(ARGS)

# Random attacks on whatever reads what others wrote: make fuzz ARGS="--cases 500 --seed 7"
fuzz: $(VENV)/.maintainer
	OPENBLAS_NUM_THREADS=1 $(VENV)/bin/python tests/fuzz/fuzz.py $(ARGS)

faults: $(VENV)/.maintainer
	OPENBLAS_NUM_THREADS=1 $(RUN) pytest -s tests/faults/test_faults.py tests/browser/restart.py tests/faults/side_by_side.py $(ARGS)

teeth: $(VENV)/.maintainer
	TEETH=all $(RUN) pytest -n 2 tests/notebooks/test_teeth.py $(ARGS)

mutants: $(VENV)/.maintainer
	@$(RUN) pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) "mutmut >= 3.5, < 4"
	OPENBLAS_NUM_THREADS=1 $(VENV)/bin/python tests/mutants/mutants.py $(ARGS)

# A class on a real JupyterHub, on this machine alone (Linux, with git and npm): make class STUDENTS=30
class: .venv-hub/.done
	.venv-hub/bin/python tests/hub/class_test.py --students $(or $(STUDENTS),5) $(ARGS)

clean:
	rm -rf $(VENV) .venv-parity .venv-hub build *.egg-info .pytest_cache .ruff_cache .hypothesis

# The two stamp files say that an installation is complete; each is older than what it was made from, or remade.

$(VENV)/.reader: requirements.txt pyproject.toml $(CONSTRAINTS) $(SETTINGS)
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, but $(or $(PYTHON),python3) is $$($(or $(PYTHON),python3) -V 2>/dev/null || echo not there). Get one from https://www.python.org/downloads/ or name yours: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Installing into $(VENV) (once; about a minute) ..."
	@test -x $(VENV)/bin/python || "$(PYTHON)" -m venv $(VENV)
	@$(PIP) requirements.txt
	@touch $@

$(VENV)/.maintainer: requirements-dev.txt $(VENV)/.reader
	@echo "Installing the tests' tools ..."
	@$(PIP) requirements-dev.txt
	@touch $@

.venv-parity/.done: requirements-parity.txt
	@echo "Installing Keras, JAX and PyTorch into .venv-parity (once; some minutes) ..."
	@test -x .venv-parity/bin/python || "$(PYTHON)" -m venv .venv-parity
	@.venv-parity/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-parity.txt
	@touch $@

# The system's Python where it will do: each student is a system user, who may not start one in somebody's home.
.venv-hub/.done: HUB_PYTHON = $(shell /usr/bin/python3 -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/python3 || echo $(PYTHON))
.venv-hub/.done: requirements-hub.txt requirements.txt pyproject.toml $(CONSTRAINTS) $(SETTINGS)
	@echo "Installing JupyterHub and its proxy into .venv-hub (once; about a minute) ..."
	@rm -rf .venv-hub && $(HUB_PYTHON) -m venv .venv-hub
	@.venv-hub/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) --requirement requirements-hub.txt
	@npm install --silent --no-audit --no-fund --prefix .venv-hub/proxy configurable-http-proxy@5
	@touch $@
