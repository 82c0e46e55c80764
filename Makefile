# Two commands are enough: `make run` starts the studio, `make test` tests it. Everything else is a habit with a name.
# Works with GNU make 3.81 (macOS) and newer. `make help` lists all targets.

SHELL := /bin/bash
VENV  ?= .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.ready
PEERS := .venv-peers

# The interpreter: `PYTHON=…` if given, else the first of these that is 3.11 to 3.13 and can make an environment.
FITS   = import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c '$(FITS)' 2>/dev/null && { echo "$$p"; break; }; done)

# Where PyTorch comes from, if not from your usual package index (see README, "CPU or GPU").
TORCH_INDEX ?=
INDEX_ARGS   = $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

# Tests of one file share a warm studio, so files, not tests, are handed to the processes. Those in a browser have the machine for
# themselves: of two browsers at a time on two cores, four tests in 49 waited in vain, and why is not found yet.
SIDE_BY_SIDE = --numprocesses=auto --maxprocesses=4 --dist=loadfile

.PHONY: help run test test-all check format bench bench-peers docs screenshots clean
.DEFAULT_GOAL := help

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Samajh needs Python 3.11, 3.12 or 3.13 with venv (on Debian and Ubuntu: apt install python3 python3-venv)."; \
		echo "If you have one elsewhere: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; fi
	@echo "Setting up, once. This downloads PyTorch and about 100 libraries and takes 1 to 5 minutes on a usual line."
	@echo "  1/2  environment in $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "  2/2  libraries, as pinned in constraints.txt"
	@set -o pipefail; start=$$SECONDS; \
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off $(INDEX_ARGS) \
		-c constraints.txt -e '.[dev]' | sed -n -E 's/^ *Downloading (.*)$$/       \1/p' \
	&& touch $@ && echo "Ready after $$((SECONDS - start)) seconds."

run: $(STAMP)  ## set up if needed, then start the studio and open its page
	@echo "Starting the studio; the page opens in a few seconds. Ctrl-C stops it."
	@exec $(BIN)/samajh up

test: $(STAMP)  ## set up if needed, then run the tests (browser tests need Chromium)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow and not peers and not browser" $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m "browser and not slow and not peers" $(PYTEST_ARGS)

test-all: $(STAMP)  ## all tests: twenty fault trials each, and the slow ones
	SAMAJH_FAULT_TRIALS=20 $(BIN)/python -m pytest -m "not peers" $(PYTEST_ARGS)

check: $(STAMP)  ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP)  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## measure; one table and one JSON file in bench-results/
	$(BIN)/python -m tests.benchmarks

# MLflow as mlflow-skinny: the whole package wants an older pandas, and pip would go back to one of 2022.
# torchvision, which some peers need, exists for torch 2.14.1 and not for 2.13.0: so both sides run there.
$(PEERS)/.ready: pyproject.toml constraints.txt
	@echo "Setting up the peers' environment, once: several GB, 3 to 10 minutes."
	@$(PYTHON) -m venv $(PEERS)
	@grep -v -E '^(torch)==' constraints.txt > $(PEERS)/constraints.txt
	@$(PEERS)/bin/python -m pip install --disable-pip-version-check --quiet -c $(PEERS)/constraints.txt \
		torch==2.14.1 torchvision==0.29.1 diffusers denoising-diffusion-pytorch efficientnet-lite-pytorch lightly shapiq==1.4.1 \
		"mlflow-skinny>=3" "pot>=0.9" -e '.[dev]'
	@$(PEERS)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps torchcfm==1.0.7  # its notebooks want much more
	@touch $@

bench-peers: $(PEERS)/.ready  ## the same benchmarks beside MLflow, TensorBoard, diffusers, lightly, torchcfm and others
	$(PEERS)/bin/python -m tests.benchmarks --peers

docs: $(STAMP)  ## write the generated parts of README and docs
	$(BIN)/python -m tests.generated_docs --write

screenshots: $(STAMP)  ## take the README's screenshots with a real browser
	$(BIN)/python -m tests.browser.screenshots

clean:  ## remove the environments and caches (your runs in SAMAJH_HOME stay)
	rm -rf $(VENV) $(PEERS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache bench-results
