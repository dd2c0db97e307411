# The commands of this project. `make` alone lists them.

PYTHON ?= python3
TARGET ?= unix
BOARD ?= rpi_pico
KIND ?= release
VENV := build/venv
CAMPAIGN_PATH := tests:tests/shim:tests/unit/rigs:tests/power_cuts:firmware:hil:boards:boards/unix
# Ten failures end a session: tests that wait in vain for words would take it past any limit.
ON_ALL_CORES := --numprocesses auto --dist loadfile --maxfail 10

.DEFAULT_GOAL := help
.PHONY: help setup test-setup lint-setup emulator demo test test-all campaign hil emulate check-emulator farm firmware flash deploy bench canaries mutate fuzz lint gen gen-check docs screenshots web release sbom clean

help: ## lists what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## builds MicroPython and installs the Python tools, once, under build/
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain

lint-setup:
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain tools

test-setup:
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain tests

demo: setup ## the main job on the simulated pump: two weeks at 1 mL/day, an occlusion, a refill
	@$(VENV)/bin/python hil/demo.py

test: setup ## the tests of some minutes that need no hardware (ARGS="-k wire" picks some)
	@$(VENV)/bin/pytest $(ON_ALL_CORES) --target=unix -m "not long" $(ARGS)

test-all: test-setup test ## the long tests too, after those of `make test`: the release image in an emulated Pico, weeks, interruptions
	@$(VENV)/bin/pytest $(ON_ALL_CORES) --target=unix,emulated -m long $(ARGS)

campaign: setup ## random faults and power cuts against an oracle (YEARS=0.2 SEED=1 JOBS=; BODY=1 in busy bodies; REPLAY=file repeats a saved scenario)
	@PYTHONPATH=boards $(PYTHON) -m toolchain pypy
	@PYTHONPATH=$(CAMPAIGN_PATH) $(VENV)/bin/python -m campaign.run $(if $(YEARS),--years $(YEARS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(JOBS),--jobs $(JOBS)) $(if $(BODY),--body) $(if $(REPLAY),--replay $(REPLAY))

# Bench tests share nothing, and the longest takes over ten minutes on the emulated Pico: they go out one by one.
hil: $(if $(findstring emulated,$(TARGET)),firmware emulator,setup) ## the bench tests on a target (TARGET=unix, emulated with FULL=1 for all, pico:/dev/ttyACM0)
	@$(VENV)/bin/pytest hil $(if $(findstring pico,$(TARGET)),,$(ON_ALL_CORES) --dist worksteal) --target=$(TARGET) $(if $(FULL),--full) --junitxml build/hil/junit.xml $(ARGS)

emulate: firmware emulator ## an emulated Pico on a serial port, until Ctrl-C (ARGS="--speed 10")
	@$(VENV)/bin/python hil/emulator/emulate.py $(ARGS)

check-emulator: firmware emulator ## runs MicroPython's own tests on the emulator (some minutes)
	@$(VENV)/bin/python hil/emulator/check_emulator.py $(ARGS)

farm: firmware emulator ## two emulated pumps behind labgrid: reserved by tag, tested at the same time, released
	@PYTHONPATH=boards $(PYTHON) -m toolchain lab
	@$(VENV)/bin/python hil/lab/farm_demo.py $(ARGS)

emulator: setup ## installs the emulated Pico into build/emulator
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain emulator

firmware: setup ## the images of a board into build/firmware/BOARD (BOARD=rpi_pico, or rpi_pico2)
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain firmware $(BOARD)

flash: firmware ## puts an image on a board (PORT=..., KIND=release|dev|new-board|demo), by BOOTSEL if need be
	@$(VENV)/bin/pumpctl $(if $(PORT),--port $(PORT)) flash --board $(BOARD) --kind $(KIND)

deploy: setup ## development: copies to a board with the dev image what has changed (PORT=...)
	@$(VENV)/bin/pumpctl $(if $(PORT),--port $(PORT)) deploy

bench: firmware emulator ## figures beside their baselines, into build/bench/results.json (ONLY=prefix runs a part)
	@PYTHONPATH=boards $(PYTHON) -m toolchain pypy
	@PYTHONPATH=$(CAMPAIGN_PATH) $(VENV)/bin/python tests/bench/run.py $(if $(ONLY),--only $(ONLY))

canaries: lint-setup ## puts seeded bugs into a copy, one by one: the tests must catch each (ONLY="float-clock tick-wrap")
	@$(VENV)/bin/python tests/mutation/seeded_bugs.py $(ONLY)

mutate: setup ## mutation testing of the modules that control the dose, some hours (ONLY="wire guards", ARGS="--again --minutes 5")
	@PYTHONPATH=boards $(PYTHON) -m toolchain mutation
	@$(VENV)/bin/python tests/mutation/mutation.py $(ARGS) $(ONLY)

fuzz: setup ## coverage-guided fuzzing of what the host does with the bytes of a pump (SECONDS=600)
	@PYTHONPATH=boards $(PYTHON) -m toolchain fuzz
	@PYTHONPATH=tests build/fuzz-venv/bin/python tests/campaign/link/fuzz.py $(or $(SECONDS),60) build/fuzz/corpus

lint: lint-setup ## ruff, mypy on both sides, and mpy-cross on every file that MicroPython runs
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy host/src hil boards/toolchain firmware/definitions
	@$(VENV)/bin/mypy --config-file firmware/mypy.ini firmware/pump
	@find firmware boards hil/plant hil/rig -name '*.py' -not -path '*/definitions/*' -not -path '*/toolchain/*' -print0 | \
		xargs -0 -n 1 build/bin/mpy-cross -march=armv6m -o /dev/null

gen: ## writes the files that come from firmware/definitions, and firmware/files.json
	@$(PYTHON) firmware/definitions/generate.py
	@PYTHONPATH=boards $(PYTHON) -m toolchain.package_list

docs: gen ## the pages in docs/ that come from tables: the states with their drawing, the safety requirements
	@$(PYTHON) tests/repo/traceability.py

screenshots: setup ## the pictures of the page in docs/images, in headless Chromium
	@PYTHONPATH=tests:host/src $(VENV)/bin/python -m browser.screenshots

web: ## the page without a service into build/web, for any static host: with a simulated pump, or one at a serial port
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain web

gen-check: ## checks that the generated files are up to date
	@$(PYTHON) firmware/definitions/generate.py --check
	@PYTHONPATH=boards $(PYTHON) -m toolchain.package_list --check
	@$(PYTHON) tests/repo/traceability.py --check

release: ## a release from a clean tree into build/release/VERSION: images, wheel, reference, checksums (RELEASING.md)
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain release

sbom: firmware ## what firmware and host tool are made of, with versions (CycloneDX), into build/sbom.cdx.json
	@PYTHONPATH=boards exec $(PYTHON) -m toolchain sbom

clean: ## removes build/, the toolchain too
	rm -rf build
