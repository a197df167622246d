# One build for everything: numeric code is about a hundred times slower in a
# debug build, so tests run on the release build, with testing enabled.
BUILD := -c release -Xswiftc -enable-testing
SALTIRE := $(shell swift build $(BUILD) --show-bin-path 2>/dev/null)/saltire
PACKAGES := gnuplot-nox fonts-liberation liblua5.4-dev libserialport-dev libsqlite3-dev libssl-dev \
  pkg-config
PEERS_PACKAGES := python3-venv
PEERS := .build/peers
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: demo test test-peers check bench setup build

## demo: characterise four devices on the simulated rig, train two weights, draw the report
demo: build
	rm -rf out/demo
	$(SALTIRE) run protocols/shd.yaml --bench instruments/benches/simulated.yaml --out out/demo
	$(SALTIRE) report out/demo/shd-001.saltire

## test: everything that is tested, on one release build
test: setup
	swift test $(BUILD)

## test-peers: the simulated instruments, driven by programs of other projects
test-peers: PACKAGES += $(PEERS_PACKAGES)
test-peers: build $(PEERS)/installed
	SALTIRE=$(SALTIRE) PYTHONDONTWRITEBYTECODE=1 \
	  $(PEERS)/bin/pytest -q -p no:cacheprovider Tests/Peers

$(PEERS)/installed: Tests/Peers/requirements.txt | setup
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install -q --disable-pip-version-check -r $<
	touch $@

## check: what a change must pass: format, warnings as errors, tests, documentation
check: test
	swift format lint --strict --recursive Package.swift Sources Tests
	swift package generate-documentation --warnings-as-errors $(foreach target,\
	  SaltireCore SaltireDevices SaltireLinks SaltireLearning SaltireAnalysis SaltireLab \
	  SaltireReport,\
	  --target $(target))

## bench: speeds as JSON lines, medians of interleaved rounds
bench: setup
	swift build $(BUILD) --product saltire-bench
	$(dir $(SALTIRE))saltire-bench

build: setup
	swift build $(BUILD) --product saltire

## setup: the Debian packages that the build and the figures need
setup:
	@missing=$$(for package in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
	    || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing:" $$missing; \
	  $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends $$missing; \
	fi
