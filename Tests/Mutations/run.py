"""Takes every check that keeps a device within its limits out of the program, one
after another, and runs the tests that must notice.

A copy of the tree is built in .build/mutations; the tree itself stays as it is.
Fails where the tests pass without a check, and where a check is not found any more.
"""

import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / ".build" / "mutations"
CHECK = "Sources/SaltirePrograms/Limits/ProgramCheck.swift"
PACE = "Sources/SaltirePrograms/Limits/Pace.swift"
LIMITED = "Sources/SaltirePrograms/Limits/LimitedBench.swift"
LOWERING = "Sources/SaltireRig/Lowering/Lowering.swift"
TRAINS = "Sources/SaltireRig/Lowering/Lowering+Trains.swift"
EXCHANGE = "Sources/SaltireRig/Engines/Exchange.swift"
SCRIPT = "Sources/SaltireRig/Engines/ScriptEngine.swift"
LIST = "Sources/SaltireRig/Engines/ListEngine.swift"
ARMING = "Sources/SaltireRig/Bench/Arming.swift"
BENCH = "Sources/SaltireRig/Bench/LiveBench.swift"
LIFETIME = "Sources/SaltirePrograms/Limits/Lifetime.swift"
STATION = "Sources/SaltireRig/Station/Station.swift"
STATION_DEMANDS = "Sources/SaltireRig/Station/Station+Demands.swift"
LIMIT = "Sources/SaltirePrograms/Limits/Limit.swift"
DEVICES = "Sources/SaltirePrograms/Limits/Limits+Devices.swift"
LIMITS = "Sources/SaltirePrograms/Limits/Limits.swift"
DEMAND = "Sources/SaltirePrograms/Limits/Demand.swift"
# Those that take longer only where the others notice nothing.
TESTS = [
    "LimitedBenchTests|programsAtALimit|whatIsLoweredIsHeldToo|chargeNeedsGates|ArmingTests|LiveBenchTests"
    "|ScriptTests|ListTests|SaltireRecordsTests.LifetimeTests|RequirementTests|StationLimitTests",
    "LimitBoundaryTests|WaveformTests|DoseTests|BadInputTests",
]

