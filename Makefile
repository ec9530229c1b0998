# make help explains. Everything is installed into this folder: .venv, .engine-venv, .bench-venv, node_modules.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := $(shell node --version 2>/dev/null | sed 's/^v//; s/\..*//')
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test browser unit infrastructure local fault snapshots check format synth bootstrap deploy destroy bench bench-kinds bench-dashboard audit audit-iam sbom fuzz rates cost screenshots lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / {printf "  make %-28s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed node_modules/.installed .engine-venv/made-from.txt ## set up everything (the other targets do it by themselves)

.venv/.installed: requirements.txt requirements-dev.txt pyproject.toml
	@echo "== Python packages into .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Name another with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements.txt -r requirements-dev.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/.installed: package-lock.json
	@echo "== the CDK command line into node_modules"
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed for the CDK command line."; exit 1; }
	@npm ci --silent
	@touch $@

.engine-venv/made-from.txt: .venv/.installed local/requirements.txt local/function_requirements.txt
	@echo "== the embedded engine into .engine-venv"
	@$(BIN)/python -m local.install
	@touch $@

demo: install ## compute exact sales from real orders in the embedded engine
	@bash samples/demo.sh

test: install browser ## all tests: unit, infrastructure, local (the deployed stack in the embedded engine, also in a browser)
	@$(BIN)/pytest

browser: install ## find a Chrome or Chromium for the browser tests, or install Debian's where it may; BROWSER_TESTS=0 leaves them out
	@$(BIN)/python -m tests.local.browser.installed

local: browser
unit infrastructure local: install ## one kind of tests: make unit, make infrastructure, make local
	@$(BIN)/pytest tests/$@

snapshots: install ## accept the template, the state machine and the roles as they are now
	@$(BIN)/python -m tests.infrastructure.permissions.document
	@$(BIN)/pytest tests/infrastructure --snapshot-update

fault: install ## the seeded fault harness: make fault SEEDS=2000 START=1
	@$(BIN)/python -m tests.fault --seeds $(or $(SEEDS),200) --start $(or $(START),0)

check: install ## lint, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: install ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

synth: install ## write the CloudFormation template to cdk.out
	@cdk synth --quiet $(ARGS) && echo "The template is in cdk.out."

bootstrap: install ## prepare the account and region of your credentials for the CDK, once: make bootstrap ARGS="--profile NAME"
	@cdk bootstrap $(ARGS)

deploy: install ## deploy to the AWS account of your credentials, after make bootstrap: make deploy ARGS="-c name=value"
	@cdk deploy $(ARGS)

destroy: install ## take the stack away; buckets and tables stay, unless its profile is dev (all four pass ARGS on to the CDK)
	@cdk destroy $(ARGS)

bench: install .bench-venv/.installed ## measure this system against others and write docs/benchmarks.md: make bench WORKLOADS="sf1 sf10"
	@$(if $(WORKLOADS),true,$(BIN)/python -m benchmarks.engine)
	@$(BIN)/python -m benchmarks.comparison $(if $(WORKLOADS),--workloads $(WORKLOADS))
	@.bench-venv/bin/python -m benchmarks.comparison.chart

fuzz: install ## feed the Python parts of the parser any bytes, guided by coverage: make fuzz SECONDS=600
	@for name in text heading records array order_format expression; do \
	  echo "== $$name"; $(BIN)/python -m tests.fuzz $$name --seconds $(or $(SECONDS),60) || exit 1; done

bench-kinds: install ## measure every kind of order file against DuckDB reading the same file
	@$(BIN)/python -m benchmarks.kinds

bench-dashboard: install browser ## measure the browser view with 10,000 runs and 1 million merchants
	@$(BIN)/python -m benchmarks.dashboard

audit: .audit-venv/.installed ## look for known vulnerabilities of all pins; what can't be asked for is NOT CHECKED, exit code 3
	@.audit-venv/bin/python -m supply_chain audit

audit-iam: install ## take everything out of the policies in turn, and say what notices it
	@$(BIN)/python -m tests.infrastructure.permissions

sbom: .audit-venv/.installed ## write CycloneDX bills of materials to build/sbom
	@.audit-venv/bin/python -m supply_chain sbom

.audit-venv/.installed: supply_chain/requirements.txt
	@echo "== the auditors into .audit-venv"
	@$(PYTHON) -m venv .audit-venv
	@.audit-venv/bin/pip install --quiet --require-hashes -r supply_chain/requirements.txt
	@touch $@

.bench-venv/.installed: benchmarks/requirements.txt
	@echo "== what is measured against into .bench-venv"
	@$(PYTHON) -m venv .bench-venv
	@.bench-venv/bin/pip install --quiet --require-hashes -r benchmarks/requirements.txt
	@touch $@

rates: install ## measure the rates that the estimate of cost and time reckons with, and write them down
	@$(BIN)/python -m benchmarks.rates --write

screenshots: install browser ## take the pictures of docs/images from the embedded engine, after make demo
	@$(BIN)/python -m tests.local.browser.screenshots

cost: install ## write the tables of docs/cost.md
	@$(BIN)/python -m cli.estimate.document

lock: install ## pin what the .in files name, with hashes; make lock UPGRADE=1 takes the newest versions of all
	@for name in requirements requirements-dev benchmarks/requirements supply_chain/requirements local/requirements local/function_requirements lambdas/requirements/tools lambdas/requirements/duckdb lambdas/requirements/sdk; do \
	  $(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt; done

clean: ## take away what make has made, the embedded engine's state too
	@if [ -x $(BIN)/merchant-sales ]; then $(BIN)/merchant-sales local stop || true; fi
	@rm -rf .venv .engine-venv .bench-venv .audit-venv node_modules .local .bundle cdk.out build *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache demo-export.csv
	@find . -name __pycache__ -prune -exec rm -rf {} +
