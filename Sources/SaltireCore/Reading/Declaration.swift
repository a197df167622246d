/// What a key of a file is: its name, what may stand there, and what it is for.
///
/// Readers, the reference, hints and `saltire keys` are made from it.
public struct Declaration: Sendable, Equatable {
  /// What may stand at a key.
  public indirect enum Kind: Sendable, Equatable {
    /// A text, or several, of a form that is told in words.
    case text(String)
    /// One of some words.
    case words([String])
    /// A number in base units.
    case quantity(Unit, ClosedRange<Double>?)
    case count(ClosedRange<Int>)
    /// Keys with values of their own.
    case section([Declaration])
    /// Entries of such keys.
    case list([Declaration])
  }

  /// What holds where nothing stands at a key.
  public enum Presence: Sendable, Equatable {
    case required
    /// As if this text stood there.
    case `default`(String)
    /// Something that is no value of its own, in words.
    case absent(String)
  }

  /// In capitals where users choose it.
  public let name: String
  public let kind: Kind
  public let presence: Presence
  /// Where it applies, behind "only", in words; nil for everywhere.
  public let condition: String?
  /// One sentence, with code in backticks.
  public let meaning: String

  init(
    _ name: String, _ kind: Kind, _ presence: Presence, when condition: String?, _ meaning: String
  ) {
    self.name = name
    self.kind = kind
    self.presence = presence
    self.condition = condition
    self.meaning = meaning
  }

  /// The same where something else may hold in its place.
  func absent(_ text: String) -> Declaration {
    Declaration(name, kind, .absent(text), when: condition, meaning)
  }

  /// The keys below it.
  public var children: [Declaration] {
    switch kind {
    case .section(let keys), .list(let keys): keys
    case .text, .words, .quantity, .count: []
    }
  }

  /// What separates it from those in a path; entries of a list are not told apart.
  var below: String {
    if case .list = kind { "\(name)[]." } else { "\(name)." }
  }

  /// What may stand there, in words.
  public var values: String {
    switch kind {
    case .text(let form): form
    case .words(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .quantity(let unit, nil): unit.meaning
    case .quantity(let unit, let range?):
      range.upperBound >= .greatestFiniteMagnitude
        ? "\(Self.end(range.lowerBound, unit)) or more"
        : "\(Self.end(range.lowerBound, unit)) … \(Self.end(range.upperBound, unit))"
    case .count(let range):
      range.upperBound == .max
        ? range.lowerBound == 0 ? "whole number" : "\(range.lowerBound) or more"
        : "\(range.lowerBound) … \(range.upperBound)"
    case .section: "section"
    case .list: "list"
    }
  }

  /// Small plain numbers are easier to read with an exponent.
  private static func end(_ value: Double, _ unit: Unit) -> String {
    unit == .one && value > 0 && value < 1e-3 ? "\(value)" : "\(Quantity(value, unit))"
  }

  /// What it is for, and where it applies.
  public var sentence: String { meaning + (condition.map { " Only \($0)." } ?? "") }

  /// A line for who left it out.
  var hint: String {
    "\(name): \(values). \(sentence)".replacing("`", with: "")
  }
}

/// A key that a file's schema can hold: a ``Key`` or a ``SectionKey``.
public protocol DeclaredKey: Sendable {
  /// What stands in the file.
  var name: String { get }
  var declaration: Declaration { get }
}
