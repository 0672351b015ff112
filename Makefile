# The commands of Tongchou. Everything works on a machine with Python 3.11 and make alone.

PYTHON ?= python3.11
PY := .venv/bin/python
SHELL := /bin/bash
CHROMIUM := $(shell command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard config/locale/*/LC_MESSAGES/*.po))
# Both cores: a file of tests stays with one process, which has a database of its own
# (tests/conftest.py), in the order of the collection.
PROCESSES ?= --numprocesses 2 --dist loadgroup --no-loadscope-reorder
# Each of the many processes of a demo or of the suite would else compile anew what another one did.
export PYTHONDONTWRITEBYTECODE :=
BENCHES ?= open assess desk remittance differ

.PHONY: setup demo stop test check fix bench servers

## setup: .venv, dependencies, catalogues, embedded servers started; no database content
setup: .venv/installed $(CATALOGUES) servers

# pip is told to take wheels only: building from source would fetch tools that no hash pins.
.venv/installed: requirements.txt
	@$(PY) -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes --only-binary :all: --requirement requirements.txt
	@touch $@

# A bare machine has no msgfmt; Babel compiles the same file.
%.mo: %.po .venv/installed
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

servers: .venv/installed
	@$(PY) -m config.embedded start

## demo: a synthetic Anhui through a whole year, then the admin; SERVE=0 returns after the report
demo: setup
	@$(PY) manage.py demo $(if $(PEOPLE),--people $(PEOPLE)) $(if $(filter 0,$(SERVE)),--no-serve)

## stop: end the embedded servers and what serves
stop:
	@if [ -x $(PY) ]; then $(PY) -m config.embedded stop; else echo "Nothing was running."; fi

## test: the whole suite at everyday sizes; FULL=1 at the sizes that the issues name
test: export TONGCHOU_FULL = $(filter 1,$(FULL))
test: setup
ifneq ($(CHROMIUM),)
	@$(PY) -m pytest $(PROCESSES) $(ARGS)
else
	@status=0; $(PY) -m pytest $(PROCESSES) -m "not browser" $(ARGS) || status=$$?; \
	echo "No Chromium on this machine: the browser tests were left out."; \
	echo "Install one (Debian: apt-get install chromium-headless-shell fonts-noto-cjk) to run them."; \
	exit $$status
endif

## check: format, lint, types, layers, templates, migrations, translations, deployment; changes nothing
check: export TONGCHOU_HTTPS = true
check: setup
	@failed=; \
	try() { echo "== $$1"; shift; "$$@" || failed=yes; }; \
	try "format" .venv/bin/ruff format --check --quiet --diff .; \
	try "lint" .venv/bin/ruff check --quiet .; \
	try "types" .venv/bin/mypy --no-error-summary; \
	try "layers" .venv/bin/lint-imports --no-logo; \
	try "templates" .venv/bin/djlint --lint --quiet templates; \
	try "models without a migration" $(PY) manage.py makemigrations --check --dry-run; \
	try "migrations" $(PY) manage.py lintmigrations --quiet ok ignore; \
	try "translations" $(PY) manage.py check_catalogues; \
	try "deployment" $(PY) manage.py check --deploy --fail-level WARNING; \
	if [ -n "$$failed" ]; then echo "make check: FAILED (see above)"; exit 1; fi; \
	echo "make check: all passed"

## fix: let the formatter and the linter correct what they can
fix: .venv/installed
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

## bench: the benchmarks, as ratios against floors and peers in the same run
bench: setup
	@for name in $(BENCHES); do $(PY) -m tests.bench $$name --json || exit 1; done
