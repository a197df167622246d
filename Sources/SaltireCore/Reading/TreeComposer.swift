import CYaml

/// Builds the tree of a YAML text from the events of libyaml's parser, and refuses what
/// would be too large before it is built: an alias counts as all that it stands for.
final class TreeComposer {
  /// What a document may have; files of a rig have a thousandth of it.
  enum Limit {
    /// Bytes.
    static let text = 1 << 20
    /// Texts, lists and mappings, with those that aliases stand for.
    static let values = 100_000
    /// Lists and mappings in one another.
    static let depth = 50
  }

  private let name: String
  private let lines: SourceLines
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private var parser = yaml_parser_t()
  /// What aliases stand for, and of how many values it is.
  private var anchors: [String: (tree: Tree, values: Int)] = [:]
  private var values = 0

  fileprivate struct Event {
    enum Kind: Equatable {
      case alias(String)
      /// Whether its lines are kept.
      case scalar(String, isBlock: Bool)
      case list, mapping, listEnd, mappingEnd, streamEnd, other
    }
    var kind: Kind
    var anchor: String?
    var line: Int
    var column: Int
    /// Where it is in the text, in Unicode scalars.
    var span: Range<Int>
  }

  init(name: String, text: String, lines: SourceLines) {
    self.name = name
    self.lines = lines
    bytes = .allocate(capacity: text.utf8.count)
    _ = bytes.initialize(from: text.utf8)
    yaml_parser_initialize(&parser)
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(&parser)
    bytes.deallocate()
  }

  /// The one document of the text; nil where there is none.
  func root() throws(Diagnostics) -> Tree? {
    // The stream begins, and the document.
    _ = try next()
    guard try next().kind != .streamEnd else { return nil }
    let root = try tree(try next(), depth: 0)
    // The document ends.
    _ = try next()
    let end = try next()
    guard end.kind == .streamEnd else { throw fault("but found another document", at: end) }
    return root
  }

  private func tree(_ event: Event, depth: Int) throws(Diagnostics) -> Tree {
    let before = values
    var tree = Tree(
      content: .scalar(""), location: lines.location(of: event, in: name), span: event.span)
    switch event.kind {
    case .alias(let anchor):
      guard let known = anchors[anchor] else { throw fault("found undefined alias", at: event) }
      try count(known.values, at: tree)
      return known.tree
    case .scalar(let text, let isBlock):
      try count(1, at: tree)
      let shown = isBlock ? text.shown : text.shownOnOneLine
      guard shown == text else {
        throw Diagnostics(
          Diagnostic(
            "text with control characters: '\(shown.prefix(80))'", at: tree.location,
            hints: ["control characters would make it look different from what it is; remove them"])
        )
      }
      tree.content = .scalar(text)
      let length = lines.length(of: text, at: tree.location)
      tree.location?.length = length
    case .list:
      try enter(depth, at: tree)
      var items: [Tree] = []
      var next = try next()
      while next.kind != .listEnd {
        items.append(try self.tree(next, depth: depth + 1))
        next = try self.next()
      }
      tree.content = .list(items)
    default:
      try enter(depth, at: tree)
      tree.content = .mapping(try pairs(depth: depth + 1))
    }
    if let anchor = event.anchor { anchors[anchor] = (tree, values - before) }
    return tree
  }

  private func pairs(depth: Int) throws(Diagnostics) -> [(key: Tree, value: Tree)] {
    var pairs: [(key: Tree, value: Tree)] = []
    var places: [String: SourceLocation?] = [:]
    var next = try next()
    while next.kind != .mappingEnd {
      let key = try tree(next, depth: depth)
      guard let word = key.scalar else {
        throw Diagnostics(Diagnostic("expected a key, found \(key.kind)", at: key.location))
      }
      if let first = places.updateValue(key.location, forKey: word) {
        throw Diagnostics(Diagnostic("the key '\(word)' is used twice", at: first))
      }
      pairs.append((key, try tree(try self.next(), depth: depth)))
      next = try self.next()
    }
    return pairs
  }

  private func enter(_ depth: Int, at tree: Tree) throws(Diagnostics) {
    try count(1, at: tree)
    guard depth < Limit.depth else {
      throw Diagnostics(
        Diagnostic(
          "lists and keys are nested deeper than \(Limit.depth) levels", at: tree.location))
    }
  }

