# Paths are relative, so that the project may stand in a folder with spaces or Cyrillic letters.
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# uv writes the locks; plain pip installs them. Without index addresses each user's own index serves.
# The runtime lock follows the development lock: what is tested is what is used.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-emit-index-url --custom-compile-command "make lock" --quiet

.DEFAULT_GOAL := help
.PHONY: help build test lint browser clients spark test-spark faults bench docs screenshots lock clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

build: .venv/installed ## set up, build, audit and publish warehouse/saldo.duckdb
	@$(BIN)/python -m saldo build

test: lint browser ## set up for development, then lint and all tests
	@$(BIN)/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder

lint: .venv/installed-dev ## ruff, mypy, sqlfluff
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m mypy
	@$(BIN)/python -m sqlfluff lint --processes 0 --disable-progress-bar --nocolor models tests/data

# Without a comment for help: it is a part of test. As root on Debian it installs Chromium and npm if they are missing.
browser: .venv/installed-dev
	@$(BIN)/python -m tests.browser.tools

clients: .venv/installed-dev warehouse/saldo.duckdb ## programs of many versions read the published file (WRITE=--write: docs, too)
	@$(BIN)/python -m tests.clients $(WRITE)

spark: .venv/installed-spark ## set up for builds on Spark, which need Java 17: saldo build --target spark

test-spark: .venv/installed-dev .venv/installed-spark ## build on Spark, too, and compare every public mart
	@$(BIN)/python -m pytest tests/spark

faults: .venv/installed-dev ## kills, full disks, locks and readers beside refreshes (an hour and a half)
	@$(BIN)/python -m tests.faults

bench: .venv/installed warehouse/saldo.duckdb ## measurements against peers (LARGE=--large: up to 100 M rows)
	@$(BIN)/python -m bench $(LARGE)

docs: .venv/installed ## docs/data-dictionary.md and public-schema.json anew, and dbt's own pages as one file
	@$(BIN)/dbt build --quiet --full-refresh
	@$(BIN)/dbt docs generate --static --quiet
	@$(BIN)/python docs/data_dictionary.py target/manifest.json docs/data-dictionary.md
	@$(BIN)/python docs/public_schema.py warehouse/dev.duckdb docs/public-schema.json
	@echo 'open target/static_index.html'

screenshots: browser ## docs/images anew from the published file
	@$(BIN)/python -m saldo report
	@$(BIN)/python -m docs.screenshots warehouse/report.html docs/images

lock: ## resolve the dependencies anew (needs uv)
	@command -v uv > /dev/null || { echo 'error: make lock needs uv: https://docs.astral.sh/uv/'; exit 1; }
	@$(COMPILE) --extra dev pyproject.toml -o requirements-dev.lock
	@$(COMPILE) --constraints requirements-dev.lock pyproject.toml -o requirements.lock
	@$(COMPILE) --constraints requirements-dev.lock --extra spark pyproject.toml -o requirements-spark.lock
	@for peer in bench/environments/*.in; do $(COMPILE) $$peer -o $${peer%.in}.txt; done

clean: ## remove what can be made again; the published file and .venv stay
	@rm -rf build logs target .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	@rm -rf warehouse/.build warehouse/.dbt warehouse/dev.duckdb* warehouse/dev_work.duckdb* warehouse/work.duckdb*

.venv/installed: requirements.lock pyproject.toml
	@$(call install,requirements.lock)

.venv/installed-dev: requirements-dev.lock pyproject.toml
	@$(call install,requirements-dev.lock)
	@touch .venv/installed

.venv/installed-spark: requirements-spark.lock pyproject.toml
	@$(call install,requirements-spark.lock)
	@touch .venv/installed

# The environment is made anew unless it is one of Python 3.11; the project itself is installed in place.
warehouse/saldo.duckdb:
	@$(MAKE) --no-print-directory build

define install
$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2> /dev/null || \
	{ echo 'error: $(PYTHON) is not there or is not Python 3.11: install it, or name it: make build PYTHON=/path/to/python3.11'; exit 1; }
echo 'installing $(1) into .venv (about a minute) ...' >&2
$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2> /dev/null || $(PYTHON) -m venv --clear .venv
$(PIP) install --require-hashes -r $(1)
$(PIP) install --no-deps --no-build-isolation -e .
touch $@
endef
