import SaltireCore

/// Why a measured pulse response cannot be read or used.
public struct MeasuredCurveError: Error, Equatable, CustomStringConvertible {
  /// A setting of ``CurveFormat`` that would make the file readable, and where it is right.
  public struct Remedy: Sendable, Equatable {
    /// A key of ``CurveFormat/Keys``.
    var key: String
    /// Nil for a flag.
    var value: String?
    /// When it is right: "if the columns are swapped".
    var condition: String

    /// As an option of a command.
    public var option: String {
      let name = "--\(key.replacing("_", with: "-"))"
      return "\(value.map { "\(name) \($0)" } ?? name)  \(condition)"
    }

    /// As a key of a file.
    var entry: String {
      "\(CurveFormat.Keys.format.name): { \(key): \(value.map { "\"\($0)\"" } ?? "on") }"
        + "  \(condition)"
    }
  }

  /// The file, as the caller named it.
  public var file: String
  /// The line of the fault, from 1; nil if it concerns the data as a whole.
  public var line: Int?
  /// The character of the line, from 1; nil if it concerns the line as a whole.
  public var column: Int?
  /// What is wrong, and what was expected.
  public var message: String
  /// What decides, if the file can be read in several ways.
  public var remedies: [Remedy]

  package init(
    file: String, line: Int? = nil, column: Int? = nil, message: String,
    remedies: [Remedy] = []
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.remedies = remedies
  }

  public var description: String {
    ([file] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":")
      + ": \(message)"
  }
}
