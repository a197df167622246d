import Foundation
import SaltireCore
import SaltireRecords
import SaltireTesting
import Testing

@testable import SaltireExperiments
@testable import SaltireTraining

/// Files of somebody else: they cannot write where they should not, and they
/// start no program.
@Suite struct HostileFileTests {
  private let folder: TemporaryFolder
  private let marker: String
  init() throws {
    folder = try TemporaryFolder()
    marker = folder.path("marker")
  }

  /// Texts that shells, Lua or HTML would take for more.
  private var texts: [String] {
    [
      "`touch \(marker)`", "$(touch \(marker))", "\"; system(\"touch \(marker)\"); \"",
      "'; system('touch \(marker)'); '", "\nsystem \"touch \(marker)\"\n",
      "\n!touch \(marker)\n", "EOD\n!touch \(marker)\n", "@M ${`touch \(marker)`}",
      "os.execute('touch \(marker)')", "<script>alert(1)</script>", "\u{0}\u{1B}]0;x\u{7}",
      "../../up", "/etc/saltire-test", "..", ".", "", String(repeating: "long ", count: 200),
      "report", "report.html",
    ]
  }

  private func manifest(_ text: String, experiment: String) -> Manifest {
    Manifest(
      program: text, created: Date(timeIntervalSince1970: 0), experiment: experiment,
      protocol: .init(name: text, text: text), bench: .init(name: text, text: text),
      attachments: [
        .init(name: "../../up", text: text), .init(name: "/etc/saltire-test", text: text),
      ],
      settings: [text: text], seed: 1, limits: [text: text], conditions: [text: text],
      engines: [text])
  }