# Where, what is there, and what takes its place. A text that is there more than once
# stands with as much around it as tells it apart.
MUTATIONS = {
    "a program's steps": (LIMITED, "    try check.check(program.steps)\n", ""),
    "steps within a repeat": (CHECK, "        try check(body)\n", ""),
    "a train's slots and gap": (
        CHECK,
        "guard train.slots >= 0, train.gap >= 0, train.gap.isFinite else",
        "guard true else",
    ),
    "a read's integration": (
        CHECK,
        "guard reading.integration > 0, reading.integration.isFinite else",
        "guard true else",
    ),
    "a rest's length": (CHECK, "guard seconds >= 0, seconds.isFinite else", "guard true else"),
    "a repeat's times": (CHECK, "guard times >= 0 else", "guard true else"),
    "gates in a train": (
        CHECK,
        "      try hold(held, gate: gate, others: row + drain)\n      // A width of 0, a negative one and NaN exceed",
        "      // A width of 0, a negative one and NaN exceed",
    ),
    "rows and drains in a train": (
        CHECK,
        "gate: gate, others: row + drain)\n      // A width of 0, a negative one and NaN exceed",
        "gate: gate, others: [])\n      // A width of 0, a negative one and NaN exceed",
    ),
    "drains in a train": (
        CHECK,
        "try held.drain?.require(level, at: site.drain.name)",
        "_ = level",
    ),
    "pulse width": (CHECK, "      try held.width?.require(train.width > 0 ? train.width : .nan)\n", ""),
    "a width that is none": (CHECK, "train.width > 0 ? train.width : .nan", "train.width"),
    "duty": (LIMITED, "    try check.checkDuty(program)\n", ""),
    "a duty beyond the limit": (CHECK, "        try duty.require(pace.duty, at: held.site.device)\n", ""),
    "duty within a train": (
        PACE,
        "if train.slots > 1 { duty = train.width / (train.width + train.gap) }",
        "duty = 0",
    ),
    "duty from train to train": (PACE, "duty = max(duty, width / (width + rest + first))", "_ = first"),
    "lines in a read": (
        CHECK,
        "for level in levels { try held.drain?.require(level, at: terminal?.name) }",
        "_ = (terminal, levels)",
    ),
    "drain minus row in a read": (
        CHECK,
        "try held.drain?.require(drain - row, at: site.device)",
        "_ = (drain, row)",
    ),
    "gates in a read": (
        CHECK,
        "      try hold(held, gate: gate, others: row + drain)\n    }\n  }\n\n  /// Checks the gate",
        "      _ = gate\n    }\n  }\n\n  /// Checks the gate",
    ),
    "the gate's window": (
        CHECK,
        "        try held.gate?.require(\n          gate - other,\n"
        "          at: other == 0 ? site.gate.name : gate == 0 ? site.row?.name : site.device)\n",
        "",
    ),
    "the gate's step": (CHECK, "        try held.step?.require(gate - other, at: site.device)\n", ""),
    "a row alone": (CHECK, "for gate in [0] + gate {", "for gate in gate {"),
    "a gate alone": (CHECK, "for other in [0] + others {", "for other in others {"),
    "what is no number": (
        LIMIT,
        "{ value >= least && value <= most }",
        "{ !(value < least || value > most) }",
    ),
    "the lower end of a limit": (LIMIT, "{ value >= least && value <= most }", "{ value <= most }"),
    "the upper end of a limit": (LIMIT, "{ value >= least && value <= most }", "{ value >= least }"),
    "pulses in a session": (
        LIMITED,
        "    try limits.limit(.pulses)?.require(isTooMany ? .infinity : Double(sum))\n",
        "    _ = isTooMany\n",
    ),
    "more pulses than can be counted": (LIMITED, "isTooMany ? .infinity : Double(sum)", "isTooMany ? 0 : Double(sum)"),
    "pulses of the programs before": (LIMITED, "    total.pulses = sum\n", ""),
    "charge in a session": (LIMITED, "      try limit.require(total.charge)\n", "      _ = limit\n"),
    "charge of the programs before": (
        LIMITED,
        "total.charge += share.charge",
        "total.charge = share.charge",
    ),
    "doses of a lifetime": (
        LIMITED,
        "      try lifetime.hold(dose, after: total.lives[site.device] ?? Dose(), of: place)\n",
        "",
    ),
    "doses of the programs before": (
        LIMITED,
        "      total.lives[site.device, default: Dose()].add(dose)\n",
        "",
    ),
    "doses of the sessions before": (
        LIMITED,
        "Total(lives: histories.mapValues(\\.dose))",
        "Total()",
    ),
    "a dose beyond a lifetime": (
        LIFETIME,
        "try Limit(kind, upTo: limit).require(value, at: place, left: max(0, limit.value - past))",
        "_ = (kind, value, past, limit)",
    ),
    "pulses in a lifetime": (LIFETIME, "if let pulses, dose.pulses > 0 {", "if let pulses, dose.pulses < 0 {"),
    "time in a lifetime": (LIFETIME, "if let time, dose.seconds != 0 {", "if let time, dose.seconds.isNaN {"),
    "volt seconds in a lifetime": (
        LIFETIME,
        "if let voltSeconds, dose.voltSeconds != 0 {",
        "if let voltSeconds, dose.voltSeconds.isNaN {",
    ),
    "leak": (
        LIMITED,
        "      if let lost = read.lost { try own.limit(.leak)?.require(lost, at: read.site.device) }\n",
        "",
    ),
    "the conductance window": (
        LIMITED,
        "        try window.require(read.conductance, at: read.site.device)\n",
        "        _ = window\n",
    ),
    "limits of one device": (
        LIMITS,
        "{ devices[device] ?? self }",
        "{ devices.isEmpty ? self : self }",
    ),
    "a level that is sent": (BENCH, "        try channel.limit.require(level, at: terminal.name)\n", ""),
    "levels on their way": (LOWERING, "    try hold(on: levels)\n    var operations", "    var operations"),
    "gates that pulse": (
        LOWERING,
        "    pulsing = pulses\n    try hold(on: settings.levels)\n",
        "    pulsing = pulses\n",
    ),
    "what a generator needs meanwhile": (
        LOWERING,
        "    pulsing[output.terminal] = level\n    try hold(on: settings.levels)\n",
        "    pulsing[output.terminal] = level\n",
    ),
    "compliance of a read": (
        EXCHANGE,
        'if try isTripped(answers.last ?? "") {',
        'if try isTripped(answers.last ?? ""), !isMeasurement {',
    ),
    "compliance of a drive": (
        EXCHANGE,
        'if try isTripped(answers.last ?? "") {',
        'if try isTripped(answers.last ?? ""), isMeasurement {',
    ),
    "a reading beyond its range": (EXCHANGE, "if let measured, !ReadBack.isValue(measured) {", "if let measured, measured.isNaN, false {"),
    "compliance in a script": (SCRIPT, "if stop > 0 {", "if stop > 1_000_000 {"),
    "overflow in a script": (SCRIPT, "{ !ReadBack.isValue($0) }", "{ _ in false }"),
    "compliance in a list": (LIST, "guard limit.allows(current) else", "guard true || limit.allows(0) else"),
    "what arming reads back": (
        ARMING,
        "if ReadBack.agrees(answer, with: expected) { return nil }",
        "if !get.isEmpty || !answer.isEmpty { return nil }",
    ),
    "outputs that do not come on": (
        ARMING,
        "guard output.isOn(answers[0]) else {",
        "guard !answers.isEmpty else {",
    ),
    "a window's upper end": (LIMITS, "high: widest.allows(most.value) ? most : voltage", "high: most"),
    "a window's lower end": (LIMITS, "low: widest.allows(least.value) ? least : lowest", "low: least"),
    "a device's limits beyond the bench's": (
        DEVICES,
        "!Limit(kind, upTo: other).allows(own.value) else { return }",
        "own.value.isNaN, other.value.isNaN else { return }",
    ),
    "a channel beyond the gate limit": (
        STATION,
        "if !Limit(.terminalVoltage, upTo: limits.gateVoltage).allows(voltage.value) {",
        "if voltage.value.isNaN {",
    ),
    "a demand beyond its channel": (
        STATION_DEMANDS,
        "!channel.limit.allows(voltage) else { return nil }",
        "channel.voltage.isNaN, voltage.isNaN else { return nil }",
    ),
    "a demand shorter than its timer": (
        STATION_DEMANDS,
        "!shortest.limit.allows(demand.value.value)\n",
        "demand.value.value < 0\n",
    ),
    "a pulse shorter than its timer": (
        TRAINS,
        "!shortest.limit.allows(pulses.width) {",
        "shortest.seconds < 0 {",
    ),
    "a protocol's demands": (DEMAND, "      try limit.require(demand.value.value)\n", "      if limit.kind == .overflow { try limit.require(0) }\n"),
}