  private func count(_ more: Int, at tree: Tree) throws(Diagnostics) {
    values += more
    guard values <= Limit.values else {
      throw Diagnostics(
        Diagnostic(
          "\(name) holds more than \(Limit.values) values", at: tree.location,
          hints: ["each use of an alias counts as a full copy of its anchor"]))
    }
  }

  private func next() throws(Diagnostics) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(&parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    let (kind, anchor) = Self.content(of: event)
    return Event(
      kind: kind, anchor: anchor.map { String(cString: $0) },
      line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1,
      span: Int(event.start_mark.index)..<Int(event.end_mark.index))
  }

  private static func content(
    of event: yaml_event_t
  ) -> (Event.Kind, UnsafeMutablePointer<UInt8>?) {
    switch event.type {
    case YAML_ALIAS_EVENT: (.alias(String(cString: event.data.alias.anchor)), nil)
    case YAML_SCALAR_EVENT:
      (
        .scalar(
          String(
            decoding: UnsafeBufferPointer(
              start: event.data.scalar.value, count: Int(event.data.scalar.length)),
            as: UTF8.self),
          isBlock: event.data.scalar.style == YAML_LITERAL_SCALAR_STYLE
            || event.data.scalar.style == YAML_FOLDED_SCALAR_STYLE), event.data.scalar.anchor
      )
    case YAML_SEQUENCE_START_EVENT: (.list, event.data.sequence_start.anchor)
    case YAML_MAPPING_START_EVENT: (.mapping, event.data.mapping_start.anchor)
    case YAML_SEQUENCE_END_EVENT: (.listEnd, nil)
    case YAML_MAPPING_END_EVENT: (.mappingEnd, nil)
    case YAML_STREAM_END_EVENT: (.streamEnd, nil)
    default: (.other, nil)
    }
  }

  // MARK: Faults

  private func failure() -> Diagnostics {
    let problem = parser.problem.map { String(cString: $0) } ?? "it is not readable"
    guard parser.error == YAML_READER_ERROR else {
      return fault(
        problem, line: Int(parser.problem_mark.line) + 1,
        column: Int(parser.problem_mark.column) + 1)
    }
    // The reader knows bytes only.
    let before = bytes.prefix(Int(parser.problem_offset))
    let line = before.count { $0 == 10 } + 1
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return fault(
      problem, line: line, column: String(decoding: before[start...], as: UTF8.self).count + 1)
  }

  private func fault(_ problem: String, at event: Event) -> Diagnostics {
    fault(problem, line: event.line, column: event.column)
  }

  private func fault(_ problem: String, line: Int, column: Int) -> Diagnostics {
    Diagnostics(
      Diagnostic("not YAML: \(problem)", at: lines.nearest(line: line, column: column, in: name)))
  }
}

/// The lines of a text, with their lengths: on one long line stand many values.
struct SourceLines {
  private let lines: [(text: String, length: Int)]

  init(_ text: String) {
    lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
      (String($0), $0.count)
    }
  }

  /// The first, for what is wrong with the whole text.
  func start(in name: String) -> SourceLocation {
    SourceLocation(file: name, line: 1, column: 1, excerpt: lines.first?.text ?? "")
  }

  /// A place that may stand behind the last line.
  func nearest(line: Int, column: Int, in name: String) -> SourceLocation {
    let line = min(max(line, 1), max(lines.count, 1))
    let (text, length) = line <= lines.count ? lines[line - 1] : ("", 0)
    return SourceLocation(
      file: name, line: line, column: min(max(column, 1), length + 1), excerpt: text)
  }

  fileprivate func location(of event: TreeComposer.Event, in name: String) -> SourceLocation {
    // libyaml counts characters and lines of its own.
    nearest(line: event.line, column: event.column, in: name)
  }

  /// How much of the line a text takes.
  fileprivate func length(of text: String, at place: SourceLocation?) -> Int {
    guard let place, place.line <= lines.count else { return 1 }
    return min(max(text.count, 1), max(lines[place.line - 1].length - place.column + 1, 1))
  }
}
