import ArgumentParser
import Foundation
import SaltireCore
import SaltireInstruments

struct New: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Scaffold an instrument definition.", subcommands: [NewInstrument.self])
}

struct NewInstrument: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instrument",
    abstract:
      "Write the skeleton of a definition and its exchanges file, and list what to fill in.",
    discussion: """
      Both files are valid from the start, so the instrument can be simulated at once. What only \
      its manual can tell is marked FILL IN. See Documentation/how-to/add-an-instrument.md.

        saltire new instrument rohde/nge102 --role source_meter
        saltire simulate rohde/nge102 --device resistor:10k
      """)

  @Argument(help: "VENDOR/MODEL: the folder and the first model, named as in its reply to *IDN?.")
  var name: String

  @Option(
    help: """
      The role of the instrument: \
      \(Definition.Role.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var role: String

  @Option(help: "The folder of the definitions.", completion: .directory)
  var folder = InstrumentFiles.folder

  func run() async throws {
    try await reporting {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      let allowed = { (part: String) in
        part.first.map(\.isASCIILetterOrDigit) == true
          && part.allSatisfy { $0.isASCIILetterOrDigit || $0 == "-" }
      }
      guard parts.count == 2, parts.allSatisfy(allowed) else {
        throw Failure(
          .usage, "'\(name)' is not VENDOR/MODEL", hints: ["for example keithley/2450"])
      }
      guard let role = Definition.Role(rawValue: role) else {
        let known = Definition.Role.allCases.map(\.rawValue)
        throw Failure(
          .usage, "unknown role '\(role)'",
          hints: [
            suggestion(for: role, among: known).map { "did you mean '\($0)'?" }
              ?? "roles: \(known.joined(separator: ", "))"
          ])
      }
      let (vendor, model) = (parts[0].lowercased(), parts[1].uppercased())
      let stem = "\(vendor)/\(parts[1].lowercased())"
      guard let scaffold = Scaffold(vendor: vendor, model: model, role: role) else {
        throw Failure(
          .usage, "there is no skeleton for the role \(role.rawValue)",
          hints: ["start from a copy of instruments/keithley/3700a.yaml"])
      }
      let place = URL(fileURLWithPath: folder).appendingPathComponent(vendor)
      let files = [
        (place.appendingPathComponent("\(parts[1].lowercased()).yaml"), scaffold.definition),
        (place.appendingPathComponent("\(parts[1].lowercased()).exchanges"), scaffold.exchanges),
      ]
      for (url, _) in files where FileManager.default.fileExists(atPath: url.path) {
        throw Failure(
          .usage, "\(url.relativePath) already exists", hints: ["nothing was written"])
      }
      do {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for (url, text) in files { try NewFile.write(text.utf8, to: url) }
      } catch {
        throw Failure(.storage, "cannot write to \(place.relativePath)")
      }
      for (url, text) in files {
        Console.print("wrote  \(url.relativePath)")
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
          .enumerated() where line.contains(Scaffold.mark)
        {
          Console.print("  \(index + 1): \(line.drop(while: \.isWhitespace))")
        }
      }
      Console.print("try    saltire simulate \(stem)")
    }
  }
}

extension Character {
  fileprivate var isASCIILetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