# Seconds after which tests will not end: without a limit some have no end.
PATIENCE = 300


def run(*command):
    """The command's status and what it says; None for one that does not end."""
    process = subprocess.Popen(
        command, cwd=COPY / "tree", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=None if "build" in command else PATIENCE)
        return process.returncode, said
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        end_all()
        process.communicate()
        return None, ""


def end_all():
    """Ends what the tests began: they are in process groups of their own."""
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if os.readlink(entry / "exe").startswith(f"{COPY}/"):
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            pass


def build():
    status, said = run(*SWIFT("build"), "--build-tests")
    if status != 0:
        lines = [line for line in said.splitlines() if "error" in line]
        sys.exit("does not build:\n" + "\n".join(lines[:10] or said.splitlines()[-10:]))


def SWIFT(verb):
    # A debug build: of one changed body little is compiled again.
    return ["swift", verb, "--scratch-path", str(COPY / "debug")]


def noticed():
    """The first test that fails; None where all pass."""
    for tests in TESTS:
        status, said = run(
            *SWIFT("test"), "--skip-build", "--skip", "SaltireUSBTests", "--filter", tests
        )
        if status == 0:
            continue
        failed = [line for line in said.splitlines() if "Test " in line and "failed" in line]
        return (failed or ["the tests did not end" if status is None else "a crash"])[0].strip()
    return None


def refresh():
    """Makes the copy what the tree is, touching only what differs."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for copy in (COPY / "tree").rglob("*"):
        # What has moved is built twice otherwise.
        if copy.is_file() and str(copy.relative_to(COPY / "tree")) not in names:
            copy.unlink()
    for name in filter(None, names):
        source, copy = ROOT / name, COPY / "tree" / name
        if not source.is_file():
            continue
        content = source.read_bytes()
        if name == "Package.swift":
            # What a check leaves unused is no reason to fail.
            content = content.replace(b".treatAllWarnings(as: .error),", b"")
        if not copy.exists() or copy.read_bytes() != content:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help="mutations whose name matches this")
    only = arguments.parse_args().only
    for name, (path, old, _) in MUTATIONS.items():
        count = (ROOT / path).read_text().count(old)
        if count != 1:
            sys.exit(f"{name}: {count} times in {path}, and must be there once:\n{old}")
    refresh()
    build()
    found = noticed()
    if found:
        sys.exit(f"the tests fail as things are: {found}")
    missed = []
    for name, (path, old, new) in MUTATIONS.items():
        if not re.search(only, name):
            continue
        file = COPY / "tree" / path
        before = file.read_text()
        try:
            file.write_text(before.replace(old, new))
            build()
            found = noticed()
        finally:
            file.write_text(before)
        print(f"{'noticed' if found else 'MISSED '}  {name}: {found or 'every test passes'}", flush=True)
        if not found:
            missed.append(name)
    print(f"{len(missed)} of {len(MUTATIONS)} checks can be removed unnoticed")
    sys.exit(1 if missed else 0)


main()
