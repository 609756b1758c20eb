# Everything a newcomer needs. `make` alone lists it.

.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test lint audit fuzz bench clean

help: ## list what make can do
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 14

run: $(VENV)/.installed ## install what is missing, then serve the app on http://127.0.0.1:8501
	@$(BIN)/python -m roster_core check-start
	@echo "Roster review: http://127.0.0.1:8501 (stop with Ctrl-C)"
	@exec $(BIN)/python -m streamlit run app.py

test: $(VENV)/.installed-dev ## install what is missing, then run every test
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-dev ## style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

audit: $(VENV)/.installed-dev ## known holes in our code and in what it uses (asks PyPI's advisories)
	$(BIN)/python -m pip install --quiet "bandit>=1.9,<2" "pip-audit>=2.10,<3"
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app.py pages roster_core
	$(BIN)/pip-audit --requirement requirements.txt

fuzz: $(VENV)/.installed-dev ## hostile input, a minute a kind (or: make fuzz SECONDS=600); Linux
	$(BIN)/python -m pip install --quiet "atheris>=3,<4"
	@$(BIN)/python -m tests.fuzz.run all $(or $(SECONDS),60)

bench: $(VENV)/.installed-dev ## how fast it is, as a table, against the numbers to hold
	$(BIN)/python -m tests.benchmarks.bench

clean: ## remove the virtual environment and what tools left behind; data in var/ stays
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .mypy_cache .fuzz

# A stamp is written last, so an install that was cut short is done again, and one that succeeded is not.
$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$($$python --version)"; \
			$$python -m venv --clear $(VENV) && exit 0; \
			rm -rf $(VENV); \
			echo "$$python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Python 3.11 or later is needed, as python3.13, python3.12, python3.11 or python3 on the PATH." >&2; \
	echo "Get it from https://www.python.org/downloads/ and run make again." >&2; \
	exit 1