  @Test func aReportStaysInItsFolderAndStartsNothing() async throws {
    let out = folder["a/b/out"]
    for (index, text) in texts.enumerated() {
      // Of experiments that draw all of these tables, and of one that nobody knows.
      let experiment = ["shd", "text-network", text][index % 3]
      let path = folder["session-\(index).saltire"]
      let session = try Session.create(
        at: path, manifest: manifest(text, experiment: experiment), durability: .processCrash)
      try session.add(.phase(text))
      try session.add(.finding(name: "swords", subject: text, json: text))
      try session.add(.rows(Note.Table(text, [.init(text, unit: text)]), [1, 2]))
      for table in Drawn.tables(of: text) { try session.add(.rows(table, Drawn.values(table))) }
      try session.finish(
        Ending(
          exitCode: 0, message: text, location: nil, outcome: text, truth: text, duration: 1,
          wall: 1, pulses: 1, safe: true))
      try session.close()
      for arguments in [
        ["report", path.path, "--out", out.path], ["show", path.path],
        ["show", path.path, "--json"], ["replay", path.path], ["resume", path.path],
      ] {
        let command = try await Command(arguments)
        #expect([0, 65, 74].contains(command.status), "\(text): \(command.errors)")
        if arguments[0] == "report" { #expect(command.status == 0, "\(command.errors)") }
      }
      #expect(!FileManager.default.fileExists(atPath: marker), "\(text)")
    }
    let outside = folder.content().filter { !$0.hasPrefix("session-") }
    #expect(outside == ["a"])
    #expect(folder.content("a") == ["b"])
    #expect(folder.content("a/b") == ["out"])
    #expect(!FileManager.default.fileExists(atPath: "/etc/saltire-test"))
    #expect(!FileManager.default.fileExists(atPath: "/etc/saltire-test.csv"))
    let page = try String(contentsOf: out.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(!page.contains("<script>alert"))
    #expect(folder.content("a/b/out").contains { $0.hasSuffix(".svg") })
  }

  /// What a bench, a protocol or a definition says is compared and sent, never
  /// run.
  @Test func benchesProtocolsAndDefinitionsStartNothing() async throws {
    let shipped = { (path: String) in
      try String(contentsOf: Command.root.appendingPathComponent(path), encoding: .utf8)
    }
    for text in texts.prefix(9) {
      let quoted = JSONValue.string(text).text(indented: false)
      let model = try shipped("instruments/benches/model.yaml")
      let simulated = try shipped("instruments/benches/simulated-one-device.yaml")
      let benches = [
        model + "\nconditions: { operator: \(quoted) }\n",
        simulated.replacing("\"sim:keithley/2636b\"", with: quoted),
        simulated.replacing("smu1:", with: "\(quoted):"),
        simulated.replacing("device: A1", with: "device: \(quoted)"),
        model.replacing("preset: EcRamMO", with: "preset: \(quoted)"),
      ]
      let recipe = try shipped("protocols/crossed-swords.yaml")
      let path = try folder.write(
        recipe.replacing("experiment: crossed-swords", with: "experiment: \(quoted)"), "p.yaml")
      var runs = [["run", path, "--bench", "instruments/benches/model.yaml", "--dry-run"]]
      for (index, bench) in benches.enumerated() {
        let path = try folder.write(bench, "bench-\(index).yaml")
        runs.append([
          "run", "protocols/crossed-swords.yaml", "--bench", path, "--out", folder.path("out"),
          "--set", "swords.cycles=1", "--set", "swords.pulses=20",
        ])
      }
      for arguments in runs {
        let run = try await Command(arguments)
        #expect([0, 11, 64, 65, 69, 74, 77].contains(run.status), "\(text): \(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: marker), "\(arguments)")
      }
    }
  }

  /// The simulated instruments run scripts, which have no way out.
  @Test func aSimulatedInstrumentStartsNothing() async throws {
    let server = try Server("keithley/2636b")
    let resource = server.printed().trimmingCharacters(in: .whitespacesAndNewlines)
    for script in [
      "os.execute('touch \(marker)')", "io.open('\(marker)', 'w'):close()",
      "io.popen('touch \(marker)')", "require('os').execute('touch \(marker)')",
      "package.loadlib('libc.so.6', 'system')", "load('x = 1')()", "dofile('/etc/passwd')",
      "string.dump(print)", "debug.getregistry()",
    ] {
      let asked = try await Command("query", resource, "print(pcall(function() \(script) end))")
      #expect(!FileManager.default.fileExists(atPath: marker))
      #expect(!asked.output.hasPrefix("true") || script.hasPrefix("string.dump"), "\(script)")
    }
    #expect(await server.end().status == 0)
  }

  /// Nobody on the network reaches a simulated instrument unless it is told.
  @Test func simulatedInstrumentsListenOnThisMachineOnly() async throws {
    let help = try await Command("simulate", "--help")
    let words = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("0.0.0.0 accepts other machines. (default: 127.0.0.1:5025)"))
    let server = try Server("keithley/2636b")
    let printed = server.printed().trimmingCharacters(in: .whitespacesAndNewlines)
    let port = try #require(printed.split(separator: ":").compactMap { UInt16($0) }.first)
    let hex = String(port, radix: 16, uppercase: true)
    let wanted = ":" + String(repeating: "0", count: 4 - hex.count) + hex
    // The kernel gives its list a page at a time.
    let file = try #require(FileHandle(forReadingAtPath: "/proc/net/tcp"))
    let sockets = String(decoding: file.readDataToEndOfFile(), as: UTF8.self)
    var listening: [String] = []
    for line in sockets.split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      if fields.count > 3, fields[1].hasSuffix(wanted), fields[3] == "0A" {
        listening.append(fields[1])
      }
    }
    #expect(listening == ["0100007F" + wanted])
    #expect(await server.end().status == 0)
  }
}

/// Every table that figures are drawn from.
private enum Drawn {
  static func tables(of subject: String) -> [Note.Table] {
    [
      SwordsTable.table(of: subject), ZeroShiftTable.table(of: subject),
      WeightTable.table(of: subject, more: [.init(subject), .init("C1")]),
      ErrorTable.table(of: subject), WatchTable.table(of: subject), CurveTable.table(of: subject),
      TracedWeightTable.table(of: subject),
    ]
  }

  /// Rows that any of them can have.
  static func values(_ table: Note.Table) -> [Double] {
    (0..<60).flatMap { row in
      table.columns.map { $0.name == "direction" ? (row < 30 ? 1 : -1) : Double(row + 1) * 1e-6 }
    }
  }
}

