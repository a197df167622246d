/// Reads one mapping of a ``Document`` by declared keys, in base units, collecting
/// every fault instead of stopping at the first.
///
/// A fault leaves a stand-in value behind, so whoever reads goes on; what was
/// read may be used only after ``finish()`` on the outermost reader returned.
public final class Reader {
  private let shared: Shared
  private let tree: Tree
  private let path: String
  /// The path with what users choose as it is declared.
  private let declared: String
  /// What its section may hold; none at the top.
  private let known: [Declaration]
  private var asked: Set<String> = []
  /// Of the mapping, by key.
  private lazy var values: [String: Tree] = {
    guard case .mapping(let pairs) = tree.content else { return [:] }
    return Dictionary(
      pairs.map { ($0.key.scalar ?? "", $0.value) }, uniquingKeysWith: { first, _ in first })
  }()
  private var sections: [Reader] = []
  /// Whether the mapping itself is missing, which has been said already.
  private var isAbsent = false

  /// What all readers of one document share.
  private final class Shared {
    var faults: [Diagnostic] = []
    var conclusions: [Diagnostic] = []
    var overrides: [String: String]
    var unused: Set<String>
    let witness = ReadWitness.current

    init(_ overrides: Overrides) {
      self.overrides = overrides.values
      unused = Set(overrides.values.keys)
    }
  }

  public convenience init(_ document: Document, overrides: Overrides = Overrides()) {
    self.init(tree: document.root, path: "", declared: "", known: [], shared: Shared(overrides))
  }

  private init(
    tree: Tree, path: String, declared: String, known: [Declaration], shared: Shared
  ) {
    self.known = known
    self.tree = tree
    self.path = path
    self.declared = declared
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

  /// The value at `key`, which must stand there unless there is a default.
  public subscript<Value>(key: Key<Value>) -> Located<Value> {
    let fallback = key.fallback ?? key.placeholder
    guard let found = found(key, wanted: key.fallback == nil) else {
      return Located(fallback, at: tree.location)
    }
    let value = key.convert(found, key.name) { report($0) } ?? fallback
    return Located(value, at: found.location)
  }

  /// The value at `key` where it stands here.
  public func optional<Value>(_ key: Key<Value>) -> Located<Value>? {
    has(key) ? self[key] : nil
  }

  /// Where the value at `key` stands; the mapping's place where it does not.
  public func location(of key: any DeclaredKey) -> SourceLocation? {
    found(key, wanted: false)?.location ?? tree.location
  }

  /// Whether the key stands here, in the document or as an override of it or
  /// of something below it.
  public func has(_ key: any DeclaredKey) -> Bool {
    note(key)
    let path = path + key.name
    return values[key.name] != nil || shared.overrides[path] != nil
      || hasOverrides(below: path + ".")
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
  ///
  /// - Parameter required: whether it must be there, where that depends on other values.
  public func section(_ key: SectionKey, required: Bool? = nil) -> Reader {
    let isRequired = required ?? key.isRequired
    let found = found(key, wanted: isRequired)
    var tree = found ?? Tree(content: .mapping([]), location: self.tree.location)
    var isAbsent = isRequired && found == nil
    if case .mapping = tree.content {
    } else {
      isAbsent = true
      let isTyped = shared.overrides[path + key.name] != nil
      report(
        Diagnostic(
          "\(key.name): expected keys and values, found \(tree.kind)", at: tree.location,
          hints: isTyped ? ["set them one by one: --set \(path)\(key.name).KEY=VALUE"] : []))
      tree = Tree(content: .mapping([]), location: tree.location)
    }
    let reader = reader(tree, key, "\(key.name).")
    reader.isAbsent = isAbsent && !hasOverrides(below: reader.path)
    return reader
  }

  /// The mapping at `key` where it stands here.
  public func optional(_ key: SectionKey) -> Reader? { has(key) ? section(key) : nil }

  /// The mappings in the list at `key`; none where it may be missing and is.
  public func list(_ key: SectionKey) -> [Reader] {
    guard let found = found(key, wanted: key.isRequired) else { return [] }
    guard case .list(let items) = found.content else {
      report(Diagnostic("\(key.name): expected a list, found \(found.kind)", at: found.location))
      return []
    }
    return items.enumerated().compactMap { index, item in
      guard case .mapping = item.content else {
        report(Diagnostic("expected keys and values, found \(item.kind)", at: item.location))
        return nil
      }
      return reader(item, key, "\(key.name).\(index).")
    }
  }

  private func reader(_ tree: Tree, _ key: SectionKey, _ name: String) -> Reader {
    let reader = Reader(
      tree: tree, path: path + name, declared: declared + key.declaration.below,
      known: key.declaration.children, shared: shared)
    sections.append(reader)
    return reader
  }

  // MARK: Inside

  private func note(_ key: any DeclaredKey) {
    asked.insert(key.name)
    shared.witness?.note(key, at: declared + key.declaration.name)
  }

  /// The node at `key` or what overrides it; reports its absence when wanted.
  private func found(_ key: any DeclaredKey, wanted: Bool) -> Tree? {
    note(key)
    let name = key.name
    if let text = shared.overrides[path + name] {
      shared.unused.remove(path + name)
      let setting = "--set \(path)\(name)=\(text)"
      let column = setting.count - text.count + 1
      let place = SourceLocation(
        file: SourceLocation.commandLine, line: 1, column: column, length: max(text.count, 1),
        excerpt: setting)
      return Tree(Self.flowList(text, at: place) ?? .scalar(text), at: place)
    }
    if let node = values[name] { return node }
    if wanted, !isAbsent {
      let place = path.isEmpty ? "" : " in '\(path.dropLast())'"
      report(
        Diagnostic(
          "'\(name)' is missing\(place)", at: tree.location, hints: [key.declaration.hint]))
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

  private func unknownKeys() -> [Diagnostic] {
    var unknown: [Diagnostic] = []
    if case .mapping(let pairs) = tree.content {
      let asked = asked.sorted()
      let known = "known here: \(asked.joined(separator: ", "))"
      for (key, _) in pairs where !self.asked.contains(key.scalar ?? "") {
        let word = key.scalar ?? ""
        // Right, were it not for another value.
        let condition = self.known.first { $0.name == word }?.condition
        // What is not told needs no hint.
        let near = unknown.count < Self.mostFaults ? suggestion(for: word, among: asked) : nil
        unknown.append(
          Diagnostic(
            "unknown key '\(word)'", at: key.location,
            hints: [
              condition.map { "it applies only \($0.replacing("`", with: ""))" }
                ?? near.map { "did you mean '\($0)'?" } ?? known
            ]))
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
