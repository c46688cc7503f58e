PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OMP_WAIT_POLICY ?= PASSIVE
WORKERS ?= 2

.PHONY: help demo test test-slow lint format serve clean

help:
	@echo "make demo    set up, learn from MovieLens-100K, report, and leave a model in runs/demo"
	@echo "make test    set up and run every check"
	@echo "make serve   serve runs/demo on http://127.0.0.1:8000"
	@echo "make test-slow | lint | format | clean"

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Penchant needs Python 3.11 or newer; PYTHON=$(PYTHON) is older. Try: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[serve,nlp,dev]'
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/penchant demo

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Each test file goes to one of the workers, which keep to a thread each.
test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist loadfile

test-slow: $(VENV)/.installed
	$(BIN)/pytest -m slow

format: $(VENV)/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

serve: $(VENV)/.installed
	$(BIN)/penchant serve runs/demo

# Trained models in runs/ stay: they are yours.
clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
