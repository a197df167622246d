/// A key with one value, declared once: what a ``Reader`` reads, what the reference says
/// of it, and what messages about it know.
///
/// ```swift
/// static let up = Key.quantity(
///   "up", .volt, in: 1e-6...1000, "Amplitude of an up pulse, gate minus row.")
/// let volts = reader[up].value
/// ```
///
/// A key is required unless it has a `default`, or `absent` tells in words what holds
/// without it. `when` tells where it applies: "with `policy: pause`".
public struct Key<Value: Sendable>: DeclaredKey {
  public private(set) var name: String
  public private(set) var declaration: Declaration
  let fallback: Value?
  /// Stands for a value that could not be read.
  let placeholder: Value
  /// The value of a node; nil where it reports why there is none.
  let convert: @Sendable (_ node: Tree, _ name: String, _ report: (Diagnostic) -> Void) -> Value?

  /// What several keys have in common besides their kinds.
  init(
    _ name: String, _ kind: Declaration.Kind, default fallback: Value?, _ text: String?,
    absent: String?, when condition: String?, _ meaning: String, placeholder: Value,
    convert: @escaping @Sendable (Tree, String, (Diagnostic) -> Void) -> Value?
  ) {
    self.name = name
    self.fallback = fallback
    self.placeholder = placeholder
    self.convert = convert
    let presence: Declaration.Presence =
      text.map { .default($0) } ?? absent.map { .absent($0) } ?? .required
    declaration = Declaration(name, kind, presence, when: condition, meaning)
  }

  /// This key under the name that the user chose for it.
  public func named(_ name: String) -> Key {
    var key = self
    key.name = name
    return key
  }

  /// This key where something else holds without it.
  public func absent(_ text: String) -> Key {
    var key = self
    key.declaration = declaration.absent(text)
    return key
  }
}

/// A key with keys below it.
public struct SectionKey: DeclaredKey {
  public private(set) var name: String
  public private(set) var declaration: Declaration
  /// Whether it must be there.
  var isRequired: Bool { declaration.presence == .required }

  /// A section; required unless `absent` tells what holds without it.
  public init(
    _ name: String, absent: String? = nil, when condition: String? = nil, _ meaning: String,
    _ keys: [any DeclaredKey]
  ) {
    self.init(name, .section(keys.map(\.declaration)), absent, condition, meaning)
  }

  /// A list of entries that have the same keys.
  public static func list(
    _ name: String, absent: String? = nil, when condition: String? = nil, _ meaning: String,
    _ keys: [any DeclaredKey]
  ) -> SectionKey {
    SectionKey(name, .list(keys.map(\.declaration)), absent, condition, meaning)
  }

  private init(
    _ name: String, _ kind: Declaration.Kind, _ absent: String?, _ condition: String?,
    _ meaning: String
  ) {
    self.name = name
    declaration = Declaration(
      name, kind, absent.map { .absent($0) } ?? .required, when: condition, meaning)
  }

  /// This key under the name that the user chose for it.
  public func named(_ name: String) -> SectionKey {
    var key = self
    key.name = name
    return key
  }
  /// This key where something else holds without it.
  public func absent(_ text: String) -> SectionKey {
    var key = self
    key.declaration = declaration.absent(text)
    return key
  }
}
