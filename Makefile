# Two commands matter: `make run` (the whole pipeline once, on this machine) and `make test`. `make help` lists all.
SHELL := /bin/bash
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
export HEALTHCARE_HOME ?= .local

# The first Python 3.11 or 3.12 that works; PYTHON=/path/to/python3.12 decides it by hand.
PYTHON ?= $(shell for p in python3 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo $$p && break; done)

.PHONY: help run up down status dashboard test coverage test-fast test-browser test-cloud test-scheduler test-faults check on-call preflight contracts pages bench data sample lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 with venv is needed; none was found. Install one, or set PYTHON=/path/to/it."; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && touch $@

$(VENV)/.runtime: requirements.txt | $(VENV)/.uv
	@echo "Installing requirements.txt (pinned, hashed)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements.txt && touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/.uv
	@echo "Installing requirements-dev.txt (pinned, hashed)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements-dev.txt && touch $@ $(VENV)/.runtime

run: $(VENV)/.runtime ## run the whole pipeline once, Drive folder to published KPIs, no account needed; nothing stays running (ARGS="--since 2024-01-01")
	@$(BIN)/python -m local.run.run $(ARGS)

up: $(VENV)/.runtime ## Airflow, which then runs the pipeline daily, and the dashboard in the background
	@$(BIN)/python -m local.run up

down: ## end everything that `up` and `run` have started
	@test ! -x $(BIN)/python || $(BIN)/python -m local.run down

status: $(VENV)/.runtime ## what is running, and where; fails when something is dead that should run
	@$(BIN)/python -m local.run status

dashboard: $(VENV)/.runtime ## the dashboard in the foreground, on what `make run` published
	@$(BIN)/python -m streamlit run dashboard/server.py

test: $(VENV)/.dev ## every test but those of the four targets below; of the fault suite one fault of each kind
	@$(BIN)/python -m pytest tests -n 2 --dist loadfile -m "not browser and not cloud and not scheduler and not faults"

coverage: $(VENV)/.dev ## `make test`, a quarter slower, and which share of our own code it runs
	@$(BIN)/python -m pytest tests -n 2 --dist loadfile -m "not browser and not cloud and not scheduler and not faults" --cov --cov-report=
	@echo "Coverage of include, dags, plugins and dashboard: $$($(BIN)/python -m coverage report --format=total) % of lines"

test-fast: $(VENV)/.dev ## the fast core, under two minutes: contracts, ingest, terminal
	@$(BIN)/python -m pytest -n 2 -m "not slow and not browser" tests/contracts tests/ingest tests/warehouse tests/on_call tests/alerts tests/local/run

test-browser: $(VENV)/.dev ## dashboard and Airflow's page "Data landing" in headless Chromium
	@$(BIN)/python -m pytest tests -m browser

test-cloud: $(VENV)/.dev ## the whole DAG on the Snowflake emulator and moto, beside DuckDB: the same gold
	@$(BIN)/python -m pytest tests -m cloud

test-scheduler: $(VENV)/.dev ## failures and reruns under a real Airflow on PostgreSQL
	@$(BIN)/python -m pytest tests -m scheduler

test-faults: $(VENV)/.dev ## kill it anywhere, break anything around it: the same warehouse, row by row
	@$(BIN)/python -m pytest tests/faults -n 2 --dist loadfile --write-reliability

check: $(VENV)/.dev ## linters, types, SQL style, stale contracts and pages, templates
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy include local dags plugins dashboard
	@$(BIN)/mypy tests benchmarks deploy
	@$(BIN)/python -m include.contracts.render_staging --check
	@$(BIN)/python -m local.pages --check
	@$(BIN)/sqlfluff lint --processes 2 include/dbt_healthcare/models include/dbt_healthcare/tests
	@$(BIN)/cfn-lint deploy/aws.yml
	@$(BIN)/hadolint Dockerfile dashboard/Dockerfile

on-call: $(VENV)/.runtime ## an on-call verb (ARGS="status", "verify", "retry FILE", …; see docs/runbook.md)
	@$(BIN)/python -m local.run.on_call $(ARGS)

preflight: $(VENV)/.runtime ## try every connection, permission, bucket, table, stage and role of the cloud size
	@$(BIN)/python -m include.on_call.preflight

contracts: $(VENV)/.runtime ## render dbt sources and staging from the contracts
	@$(BIN)/python -m include.contracts.render_staging

pages: $(VENV)/.dev ## render the data dictionary and the entity diagram from the dbt project
	@$(BIN)/python -m local.pages

data: $(VENV)/.runtime ## download CMS's newest files into RAWDATA; run again, it continues (ARGS="--quarters 4 --families nh_penalties")
	@$(BIN)/python -m local.download.cms_download $(ARGS)

sample: $(VENV)/.runtime ## fill an empty folder with sample data: RAWDATA, or rawdata/ (SIZE=small or full)
	@$(BIN)/python -m local.sample --size $(or $(SIZE),small)

bench: $(VENV)/.dev ## speed and memory, each as a ratio against a floor measured beside it
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.uv ## resolve requirements*.in again
	@for name in requirements requirements-dev dashboard/requirements deploy/airflow; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --excludes excludes.txt $$name.in -o $$name.txt; done

clean: down ## remove the virtual environment and all state of the embedded default
	@rm -rf $(VENV) $(HEALTHCARE_HOME)
