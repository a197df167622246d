# One build for everything: numeric code is about a hundred times slower in a
# debug build, so tests run on the release build, with testing enabled.
BUILD := -c release -Xswiftc -enable-testing
# A few tests at a time: hundreds at once would wait for one another's labs, threads
# and descriptors.
TEST := swift test $(BUILD) --skip-build --experimental-maximum-parallelization-width 6
SALTIRE := $(shell swift build $(BUILD) --show-bin-path 2>/dev/null)/saltire
PACKAGES := fonts-liberation librsvg2-bin liblua5.4-dev libserialport-dev libsqlite3-dev libssl-dev \
  libumockdev-dev libusb-1.0-0-dev pkg-config umockdev
# In front of a program: it runs among emulated USB devices.
EMULATED := umockdev-wrapper $(dir $(SALTIRE))usb-emulator --
PEERS_PACKAGES := python3-venv
PEERS := .build/peers
KERNEL_PACKAGES := busybox-static python3 qemu-system-x86
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: demo test help reference test-peers test-kernel check coverage bench engines faults faults-exhaustive \
  usb-faults usb-endurance fuzz setup build \
  measure-build bench-kernel power-loss session-fuzz endurance mutations

## demo: characterise four devices on the simulated rig, train two weights, draw the report
demo: build
	rm -rf out/demo
	$(SALTIRE) run protocols/shd.yaml --bench instruments/benches/simulated.yaml --out out/demo
	$(SALTIRE) report out/demo/shd-001.saltire

## test: every test on one release build, with slices of the statistical grids
test: setup
	swift build $(BUILD) --build-tests --explicit-target-dependency-import-check error
	swift build $(BUILD) --product disk-shim
	swift package describe --type json > .build/package.json
	$(TEST) --skip SaltireUSBTests
	$(EMULATED) $(TEST) --filter SaltireUSBTests

## reference: the tables of keys in Documentation/reference, from what the program declares
reference: setup
	swift build $(BUILD) --build-tests
	SALTIRE_RECORD=1 $(TEST) --filter ReferenceTests

## help: this list
help:
	@sed -n 's/^## \([a-z-]*\): /\1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

## test-peers: the simulated instruments, driven by programs of other projects
test-peers: PACKAGES += $(PEERS_PACKAGES)
test-peers: build $(PEERS)/installed
	SALTIRE=$(SALTIRE) PYTHONDONTWRITEBYTECODE=1 \
	  $(PEERS)/bin/pytest -q -p no:cacheprovider Tests/Peers

$(PEERS)/installed: Tests/Peers/requirements.txt | setup
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install -q --disable-pip-version-check -r $<
	touch $@

## test-kernel: the program on a kernel's own USB drivers, in an emulated machine
test-kernel: PACKAGES += $(KERNEL_PACKAGES)
test-kernel: build
	swift build $(BUILD) --product usb-client
	swift build $(BUILD) --product usb-gadget
	python3 -B Tests/Kernel/run.py $(SALTIRE)

## bench-kernel: what a query over USB costs on a kernel's own driver, as JSON lines
bench-kernel: PACKAGES += $(KERNEL_PACKAGES)
bench-kernel: measure-build
	swift build $(BUILD) --product usb-gadget
	python3 -B Tests/Kernel/run.py $(SALTIRE) --bench

## check: what a change must pass: format, warnings as errors, tests, documentation
check: test
	swift format lint --strict --recursive Package.swift Sources Tests
	swift package generate-documentation --warnings-as-errors $(foreach target,\
	  SaltireCore SaltireFigures SaltireDevices SaltireLinks SaltireLearning SaltireAnalysis \
	  SaltireInstruments SaltireCrossbar SaltireSimulation SaltirePrograms SaltireRig \
	  SaltireRecords SaltireTraining SaltireExperiments SaltireBenches SaltireServe,\
	  --target $(target))

## bench: speeds as JSON lines, medians of interleaved rounds
bench: measure-build
	$(EMULATED) $(dir $(SALTIRE))saltire-measure

## engines: what timing a program inside instruments saves, on simulated ones
engines: measure-build
	$(dir $(SALTIRE))saltire-measure engines

