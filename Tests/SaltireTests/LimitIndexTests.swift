import Foundation
import Testing

/// The index of every comparison with a limit, at the head of `Limit.swift`, is complete and
/// has nothing else, and each comparison has a mutation that tests must notice.
@Suite struct LimitIndexTests {
  private struct Call: Hashable {
    let place: String
    let text: String
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Command.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Every call of `allows` and `require` outside of `Limit`, with the type and the function
  /// around it.
  private static func calls() throws -> [Call] {
    let sources = Command.root.appendingPathComponent("Sources")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
    let type = /^(?:[a-z]+ )*(?:struct|class|actor|enum|extension) (?:\w+\.)*(\w+)/
    let inner = /^  (?:[a-z]+ )*(?:struct|class|actor|enum) (\w+)/
    let function = /^  (?:[a-z]+ )*(?:func (\w+)|(init)\??\()/
    let member = /^    (?:[a-z]+ )*(?:func (\w+)|(init)\??\()/
    var calls: [Call] = []
    for path in paths where path.hasSuffix(".swift") && !path.hasSuffix("Limits/Limit.swift") {
      var (owner, nested, name) = ("", "", "")
      for line in try text("Sources/\(path)").split(separator: "\n").map(String.init) {
        if let match = line.firstMatch(of: type) { (owner, nested) = (String(match.1), "") }
        if let match = line.firstMatch(of: inner) { nested = ".\(match.1)" }
        if line == "  }" { nested = "" }
        if let match = line.firstMatch(of: nested.isEmpty ? function : member) {
          name = String(match.1 ?? "init")
        }
        guard line.contains(".allows(") || line.contains(".require(") else { continue }
        calls.append(
          Call(
            place: "\(owner)\(nested).\(name)",
            text: line.trimmingCharacters(in: .whitespaces)))
      }
    }
    return calls
  }

  @Test func theIndexHasEveryCall() throws {
    let entry = /^\/\/ +\d+\. ([\w.]+)/
    let index = try Self.text("Sources/SaltirePrograms/Limits/Limit.swift").split(separator: "\n")
      .compactMap { $0.firstMatch(of: entry).map { String($0.1) } }
    #expect(index.count == Set(index).count)
    let places = Set(try Self.calls().map(\.place))
    #expect(places.subtracting(index) == [], "calls that are not in the index")
    #expect(Set(index).subtracting(places) == [], "entries without a call")
    #expect(places.count > 10)
  }

  /// The mutations take the text of each call out of the program.
  @Test func everyCallHasAMutation() throws {
    let mutations = try Self.text("Tests/Mutations/run.py")
    let token = /!?[\w.?]*(?:\([^()]*\))?\??\.(?:allows|require)\([^ ,)]*/
    for call in try Self.calls() {
      let match = try #require(call.text.firstMatch(of: token), "\(call.text)")
      #expect(mutations.contains(match.0), "\(call.place): \(match.0)")
    }
  }

  /// No comparison with the ends of a limit outside of it.
  @Test func nothingElseComparesWithALimit() throws {
    let sources = Command.root.appendingPathComponent("Sources")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
    let comparison =
      /(?:[<>]=? ?|\bmin\(|\bmax\()[^"]*\b(?:gateVoltage|gateStep|pulseWidth|drainVoltage|leak|gateWindow|voltSeconds)\.(?:value|low|high)/
    for path in paths where path.hasSuffix(".swift") && !path.hasSuffix("Limits/Limit.swift") {
      for line in try Self.text("Sources/\(path)").split(separator: "\n") {
        #expect(
          line.firstMatch(of: comparison) == nil || line.contains("dose.peak ="),
          "\(path): \(line.trimmingCharacters(in: .whitespaces))")
      }
    }
  }
}
