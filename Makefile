# make run: try it, or run it in your Slack. make test: everything that is checked. Both do their own set-up.
SHELL := bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
LOCAL_SLACK := 0.1.8
NODE_PLATFORM := $(shell uname -s | tr A-Z a-z)-$(shell uname -m | sed -e s/x86_64/x64/ -e s/aarch64/arm64/)

export HF_HUB_OFFLINE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# `slack run` hands its tokens over under names of its own.
ifdef SLACK_CLI_XOXB
export SLACK_BOT_TOKEN ?= $(SLACK_CLI_XOXB)
export SLACK_APP_TOKEN ?= $(SLACK_CLI_XAPP)
endif

.PHONY: help run chat test setup check style types guidance bench bench-peers teach screenshots clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## start the advisor: in your Slack with tokens in .env, else the local trial in your browser
	@exec $(BIN)/advisor run

chat: setup ## talk to the advisor in the terminal
	@exec $(BIN)/advisor chat

test: setup check ## everything that is checked: format, lint, types, imports, guidance, tests

setup: $(VENV)/installed $(CACHE)/local-slack/$(LOCAL_SLACK) ## install what is pinned; seconds when nothing changed

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; set PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@mkdir -p $(CACHE)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what is pinned in constraints.txt; the first time takes a few minutes …"
	@$(BIN)/pip install $$([ -t 1 ] || echo -q) -c constraints.txt -e '.[dev]' 2> $(CACHE)/pip.log || { cat $(CACHE)/pip.log; exit 1; }
	@touch $@

# A stand-alone Slack server for the trial and the end-to-end tests; without npm the trial is a conversation in the terminal.
$(CACHE)/local-slack/$(LOCAL_SLACK):
	@if command -v npm > /dev/null; then \
	  echo "Installing the local Slack server …"; \
	  npm install --silent --no-fund --no-audit --prefix $(CACHE)/local-slack local-slack-$(NODE_PLATFORM)@$(LOCAL_SLACK) \
	    && touch $@ || echo "The local Slack server could not be installed: make run falls back to the terminal."; \
	else echo "npm is missing: make run falls back to the terminal, and end-to-end tests are skipped."; fi

check: style
	@$(MAKE) --no-print-directory --jobs 2 --output-sync types guidance
	@OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal -m "not e2e"
	@OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m e2e # the stories of a file share one running process

style:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types:
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Builds the index that the tests use as well.
guidance:
	@INDEX_FOLDER=$(CACHE)/test-index $(BIN)/advisor guidance check

bench: setup ## measure; prints a table and writes bench/results/*.json
	@$(BIN)/python -m bench

bench-peers: setup ## measure Haystack and Chroma on the same questions, in an environment of their own
	@test -x $(CACHE)/peers/bin/python || $(PYTHON) -m venv $(CACHE)/peers
	@$(CACHE)/peers/bin/pip install -q -c constraints.txt -e . && $(CACHE)/peers/bin/pip install -q haystack-ai sentence-transformers-haystack chromadb
	@$(CACHE)/peers/bin/python -m bench.peers haystack
	@$(CACHE)/peers/bin/python -m bench.peers chroma

teach: setup ## learn to read questions and notes anew, after a change of the entries or of knowledge/lessons; half an hour
	@$(BIN)/python -m knowledge.teach

screenshots: setup ## make the README's pictures again, from the running trial (needs chromium)
	@$(BIN)/python -m tests.e2e.screenshots

clean: ## remove what was installed and built, keep data
	rm -rf $(VENV) $(CACHE)
