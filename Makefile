# `make help` lists what there is. Everything runs in .venv, which uv makes from uv.lock.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
APT := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu fonts-noto-cjk gettext

.PHONY: help setup run test test-postgres browser-test check format messages bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/.ready ## virtual environment, system libraries, French catalogue

.venv/.ready: pyproject.toml uv.lock scripts/bootstrap.sh locale/fr/LC_MESSAGES/django.po
	@bash scripts/bootstrap.sh libraries $(APT)
	@bash scripts/bootstrap.sh environment
	@$(PY) -m babel.messages.frontend -q compile -d locale -D django
	@touch $@

run: setup ## the demo firm on http://localhost:8000 with a worker
	@$(PY) scripts/serve.py

test: setup ## the whole suite on SQLite, browser tests included
	@bash scripts/bootstrap.sh chromium
	@$(PY) -m pytest -n 2 --dist loadgroup $(TESTS)

test-postgres: setup ## the same suite on PostgreSQL
	@bash scripts/bootstrap.sh chromium
	@$(PY) scripts/with_postgres.py $(PY) -m pytest -n 2 --dist loadgroup $(TESTS)

browser-test: setup ## only the tests that drive Chromium
	@bash scripts/bootstrap.sh chromium
	@$(PY) -m pytest -m browser -n 2 --dist loadgroup

check: setup ## linters, types, layers, settings, migrations, French catalogue
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/djlint templates --lint --quiet
	.venv/bin/lint-imports
	$(PY) -m mypy
	.venv/bin/bandit -q -r sopdesk reports training runs procedures roles audit notifications jobs -c pyproject.toml
	$(PY) scripts/check_settings.py
	$(PY) scripts/check_catalogue.py

format: setup ## format the Python code
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

messages: setup ## collect the strings to be translated
	$(PY) manage.py makemessages -l fr --no-obsolete --no-location -i .venv -i staticfiles
	@$(PY) scripts/wrap_catalogue.py
	@$(PY) -m babel.messages.frontend -q compile -d locale -D django

bench: setup ## speed at 1,000 and 10,000 procedures on both databases, printed
	@$(PY) scripts/with_postgres.py $(PY) scripts/bench.py

clean: ## remove what was made here (not the database)
	rm -rf .venv staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis
