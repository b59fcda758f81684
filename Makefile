# The one list of tasks. `make run` and `make test` do all their own set-up.
SHELL := /bin/sh
BIN := .venv/bin
CONFIG ?= configs/default.yaml

.PHONY: help run test test-system lint format lock generated clean setup

help: ## say what there is to do
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## make .venv from requirements.lock (the other tasks do it by themselves)
	@PYTHON="$(PYTHON)" .ci/setup

run: setup ## run the night on the embedded default (CONFIG=configs/lcr.yaml: real inputs)
	@$(BIN)/lcr run --config $(CONFIG)

test: setup ## every test: style, types, units, kernels without the JIT, MPI, a whole tiny night, Slurm where installed
	@$(BIN)/python tests/check.py

test-system: ## install Slurm's Debian packages, which the Slurm tests need (root only; services are not started)
	@slurm/devcluster/install.sh

lint: setup ## style and types only
	@$(BIN)/python tests/check.py style types

format: setup ## put code and workflows into the house style
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format --quiet . && $(BIN)/snakefmt Snakefile workflows

generated: setup ## write the files that are made from code: configs/default.yaml, schema.json, docs/data-dictionary.md
	@$(BIN)/python -m lcr_hpc.night.generated

lock: ## resolve requirements.lock again (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --upgrade -o requirements.lock

clean: ## remove .venv, caches and runs/
	rm -rf .venv runs .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
