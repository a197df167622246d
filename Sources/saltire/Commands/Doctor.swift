import ArgumentParser
import Foundation
import SaltireInstruments
import SaltireLinks
import SaltireRecords

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check that this computer can use instruments, and show how to fix what prevents it.",
    discussion: """
      Checks serial ports and USB instruments without opening them, programs that interfere with \
      them, and whatever else a run needs. The exit status is that of the first problem.

        saltire doctor --print-udev
        sudo saltire doctor --install-udev
      """)

  @Flag(help: "Print one JSON document.")
  var json = false

  @Flag(help: "Print the udev rules that let users open USB instruments.")
  var printUdev = false

  @Flag(help: "Install these rules and reload udev.")
  var installUdev = false

  @Option(help: "The folder for the rules.", completion: .directory)
  var udevFolder = UdevRules.folder

  @Option(help: "The folder for sessions.", completion: .directory)
  var out = "out"

  @Option(
    help: ArgumentHelp("Check the system rooted at this folder instead.", visibility: .hidden))
  var root = "/"

  func validate() throws {
    if [json, printUdev, installUdev].count(where: \.self) > 1 {
      throw ValidationError("--json, --print-udev and --install-udev exclude one another")
    }
  }

  func run() async throws {
    try await reporting(json: json) {
      if printUdev || installUdev {
        let rules = UdevRules(try InstrumentLibrary.shipped().definitions)
        if printUdev { printed(rules) } else { try install(rules) }
      } else {
        try tell(examine())
      }
    }
  }

  private func tell(_ findings: [Finding]) throws {
    let problem = findings.first { $0.code != nil }
    if json {
      var document = JSONValue.object(["checks": .array(findings.map(\.document))])
      if let failure = problem?.failure { document["error"] = failure.document }
      Console.print(document.text(indented: true))
    } else {
      for finding in findings { Console.print(finding.text) }
    }
    if let code = problem?.code { throw ExitCode(code.rawValue) }
  }
}

/// The result of one check.
struct Finding {
  var check: String
  var message: String
  /// How to fix it; nil if there is nothing to do.
  var remedy: String?
  /// The exit status that the finding causes; nil if nothing is wrong.
  var code: Failure.Code?

  /// No problem; with a remedy, something that may become a problem.
  static func fine(_ check: String, _ message: String, remedy: String? = nil) -> Finding {
    Finding(check: check, message: message, remedy: remedy)
  }

  static func problem(
    _ check: String, _ message: String, _ code: Failure.Code, remedy: String
  ) -> Finding {
    Finding(check: check, message: message, remedy: remedy, code: code)
  }

  private var status: String { code != nil ? "problem" : remedy != nil ? "note" : "ok" }

  /// The finding as one text line.
  var text: String {
    let padded = [(status, 7), (check, 14)].map { word, width in
      word + String(repeating: " ", count: max(width - word.count, 0))
    }
    return "\(padded[0])  \(padded[1])  \(message)" + (remedy.map { "; \($0)" } ?? "")
  }

  var document: JSONValue {
    var document = JSONValue.object([
      "check": .string(check), "status": .string(status), "message": .string(message),
    ])
    if let remedy { document["remedy"] = .string(remedy) }
    if let code { document["code"] = .integer(Int(code.rawValue)) }
    return document
  }

  var failure: Failure? {
    code.map { Failure($0, message, hints: remedy.map { [$0] } ?? []) }
  }
}
