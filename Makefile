# TaskRouter Lab. `make` says what there is to run; `make lab` is the one that most people want.
# Written for GNU make 3.81 (macOS) and any POSIX sh.

VENV    := .venv
BIN     := $(VENV)/bin
RUN     := $(VENV)/.installed-lab
DEV     := $(VENV)/.installed-dev
WORKSHOP := $(VENV)/.installed-workshop
LOG     := $(VENV)/install.log
LAB_ARGS ?=
SOAK_MINUTES ?= 10
SOAK_ROUNDS ?= 100
DESK_ARGS ?=
PYTEST_ARGS ?=
WORKSHOP_ARGS ?=
WORKSHOP_FOLDER ?=
PARTICIPANTS ?= 30
REHEARSAL_ARGS ?=

# As many tests at once as there are cores; those of one file stay together, because they share what they set up.
AT_ONCE := -n logical --maxprocesses 8 --dist loadfile
# Where only some tests are asked for, one of the two runs of `make test` may have none of them (pytest exits with 5).
SOME := $(if $(strip $(PYTEST_ARGS)),|| [ $$? -eq 5 ])
COMMA := ,
IN_FOLDER := $(if $(strip $(WORKSHOP_FOLDER)),--folder "$(WORKSHOP_FOLDER)")
# What Python compiled is kept: the tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

# uv makes the environment where it is installed; `make UV= setup` does without.
UV := $(shell command -v uv 2>/dev/null)

# The first of these that is Python 3.11 or newer; `make PYTHON=/path/to/python setup` chooses another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$name -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then command -v $$name; break; fi; done)

.PHONY: help setup dev lab desk agent-sdk workshop-setup workshop workshop-end workshop-rehearsal quick test check lint types fix bench soak pictures clean

help: ## say what there is to run (this list)
	@echo "TaskRouter Lab"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

setup: $(RUN) ## make .venv with what the lab needs (about a minute, once)
	@echo "The lab is installed in $(VENV). Next: make lab"

lab: $(RUN) ## open the first notebook in JupyterLab; LAB_ARGS="--no-browser --port 9000" is passed on
	@$(BIN)/python -m labkit lab -- $(LAB_ARGS)

desk: $(RUN) ## open the desk as a page of its own, without code; DESK_ARGS=--look-only for a wall
	@$(BIN)/python -m labkit desk -- $(DESK_ARGS)

agent-sdk: $(RUN) ## get Twilio's own Worker SDK for the agent page, from npm (needs Node.js)
	@$(BIN)/python -m labkit agent-sdk

workshop-setup: $(WORKSHOP) ## install what a workshop on this machine needs: JupyterHub, and by npm a proxy and Twilio's Worker SDK
	@$(BIN)/python -m workshop setup

workshop: $(WORKSHOP) ## open a workshop; WORKSHOP_ARGS="--host 10.0.0.7 --port 8000" is passed on, --help says what there is
	@$(BIN)/python -m workshop open $(IN_FOLDER) $(WORKSHOP_ARGS)

workshop-end: $(WORKSHOP) ## close it: ends everybody's server, the hub and the proxy, and deletes nobody's work
	@$(BIN)/python -m workshop end $(IN_FOLDER)

workshop-rehearsal: $(WORKSHOP) ## have PARTICIPANTS=30 pretended people do the first notebook, and say whether this machine will do
	@$(BIN)/python -m workshop rehearsal --participants $(PARTICIPANTS) $(REHEARSAL_ARGS)

quick: $(DEV) ## run the tests that need no browser and no process of their own: before every commit
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not (browser or process or alone or soak)" $(PYTEST_ARGS)

test: $(DEV) ## run every test (installs what they need); PYTEST_ARGS="-k stream" is passed on
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not (alone or soak)" $(PYTEST_ARGS) $(SOME)
	@$(BIN)/python -m pytest -m "alone and not soak" $(PYTEST_ARGS) $(SOME)

check: lint types test ## format, lint, types, layers, notebooks and all tests: run it before every commit

lint: $(DEV) ## format and lint, changing nothing; the JavaScript too where there is Node.js
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/python tests/javascript_checks.py lint

types: $(DEV) ## check the types (mypy, strict; tsc, strict, where there is Node.js)
	@$(BIN)/mypy
	@$(BIN)/python tests/javascript_checks.py types

fix: $(DEV) ## format, and mend what the linters can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/python tests/javascript_checks.py fix

bench: $(DEV) ## measure, print a table with ratios, write bench.json
	@$(BIN)/python -m bench

soak: $(DEV) ## kill 100 times under load, watch memory for 10 minutes, play 1,000 random worlds; SOAK_ROUNDS=, SOAK_MINUTES=
	@SOAK_ROUNDS=$(SOAK_ROUNDS) SOAK_MINUTES=$(SOAK_MINUTES) $(BIN)/python -m pytest -m soak -s
	@LABKIT_HYPOTHESIS=soak $(BIN)/python -m pytest $(AT_ONCE) -m chance --timeout 7200

pictures: $(DEV) ## take the documentation's pictures anew, in a real browser
	@LABKIT_SAVE_SCREENSHOTS=1 $(BIN)/python -m pytest -m browser

dev: $(DEV) ## make .venv with what the tests need too
	@echo "The lab and its tests are installed in $(VENV). Next: make test"

clean: ## remove .venv and everything else that was made here
	rm -rf $(VENV) build *.egg-info bench.json test-artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Python itself. A half-made environment is worse than none, so what failed is removed.
$(BIN)/python:
ifneq ($(UV),)
	$(UV) venv --python '>=3.11' $(VENV) || { rm -rf $(VENV); exit 1; }
else
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c '$(NEW_ENOUGH)'; then \
		echo "The lab needs Python 3.11 or newer, and found none ($(if $(PYTHON),$(PYTHON) is older,python3 is missing or older))." >&2; \
		echo "Install one from https://www.python.org/downloads/ or say where it is: make PYTHON=/path/to/python3 setup" >&2; \
		exit 1; fi
	@echo "Making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
endif

ifneq ($(UV),)
INSTALL := $(UV) pip install --python $(BIN)/python
else
INSTALL := $(BIN)/python -m pip install
endif

# Installs $(1): a dot every two seconds; what the installer says goes into a file, and its end is shown where it fails.
# The dots end with the shell that asked for them, however it ends.
define install
	@printf 'Installing $(2) into $(VENV), about a minute the first time '; \
	(while sleep 2 >/dev/null 2>&1 && kill -0 $$$$ 2>/dev/null; do printf .; done) & dots=$$!; \
	trap 'kill $$dots 2>/dev/null' EXIT; trap 'exit 130' INT TERM; \
	$(INSTALL) $(1) >$(LOG) 2>&1 || { \
		printf ' failed. The end of what was said (all of it is in $(LOG)):\n\n' >&2; tail -n 15 $(LOG) >&2; exit 1; }; \
	echo ' done'
endef

# The stamps: made when the install is whole, remade when pyproject.toml is newer.
$(RUN): pyproject.toml | $(BIN)/python
	$(call install,-e .,what the lab needs)
	@touch $@

$(WORKSHOP): pyproject.toml | $(BIN)/python
	$(call install,-e '.[workshop]',what a workshop needs)
	@touch $(RUN) $@

$(DEV): pyproject.toml | $(BIN)/python
	$(call install,-e '.[dev$(COMMA)workshop]',what the lab and its tests need)
	@touch $(RUN) $(WORKSHOP) $@
