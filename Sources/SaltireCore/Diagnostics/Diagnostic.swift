/// A place in a text that the user wrote.
public struct SourceLocation: Sendable, Hashable, Codable {
  /// The file as the user named it, or the command-line option.
  public var file: String
  /// Counted from 1.
  public var line: Int
  /// Counted from 1, in characters.
  public var column: Int
  /// The number of characters that the caret underlines.
  public var length: Int
  /// The whole text line, for the excerpt.
  public var excerpt: String

  public init(file: String, line: Int, column: Int, length: Int = 1, excerpt: String) {
    self.file = file
    self.line = line
    self.column = column
    self.length = length
    self.excerpt = excerpt
  }

  /// The file name for values from the command line.
  public static let commandLine = "command line"

  /// `file:line:column`.
  public var reference: String { "\(file):\(line):\(column)" }

  /// Maximum number of characters of an excerpt that are shown.
  private static let shown = 160

  /// The excerpt, or the part of a long one around the column, and the column in it.
  fileprivate var shownExcerpt: (text: String, column: Int) {
    guard excerpt.count > Self.shown else { return (excerpt, column) }
    let skipped = min(max(column - Self.shown / 2, 0), excerpt.count - 1)
    let part = excerpt.dropFirst(skipped).prefix(Self.shown)
    return ("\(skipped > 0 ? "…" : "")\(part)…", column - skipped + (skipped > 0 ? 1 : 0))
  }
}

/// A value with its place in the source, so that a later check can point there.
public struct Located<Value: Sendable>: Sendable {
  public var value: Value
  public var location: SourceLocation?

  public init(_ value: Value, at location: SourceLocation? = nil) {
    self.value = value
    self.location = location
  }
}

extension Located: Equatable where Value: Equatable {}

/// One fault in what the user wrote: what is wrong, where, and how to fix it.
public struct Diagnostic: Error, Sendable, Hashable {
  /// What is wrong, as one sentence without a full stop.
  public var message: String
  /// The place; nil if no text is at fault.
  public var location: SourceLocation?
  /// The text after the caret.
  public var label: String
  /// How to fix it.
  public var hints: [String]

  public init(
    _ message: String, at location: SourceLocation? = nil, label: String = "", hints: [String] = []
  ) {
    self.message = message
    self.location = location
    self.label = label
    self.hints = hints
  }

  /// How much a fault matters to what goes on.
  public enum Severity: String, Sendable {
    case error, warning
  }

  /// The message with its excerpt, caret and hints, as the terminal shows it.
  public var rendered: String { rendered(as: .error) }

  /// ``rendered`` with another severity.
  public func rendered(as severity: Severity) -> String {
    var lines = ["\(severity.rawValue): \(message)"]
    if let location {
      let number = String(location.line)
      let margin = String(repeating: " ", count: number.count)
      let (excerpt, column) = location.shownExcerpt
      let indent = String(repeating: " ", count: max(column - 1, 0))
      let length = min(location.length, max(excerpt.count - column + 1, 1))
      let caret = String(repeating: "^", count: max(length, 1))
      lines.append("\(margin)--> \(location.reference.shownOnOneLine)")
      lines.append("\(number) | \(excerpt.shownOnOneLine)")
      lines.append("\(margin) | \(indent)\(caret)\(label.isEmpty ? "" : " \(label)")")
    }
    lines += hints.map { "hint: \($0)" }
    return lines.joined(separator: "\n")
  }
}

/// All faults found in one pass; never empty.
public struct Diagnostics: Error, Sendable, Hashable {
  public let items: [Diagnostic]

  public init(_ items: [Diagnostic]) { self.items = items }

  public init(_ item: Diagnostic) { items = [item] }

  /// All of them, in order, with a blank line between.
  public var rendered: String { items.map(\.rendered).joined(separator: "\n\n") }
}
