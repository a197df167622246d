/// A report as one self-contained HTML page: no scripts, no files, no network.
public struct HTMLReport: Sendable, Equatable {
  /// The outcome, shown next to the verdict as a word and a colour.
  public enum Status: String, Sendable, Equatable, CaseIterable {
    case ok, warning, failed

    var word: String {
      switch self {
      case .ok: "OK"
      case .warning: "Warning"
      case .failed: "Failed"
      }
    }
  }

  public struct Section: Sendable, Equatable {
    public var heading: String
    public var blocks: [Block]

    public init(_ heading: String, _ blocks: [Block]) {
      self.heading = heading
      self.blocks = blocks
    }
  }

  public enum Block: Sendable, Equatable {
    case paragraph(String)
    case keyValues([KeyValue])
    case table(HTMLTable)
    /// A picture with a caption; figures are numbered through the page.
    case figure(SVGImage, caption: String)
    /// Text whose spaces and line breaks are significant.
    case preformatted(String)
    /// Blocks that are collapsed under a summary.
    indirect case details(summary: String, [Block])
  }

  public struct KeyValue: Sendable, Equatable {
    public var key: String
    public var value: String

    public init(_ key: String, _ value: String) {
      self.key = key
      self.value = value
    }
  }

  public var title: String
  /// The result in one line.
  public var verdict: String
  public var status: Status
  public var sections: [Section]

  public init(title: String, verdict: String, status: Status, sections: [Section]) {
    self.title = title
    self.verdict = verdict
    self.status = status
    self.sections = sections
  }

  /// The page. The same report gives the same text.
  public func html() -> String {
    var writer = HTMLWriter()
    writer.write(self)
    return writer.text
  }
}
