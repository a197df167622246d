import ArgumentParser
import SaltireBenches
import SaltireCore
import SaltireDevices
import SaltireExperiments
import SaltireInstruments
import SaltireTraining

struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "List the keys of a kind of file: what may stand there, and what holds without it.",
    discussion: """
      The kinds are the experiments (\(Catalogue.standard.names.joined(separator: ", "))), \
      \(NetworkProtocol.experiment), bench, definition, and device for what benches and networks \
      say of devices. Names in capitals are for users to choose.
      """)

  @Argument(help: "The kind of file.")
  var kind: String

  @Argument(help: "One section, as in 'limits' or 'learning.transfer'.")
  var section: String?

  @Flag(help: "Print a table in Markdown.")
  var markdown = false

  func run() async throws {
    try await reporting {
      guard let keys = Self.keys(of: kind) else {
        throw Failure(
          .usage, "there is no kind of file '\(kind)'",
          hints: [Self.hint(for: kind, among: Self.kinds)])
      }
      let whole = KeyTable(keys)
      let table = section.map { whole.section($0) } ?? whole
      guard !table.rows.isEmpty else {
        let section = section ?? ""
        throw Failure(
          .usage, "a file of \(kind) has no section '\(section)'",
          hints: [
            Self.hint(
              for: section, among: whole.rows.filter { !$0.key.children.isEmpty }.map(\.path))
          ])
      }
      Console.print(markdown ? table.markdown : table.text)
    }
  }

  static let kinds =
    Catalogue.standard.names + [NetworkProtocol.experiment, "bench", "definition", "device"]

  /// The keys of a kind of file; nil for one that there is not.
  static func keys(of kind: String) -> [any DeclaredKey]? {
    switch kind {
    case NetworkProtocol.experiment: NetworkProtocol.keys
    case "bench": BenchFile.keys
    case "definition": Definition.keys
    case "device": DeviceModel.keys
    default: Catalogue.standard.keys(of: kind)
    }
  }

  private static func hint(for name: String, among known: [String]) -> String {
    suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
      ?? "there are \(known.joined(separator: ", "))"
  }
}