## faults: runs broken on purpose a thousand times: outputs, sessions, pulses, resumed runs
faults: measure-build
	swift build $(BUILD) --product disk-shim
	swift build $(BUILD) --product pty-shim
	$(EMULATED) $(dir $(SALTIRE))saltire-measure faults

## faults-exhaustive: connections cut at every byte of a program and of the safe sequence
faults-exhaustive: setup
	swift build $(BUILD) --build-tests
	SALTIRE_EVERY=1 $(TEST) --filter CutConnectionTests

## coverage: the whole of the statistical grids that `make test` takes slices of
coverage: setup
	swift build $(BUILD) --build-tests
	SALTIRE_EVERY=1 $(TEST) --filter 'OneParameterTests|TrainingTests'
	swift build $(BUILD) --product saltire-measure
	$(dir $(SALTIRE))saltire-measure coverage

## mutations: every check of a limit taken out in turn: fails where no test notices
mutations: setup
	python3 -B Tests/Mutations/run.py

## power-loss: a run's power cut at every write that matters, twenty disks each
power-loss: setup
	swift build $(BUILD) --build-tests
	swift build $(BUILD) --product disk-shim
	SALTIRE_VARIANTS=10 $(TEST) --filter PowerLossTests

## session-fuzz: damaged sessions, FUZZ_SECONDS long; fails where reading one ends the program
session-fuzz: measure-build
	$(dir $(SALTIRE))saltire-measure session-fuzz --seconds $(FUZZ_SECONDS)

## endurance: sessions of ten million steps and of a million readings: memory, size, speed
endurance: measure-build
	$(dir $(SALTIRE))saltire-measure endurance

## usb-faults: what emulated USB devices do wrong, and how long it takes to get them back
usb-faults: measure-build
	$(EMULATED) $(dir $(SALTIRE))saltire-measure usb-faults

## usb-endurance: 100,000 queries and a mebibyte over emulated USB: what is lost or leaks
usb-endurance: measure-build
	$(EMULATED) $(dir $(SALTIRE))saltire-measure usb-endurance

## fuzz: what takes bytes from outside, FUZZ_SECONDS each with libFuzzer; fails on a finding
FUZZ_SECONDS := 300
FUZZ_TARGETS := Message Framing Block Reply Identity Resource Exchanges SCPI Script YAML Number Manifest Curve
FUZZ := .build/fuzz
FUZZ_MODULES := CYaml Yams CCrossbar CScripts GRDB $(addprefix Saltire,Core Devices Links Learning Analysis \
  Figures Crossbar Instruments Simulation Programs Rig Records Training Experiments Benches)
fuzz: setup
	swift build -c release -Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer \
	  --target SaltireBenches --scratch-path $(FUZZ)
	set -e; for target in $(FUZZ_TARGETS); do \
	  swiftc -O -swift-version 6 -sanitize=fuzzer -parse-as-library -module-name Fuzz$$target \
	    -I $(FUZZ)/release/Modules -I Sources/CLua -I Sources/CSerialPort -I Sources/CUSB -I Sources/CCrypto \
	    -I $(FUZZ)/checkouts/GRDB.swift/Sources/GRDBSQLite \
	    $(foreach module,CScripts CCrossbar,-Xcc -fmodule-map-file=$(FUZZ)/release/$(module).build/module.modulemap) \
	    -I $(FUZZ)/checkouts/Yams/Sources/CYaml/include \
	    $$(pkg-config --cflags lua5.4 libusb-1.0 libcrypto sqlite3 | sed 's/-I/-Xcc -I/g') Fuzz/Support.swift \
	    Fuzz/$$target.swift $$(find $(FUZZ_MODULES:%=$(FUZZ)/release/%.build) -name '*.o') \
	    $$(pkg-config --libs lua5.4 libserialport libusb-1.0 libcrypto sqlite3) -o $(FUZZ)/$$target; \
	  mkdir -p $(FUZZ)/corpus/$$target; \
	  SWIFT_BACKTRACE=enable=no $(FUZZ)/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=20 -print_final_stats=1 \
	    -artifact_prefix=$(FUZZ)/$$target- $(FUZZ)/corpus/$$target Fuzz/Seeds/$$target; \
	done

## measure-build: the programs that the campaigns and measurements need
measure-build: setup
	for product in saltire saltire-measure usb-emulator usb-client; do \
	  swift build $(BUILD) --product $$product || exit; done

## build: the program alone
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
