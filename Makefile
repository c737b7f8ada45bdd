# Every target does its own set-up; Python 3.11+ and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help warehouse test ui demo demo-ui lint docs answers browser dg bench reliability fuzz audit clients spark lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

warehouse: $(READY) ## build the published warehouse from raw/
	@$(BIN)/sc-pipeline build

test: $(READY) ## run every test, in two processes
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

ui: $(READY) ## open the Dagster UI on http://127.0.0.1:3000
	@$(BIN)/sc-pipeline ui

demo: $(READY) ## simulate case-level productions into demo/ and build them
	@$(BIN)/sc-pipeline simulate --demo demo

demo-ui: $(READY) ## open the Dagster UI over the demo
	@$(BIN)/sc-pipeline ui --raw demo/raw --warehouse demo/warehouse

lint: $(READY) ## lint, format check, types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

docs: $(READY) ## regenerate the pages that are written from schemas and tests
	@$(BIN)/python -m tests.generate_docs

answers: $(READY) ## write the answers below the SQL in the docs again, from the shipped data and the demo
	@$(BIN)/python -m tests.cookbook

browser: $(READY) ## add what tests/test_browser.py needs beside a Chromium of your system
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-browser.lock

dg: $(READY) ## add Dagster's tool for developers: .venv/bin/dg check defs
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dg.lock

reliability: $(READY) fuzz ## at full size: bad files, kills, full disks, readers during builds; write docs/reliability.md
	@SC_PIPELINE_ENDURANCE=full $(BIN)/python -m pytest tests/endurance tests/test_corpus.py tests/test_machine.py tests/test_fuzz.py
	@$(BIN)/python -m tests.generate_docs

fuzz: $(READY) ## run a coverage-guided fuzzer for a minute on each reader; finds are kept in tests/fuzz/found (Linux)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-fuzz.lock
	@SC_PIPELINE_ENDURANCE=full $(BIN)/python -m tests.fuzz

audit: $(READY) ## compare the locked dependencies with the public advisories
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-fuzz.lock
	@$(BIN)/python -m tests.audit

clients: $(READY) ## run what docs/clients.md shows, each client in .venv-clients (needs npm)
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	@.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-clients.lock
	@SC_PIPELINE_CLIENTS=$(CURDIR)/.venv-clients/bin/python $(BIN)/python -m pytest tests/test_clients.py

spark: $(READY) ## compare every SQL table on DuckDB and on a Spark cluster of two workers (needs Java 17 or later)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock
	@SC_PIPELINE_SPARK=required $(BIN)/python -m pytest tests/endurance/test_spark.py

bench: $(READY) ## measure up to 20 million simulated rows and write docs/performance.md (an hour, 60 GB of disk)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@$(BIN)/python -m benchmarks

lock: ## write requirements.lock again from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --group dev --python-version 3.11 --upgrade --quiet pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --group browser -c requirements.lock --python-version 3.11 --upgrade --quiet -o requirements-browser.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --group dg -c requirements.lock --python-version 3.11 --upgrade --quiet -o requirements-dg.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --group bench -c requirements.lock --python-version 3.11 --upgrade --quiet -o requirements-bench.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --extra spark -c requirements.lock --python-version 3.11 --upgrade --quiet pyproject.toml -o requirements-spark.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --group fuzz -c requirements.lock --python-version 3.11 --upgrade --quiet -o requirements-fuzz.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --extra deploy --group package -c requirements.lock --python-version 3.11 --upgrade --quiet pyproject.toml -o requirements-deploy.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --group clients --python-version 3.11 --upgrade --quiet -o requirements-clients.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --group scale -c requirements.lock --python-version 3.11 --upgrade --quiet -o requirements-scale.lock

clean: ## remove everything that was built or installed
	rm -rf .venv .venv-clients demo export dist build benchmarks/data .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	find warehouse -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/it")'
	@test -d .venv || $(PYTHON) -m venv .venv
	@echo "installing the locked dependencies into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
