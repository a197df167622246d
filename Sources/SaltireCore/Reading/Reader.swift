/// Reads one mapping of a ``Document`` key by key, in base units, collecting
/// every fault instead of stopping at the first.
///
/// A fault leaves a stand-in value behind, so whoever reads goes on; what was
/// read may be used only after ``finish()`` on the outermost reader returned.
public final class Reader {
  private let shared: Shared
  private let tree: Tree
  private let path: String
  private var asked: Set<String> = []
  private var sections: [Reader] = []

  /// What all readers of one document share.
  private final class Shared {
    var faults: [Diagnostic] = []
    var overrides: [String: String]
    var unused: Set<String>

    init(_ overrides: Overrides) {
      self.overrides = overrides.values
      unused = Set(overrides.values.keys)
    }
  }

  public convenience init(_ document: Document, overrides: Overrides = Overrides()) {
    self.init(tree: document.root, path: "", shared: Shared(overrides))
  }

  private init(tree: Tree, path: String, shared: Shared) {
    self.tree = tree
    self.path = path
    self.shared = shared
  }

  /// Where the mapping begins.
  public var location: SourceLocation? { tree.location }

  /// The keys that the document holds here, in its order.
  public var keys: [String] {
    guard case .mapping(let pairs) = tree.content else { return [] }
    return pairs.compactMap(\.key.scalar)
  }

  /// Whether the key stands here, in the document or as an override of it or
  /// of something below it.
  public func has(_ key: String) -> Bool {
    asked.insert(key)
    let path = path + key
    return node(key) != nil
      || shared.overrides.keys.contains { $0 == path || $0.hasPrefix(path + ".") }
  }

  /// Reports a fault found by whoever reads.
  public func report(_ diagnostic: Diagnostic) { shared.faults.append(diagnostic) }

  /// Ends the reading.
  ///
  /// - Throws: ``Diagnostics`` with every fault, unknown keys among them.
  public func finish() throws(Diagnostics) {
    reportUnknownKeys()
    for path in shared.unused.sorted() {
      let known = allPaths()
      report(
        Diagnostic(
          "there is no '\(path)' to set",
          hints: suggestion(for: path, among: known).map { ["did you mean '\($0)'?"] } ?? []))
    }
    if !shared.faults.isEmpty { throw Diagnostics(shared.faults) }
  }

  // MARK: Keys

  /// The text at `key`, which must stand there unless there is a `default`.
  public func text(_ key: String, default fallback: String? = nil) -> Located<String> {
    value(key, default: fallback, placeholder: "") { .success($0) }
  }

  /// A quantity of `unit`, in base units, within `range`.
  public func quantity(
    _ key: String, _ unit: Unit, default fallback: Double? = nil,
    in range: ClosedRange<Double>? = nil
  ) -> Located<Double> {
    value(key, default: fallback, placeholder: range?.lowerBound ?? 0) { text in
      Result { () throws(QuantityError) in try Quantity(parsing: text, as: unit).value }
        .mapError { Fault($0.message) }
        .flatMap { number in
          guard let range, !range.contains(number) else { return .success(number) }
          let low = Quantity(range.lowerBound, unit).description
          let high = Quantity(range.upperBound, unit).description
          return .failure(
            Fault(
              range.upperBound == .infinity || range.upperBound >= .greatestFiniteMagnitude
                ? "\(key) is below \(low)" : "\(key) is outside \(low) … \(high)"))
        }
    }
  }

  /// A plain number within `range`.
  public func number(
    _ key: String, default fallback: Double? = nil, in range: ClosedRange<Double>? = nil
  ) -> Located<Double> {
    quantity(key, .one, default: fallback, in: range)
  }

  /// A whole number within `range`.
  public func count(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 0...Int.max
  ) -> Located<Int> {
    value(key, default: fallback, placeholder: range.lowerBound) { text in
      guard let number = Int(text) else {
        return .failure(Fault("'\(text)' is not a whole number"))
      }
      guard range.contains(number) else {
        return .failure(
          Fault(
            range.upperBound == .max
              ? "\(key) is below \(range.lowerBound)"
              : "\(key) is outside \(range.lowerBound) … \(range.upperBound)"))
      }
      return .success(number)
    }
  }

  /// `on` or `off` (or yes/no, true/false).
  public func flag(_ key: String, default fallback: Bool? = nil) -> Located<Bool> {
    value(key, default: fallback, placeholder: false) { text in
      switch text.lowercased() {
      case "on", "yes", "true": .success(true)
      case "off", "no", "false": .success(false)
      default: .failure(Fault("'\(text)' is neither 'on' nor 'off'"))
      }
    }
  }

  /// One of the words of an enumeration.
  public func choice<Choice>(
    _ key: String, default fallback: Choice? = nil, as type: Choice.Type = Choice.self
  ) -> Located<Choice>
  where Choice: RawRepresentable<String> & CaseIterable & Sendable {
    let words = Choice.allCases.map(\.rawValue)
    return value(key, default: fallback, placeholder: Choice.allCases.first!) { text in
      if let choice = Choice(rawValue: text) { return .success(choice) }
      let hint = suggestion(for: text, among: words).map { "did you mean '\($0)'?" }
      return .failure(
        Fault(
          "'\(text)' is not one of \(words.joined(separator: ", "))", hints: hint.map { [$0] } ?? []
        ))
    }
  }