/// Files that look like something else than they are.
@Suite struct DeceivingFileTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A few hundred bytes that stand for a hundred million values.
  @Test func aliasesOfAliasesAreRefused() async throws {
    var text = "experiment: crossed-swords\nbench: model\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    for level in 1...8 {
      let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
      text += "a\(level): &a\(level) [\(items)]\n"
    }
    let path = try folder.write(text, "bomb.yaml")
    for arguments in [
      ["check", path], ["run", path, "--bench", "instruments/benches/model.yaml"],
      ["run", "protocols/crossed-swords.yaml", "--bench", path], ["simulate", path],
      ["train", path], ["off", "--bench", path],
    ] {
      let command = try await Command(arguments)
      #expect(command.status == 65, "\(arguments): \(command.errors)")
      #expect(command.errors.contains("\(path):7:"), "\(command.errors)")
      #expect(command.errors.contains("more than 100000 values"))
    }
  }

  @Test func aFileWithoutEndIsRefused() async throws {
    let long = try folder.write(String(repeating: "k: 1\n", count: 300_000), "long.yaml")
    let command = try await Command("check", long)
    #expect(command.status == 65)
    #expect(command.errors.contains("\(long) is longer than 1 MiB"))
    #expect(command.errors.contains("\(long):1:1"))
    let curve = try await Command("characterise", "/dev/zero")
    #expect(curve.status == 65)
    #expect(curve.errors.contains("/dev/zero: the file is longer than 16 MiB"))
  }

  /// Names that differ have tables that differ.
  @Test func everyDeviceHasItsTable() async throws {
    let bench = Command.root.appendingPathComponent("instruments/benches/model.yaml")
    let text = try String(contentsOf: bench, encoding: .utf8)
      .replacing("device: A1,", with: "device: \"A/1\",")
      .replacing("device: A2,", with: "device: \"A-1\",")
      .replacing("device: C1,", with: "device: \"a 1\",")
    let run = try await Command(
      "run", "protocols/crossed-swords.yaml", "--bench", try folder.write(text, "b.yaml"), "--set",
      "swords.pulses=100", "--set", "swords.cycles=2", "--out", folder.path("out"))
    #expect([0, 11].contains(run.status), "\(run.errors)")
    let session = folder.path("out/crossed-swords-001.saltire")
    // A link in the place of a table is replaced.
    let precious = try folder.write("precious", "victim")
    try FileManager.default.createDirectory(
      at: folder["report"], withIntermediateDirectories: true)
    for name in ["report.html", "swords-A-1.csv", "swords-A-1.svg"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("report/\(name)"), withDestinationPath: precious)
    }
    let report = try await Command("report", session, "--out", folder.path("report"))
    #expect(report.status == 0, "\(report.errors)")
    let tables = folder.content("report").filter { $0.hasPrefix("swords") && $0.hasSuffix(".csv") }
    #expect(Set(tables.map { $0.lowercased() }).count == 4, "\(tables)")
    #expect(try String(contentsOfFile: precious, encoding: .utf8) == "precious")
    #expect(!folder.content("report").contains { $0.hasSuffix("draft") })
  }

  /// What a session says of itself steers no terminal and forges no line.
  @Test func aSessionSteersNoTerminal() async throws {
    let evil = "x\u{1B}[2J\u{1B}]0;y\u{7}\r\u{202E}\nerror: forged"
    let path = folder["evil.saltire"]
    let session = try Session.create(
      at: path,
      manifest: Manifest(
        program: evil, created: Date(timeIntervalSince1970: 0), experiment: evil,
        protocol: .init(name: evil, text: evil), bench: .init(name: evil, text: evil),
        attachments: [], settings: [evil: evil], seed: 1, limits: [evil: evil],
        conditions: [evil: evil], engines: [evil]), durability: .processCrash)
    try session.finish(
      Ending(
        exitCode: 10, message: evil, location: nil, outcome: nil, truth: nil, duration: 1, wall: 1,
        pulses: 1, safe: true))
    try session.close()
    for arguments in [
      ["show", path.path], ["show", path.path, "--json"], ["replay", path.path],
      ["report", path.path, "--out", folder.path("report")],
    ] {
      let command = try await Command(arguments)
      let said = command.output + command.errors
      #expect(
        !said.unicodeScalars.contains { [0x1B, 0x07, 0x0D, 0x202E].contains($0.value) },
        "\(arguments)")
      if arguments.count == 2, arguments[0] == "show" {
        #expect(said.contains("\\u001B[2J"))
        #expect(!said.split(separator: "\n").contains { $0.hasPrefix("error: forged") }, "\(said)")
      }
    }
    let page = try String(contentsOf: folder["report/report.html"], encoding: .utf8)
    #expect(!page.unicodeScalars.contains { [0x1B, 0x202E].contains($0.value) })
    #expect(page.contains("\\u001B[2J"))
  }
}
