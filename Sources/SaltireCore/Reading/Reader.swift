/// Reads one mapping of a ``Document`` key by key, in base units, collecting
/// every fault instead of stopping at the first.
///
/// A fault leaves a stand-in value behind, so whoever reads goes on; what was
/// read may be used only after ``finish()`` on the outermost reader returned.
public final class Reader {
  private let shared: Shared
  let tree: Tree
  private let path: String
  private var asked: Set<String> = []
  /// Of the mapping, by key.
  private lazy var values: [String: Tree] = {
    guard case .mapping(let pairs) = tree.content else { return [:] }
    return Dictionary(
      pairs.map { ($0.key.scalar ?? "", $0.value) }, uniquingKeysWith: { first, _ in first })
  }()
  private var sections: [Reader] = []
  /// Whether the mapping itself is missing, which has been said already.
  private let isAbsent: Bool

  /// What all readers of one document share.
  private final class Shared {
    var faults: [Diagnostic] = []
    var conclusions: [Diagnostic] = []
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

  private init(tree: Tree, path: String, shared: Shared, isAbsent: Bool = false) {
    self.isAbsent = isAbsent
    self.tree = tree
    self.path = path
    self.shared = shared
  }

  /// Where the mapping begins.
  public var location: SourceLocation? { tree.location }

  /// The keys that the document holds here, in its order, and those that only
  /// overrides add.
  public var keys: [String] {
    guard case .mapping(let pairs) = tree.content else { return [] }
    let written = pairs.compactMap(\.key.scalar)
    let added = shared.overrides.keys.filter { $0.hasPrefix(path) }.compactMap {
      $0.dropFirst(path.count).split(separator: ".").first.map(String.init)
    }
    return written + Set(added).subtracting(written).sorted()
  }

  /// Whether the key stands here, in the document or as an override of it or
  /// of something below it.
  public func has(_ key: String) -> Bool {
    asked.insert(key)
    let path = path + key
    return node(key) != nil || shared.overrides[path] != nil || hasOverrides(below: path + ".")
  }

  /// Reports a fault found by whoever reads.
  public func report(_ diagnostic: Diagnostic) { shared.faults.append(diagnostic) }

  /// Reports what follows from several values: it is said only where everything
  /// could be read, because nothing follows from a stand-in.
  public func conclude(_ diagnostic: Diagnostic) { shared.conclusions.append(diagnostic) }

  /// Ends the reading.
  ///
  /// - Throws: ``Diagnostics`` with every fault, unknown keys first: what is missing
  ///   may be there under a wrong name. Without faults, with what was concluded.
  public func finish() throws(Diagnostics) {
    let faults = unknownKeys() + unusedSettings() + shared.faults
    if faults.count > Self.mostFaults {
      let left = faults.count - Self.mostFaults
      throw Diagnostics(
        faults.prefix(Self.mostFaults) + [Diagnostic("\(left) more errors not shown")])
    }
    if !faults.isEmpty { throw Diagnostics(faults) }
    if !shared.conclusions.isEmpty { throw Diagnostics(shared.conclusions) }
  }

  /// More faults than this nobody reads.
  private static let mostFaults = 50

  // MARK: Sections

  /// The mapping at `key`; an empty one where it may be missing and is.
  public func section(_ key: String, required: Bool = false) -> Reader {
    let found = found(key, wanted: required)
    var tree = found ?? Tree(content: .mapping([]), location: self.tree.location)
    var isAbsent = required && found == nil
    if case .mapping = tree.content {
    } else {
      isAbsent = true
      let isTyped = shared.overrides[path + key] != nil
      report(
        Diagnostic(
          "\(key): expected keys and values, found \(tree.kind)", at: tree.location,
          hints: isTyped ? ["set them one by one: --set \(path)\(key).KEY=VALUE"] : []))
      tree = Tree(content: .mapping([]), location: tree.location)
    }
    let reader = Reader(
      tree: tree, path: "\(path)\(key).", shared: shared,
      isAbsent: isAbsent && !hasOverrides(below: "\(path)\(key)."))
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

  /// What is wrong with a value, before its place is known.
  struct Fault: Error {
    var message: String
    var hints: [String]
    init(_ message: String, hints: [String] = []) {
      self.message = message
      self.hints = hints
    }
  }

  /// The value at `key` as `convert` makes it of its text.
  func value<Value: Sendable>(
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
  func found(_ key: String, wanted: Bool) -> Tree? {
    asked.insert(key)
    if let text = shared.overrides[path + key] {
      shared.unused.remove(path + key)
      let setting = "--set \(path)\(key)=\(text)"
      let column = setting.count - text.count + 1
      let place = SourceLocation(
        file: SourceLocation.commandLine, line: 1, column: column, length: max(text.count, 1),
        excerpt: setting)
      return Tree(Self.flowList(text, at: place) ?? .scalar(text), at: place)
    }
    if let node = node(key) { return node }
    if wanted, !isAbsent {
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

  private func hasOverrides(below path: String) -> Bool {
    shared.overrides.keys.contains { $0.hasPrefix(path) }
  }

  private func node(_ key: String) -> Tree? {
    values[key]
  }

  private func unknownKeys() -> [Diagnostic] {
    var unknown: [Diagnostic] = []
    if case .mapping(let pairs) = tree.content {
      let asked = asked.sorted()
      let known = "known here: \(asked.joined(separator: ", "))"
      for (key, _) in pairs where !self.asked.contains(key.scalar ?? "") {
        let word = key.scalar ?? ""
        // What is not told needs no hint.
        let near = unknown.count < Self.mostFaults ? suggestion(for: word, among: asked) : nil
        unknown.append(
          Diagnostic(
            "unknown key '\(word)'", at: key.location,
            hints: [near.map { "did you mean '\($0)'?" } ?? known]))
      }
    }
    return unknown + sections.flatMap { $0.unknownKeys() }
  }

  private func unusedSettings() -> [Diagnostic] {
    let known = allPaths()
    return shared.unused.sorted().compactMap { path in
      guard known.contains(path) else {
        return Diagnostic(
          "'\(path)' is not a known setting",
          hints: suggestion(for: path, among: known).map { ["did you mean '\($0)'?"] } ?? [])
      }
      // Why it was not read has been said, where something is wrong.
      return shared.faults.isEmpty ? Diagnostic("'\(path)' cannot be set") : nil
    }
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