  /// A list of texts; one text alone is a list of one.
  public func texts(_ key: String, default fallback: [String]? = nil) -> Located<[Located<String>]>
  {
    guard let found = found(key, wanted: fallback == nil) else {
      return Located((fallback ?? []).map { Located($0) }, at: tree.location)
    }
    let items: [Tree]
    if case .list(let list) = found.content { items = list } else { items = [found] }
    return Located(
      items.compactMap { item in
        guard let text = item.scalar, !text.isEmpty else {
          report(Diagnostic("expected a text, found \(item.kind)", at: item.location))
          return nil
        }
        return Located(text, at: item.location)
      }, at: found.location)
  }

  /// A list of plain numbers.
  public func numbers(_ key: String, default fallback: [Double]? = nil) -> Located<[Double]> {
    let list = texts(key, default: fallback?.map { "\($0)" })
    return Located(
      list.value.map { item in
        do throws(QuantityError) {
          return try Quantity(parsing: item.value, as: .one).value
        } catch {
          report(Diagnostic(error.message, at: item.location))
          return 0
        }
      }, at: list.location)
  }

  /// The mapping at `key`; an empty one where it may be missing and is.
  public func section(_ key: String, required: Bool = false) -> Reader {
    let found = found(key, wanted: required)
    var tree = found ?? Tree(content: .mapping([]), location: self.tree.location)
    if case .mapping = tree.content {
    } else {
      report(Diagnostic("\(key): expected keys and values, found \(tree.kind)", at: tree.location))
      tree = Tree(content: .mapping([]), location: tree.location)
    }
    let reader = Reader(tree: tree, path: "\(path)\(key).", shared: shared)
    sections.append(reader)
    return reader
  }

  /// The mappings in the list at `key`.
  public func list(_ key: String) -> [Reader] {
    guard let found = found(key, wanted: true) else { return [] }
    guard case .list(let items) = found.content else {
      report(Diagnostic("\(key): expected a list, found \(found.kind)", at: found.location))
      return []
    }
    return items.enumerated().compactMap { index, item in
      guard case .mapping = item.content else {
        report(Diagnostic("expected keys and values, found \(item.kind)", at: item.location))
        return nil
      }
      let reader = Reader(tree: item, path: "\(path)\(key).\(index).", shared: shared)
      sections.append(reader)
      return reader
    }
  }

  // MARK: Inside

  private struct Fault: Error {
    var message: String
    var hints: [String]
    init(_ message: String, hints: [String] = []) {
      self.message = message
      self.hints = hints
    }
  }

  private func value<Value: Sendable>(
    _ key: String, default fallback: Value?, placeholder: Value,
    _ convert: (String) -> Result<Value, Fault>
  ) -> Located<Value> {
    guard let found = found(key, wanted: fallback == nil) else {
      return Located(fallback ?? placeholder, at: tree.location)
    }
    guard let text = found.scalar, !text.isEmpty else {
      report(Diagnostic("\(key): expected a value, found \(found.kind)", at: found.location))
      return Located(fallback ?? placeholder, at: found.location)
    }
    switch convert(text) {
    case .success(let value): return Located(value, at: found.location)
    case .failure(let fault):
      report(Diagnostic(fault.message, at: found.location, hints: fault.hints))
      return Located(fallback ?? placeholder, at: found.location)
    }
  }

  /// The node at `key` or what overrides it; reports its absence when wanted.
  private func found(_ key: String, wanted: Bool) -> Tree? {
    asked.insert(key)
    if let text = shared.overrides[path + key] {
      shared.unused.remove(path + key)
      let setting = "--set \(path)\(key)=\(text)"
      let column = setting.count - text.count + 1
      let place = SourceLocation(
        file: "command line", line: 1, column: column, length: max(text.count, 1), excerpt: setting)
      return Tree(Self.flowList(text, at: place) ?? .scalar(text), at: place)
    }
    if let node = node(key) { return node }
    if wanted {
      let place = path.isEmpty ? "" : " in '\(path.dropLast())'"
      report(Diagnostic("'\(key)' is missing\(place)", at: tree.location))
    }
    return nil
  }

  /// "[a, b]" on the command line is a list.
  private static func flowList(_ text: String, at place: SourceLocation) -> Tree.Content? {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
    return .list(
      text.dropFirst().dropLast().split(separator: ",").map { item in
        Tree(.scalar(item.trimmingPrefix(" ").description), at: place)
      })
  }

  private func node(_ key: String) -> Tree? {
    guard case .mapping(let pairs) = tree.content else { return nil }
    return pairs.first { $0.key.scalar == key }?.value
  }

  private func reportUnknownKeys() {
    if case .mapping(let pairs) = tree.content {
      for (key, _) in pairs where !asked.contains(key.scalar ?? "") {
        let word = key.scalar ?? ""
        let near = suggestion(for: word, among: asked.sorted())
        let known = "known here: \(asked.sorted().joined(separator: ", "))"
        report(
          Diagnostic(
            "unknown key '\(word)'", at: key.location,
            hints: [near.map { "did you mean '\($0)'?" } ?? known]))
      }
    }
    for section in sections { section.reportUnknownKeys() }
  }

  private func allPaths() -> [String] {
    asked.sorted().map { path + $0 } + sections.flatMap { $0.allPaths() }
  }
}

extension Tree {
  fileprivate init(_ content: Content, at location: SourceLocation) {
    self.init(content: content, location: location)
  }
}
