import Foundation

/// An SVG picture drawn by gnuplot, ready to stand alone or inside an HTML page.
public struct SVGImage: Sendable, Equatable {
  private let markup: String

  /// Takes what gnuplot wrote and leaves out what is not the picture: its version, hover texts
  /// naming plot elements, and the hint that draws filled shapes with jagged edges.
  init(gnuplotOutput: String) {
    let start = gnuplotOutput.range(of: "<svg")?.lowerBound ?? gnuplotOutput.startIndex
    var text = String(gnuplotOutput[start...])
    for name in ["title", "desc"] {
      while let open = text.range(of: "<\(name)>"),
        let close = text.range(of: "</\(name)>", range: open.upperBound..<text.endIndex)
      {
        text.removeSubrange(open.lowerBound..<close.upperBound)
      }
    }
    markup = Self.mappingTags(of: text) { tag in
      tag.replacing(" shape-rendering='crispEdges'", with: "")
        .replacing("font-family=\"Arial\"", with: "font-family=\"Arial, Helvetica, sans-serif\"")
    }
  }

  /// The picture as a file of its own.
  public var document: String {
    "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\"?>\n" + markup
  }

  /// The `<svg>` element with every id, and every reference to one, starting with a prefix.
  /// gnuplot gives the same ids to all its pictures; on one page they must differ.
  /// - Parameter idPrefix: ASCII letters, digits and hyphens.
  public func fragment(idPrefix: String) -> String {
    Self.mappingTags(of: markup) { tag in
      var tag = tag
      for quote in ["'", "\""] {
        tag = tag.replacing(" id=\(quote)", with: " id=\(quote)\(idPrefix)")
          .replacing("href=\(quote)#", with: "href=\(quote)#\(idPrefix)")
      }
      return tag.replacing("url(#", with: "url(#\(idPrefix)")
    }
  }

  /// Rewrites the tags of a document but not the text between them: a label may well look like
  /// an attribute. There only ">" is escaped, which gnuplot forgets and XML forbids after "]]".
  private static func mappingTags(of text: String, _ rewrite: (String) -> String) -> String {
    // Bytes, since a label starting with a combining mark would swallow the ">" before it.
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "<")),
      let close = rest[open...].firstIndex(of: UInt8(ascii: ">"))
    {
      result += rest[..<open].flatMap { $0 == UInt8(ascii: ">") ? Array("&gt;".utf8) : [$0] }
      result += Array(rewrite(String(decoding: rest[open...close], as: UTF8.self)).utf8)
      rest = rest[(close + 1)...]
    }
    return String(decoding: result + rest, as: UTF8.self)
  }
}
