# Lookout: `make run` starts everything with the simulated district, `make test` tests everything.
# EXTRAS=yolo adds ultralytics (import, export, training) and PyTorch, with CUDA where there is an NVIDIA driver; EXTRAS=int8 (or "yolo int8") NNCF.
# VAR=DIR moves the data of `make run`, PORT=N its page.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY := .venv/bin/python
EXTRAS ?=
VAR ?= var
PORT ?= 8080
PYTEST_ARGS ?=

.PHONY: help setup setup-dev wall run test check lint types unit bench e2e locks clean

help:
	@echo "make setup   the virtual environment and the wall"
	@echo "make run     the whole system on the simulated district; prints the address and the first password"
	@echo "make test    every test (EXTRAS=yolo: those that need ultralytics too)"
	@echo "make check   format, lint, types, import contracts, unit tests"
	@echo "make e2e     the browser tests alone"
	@echo "make bench   speed, as ratios against named peers"

setup:
	@bash scripts/setup.sh run $(EXTRAS)

setup-dev:
	@bash scripts/setup.sh dev $(EXTRAS)

wall:
	@bash scripts/build_wall.sh

run: setup wall
	@exec $(PY) -m scripts.run --var "$(VAR)" --port "$(PORT)"

check: setup-dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	$(PY) -m mypy --strict kernel ingest detect drone command_api supervisor scripts tests
	.venv/bin/lint-imports
	$(PY) -m pytest tests/unit $(PYTEST_ARGS)

test: setup-dev wall
	@bash scripts/test.sh $(PYTEST_ARGS)

e2e: setup-dev wall
	$(PY) -m pytest tests/e2e $(PYTEST_ARGS)

bench: setup-dev
	$(PY) -m pytest tests/bench $(PYTEST_ARGS)
	$(PY) -m supervisor bench ingest
	$(PY) -m supervisor bench detect
	$(PY) -m supervisor bench live
	$(PY) -m supervisor bench stream

locks: setup-dev
	@bash scripts/lock.sh

clean:
	rm -rf .venv wall/node_modules wall/dist build *.egg-info
