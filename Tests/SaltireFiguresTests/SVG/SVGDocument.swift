import Foundation
import FoundationXML

@testable import SaltireFigures

/// What the tests ask of an XML document, read with a real parser.
final class SVGDocument: NSObject, XMLParserDelegate {
  struct Text {
    var content = ""
    var attributes: [String: String]
    /// Width on one line, by the layout's own measure.
    var width = 0.0
    var size: Double

    func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }

    /// What it covers: left, right, top and bottom in the coordinates of SVG.
    var box: (left: Double, right: Double, top: Double, bottom: Double) {
      let (x, y) = (number("x"), number("y"))
      let start =
        switch attributes["text-anchor"] {
        case "middle": -width / 2
        case "end": -width
        default: 0.0
        }
      guard let turn = attributes["transform"] else {
        return (x + start, x + start + width, y - 0.75 * size, y + 0.22 * size)
      }
      // By -90 degrees about the middle of its height.
      let numbers = turn.split { "() ".contains($0) }.dropFirst().compactMap { Double($0) }
      let down = y - numbers[2]
      return (
        x + down - 0.75 * size, x + down + 0.22 * size, numbers[2] - start - width,
        numbers[2] - start
      )
    }
  }

  private(set) var ids: [String] = []
  private(set) var references: [String] = []
  private(set) var elements: Set<String> = []
  private(set) var labels: [Text] = []
  /// Attributes of every `path` element.
  private(set) var paths: [[String: String]] = []
  private var sizes: [Double] = [16]
  private var isInText = false

  /// The content of every `text` element.
  var texts: [String] { labels.map(\.content) }

  struct NotXML: Error {
    var reason: String
  }

  init(_ text: String) throws {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    guard parser.parse() else {
      throw NotXML(reason: parser.parserError.map { "\($0)" } ?? "unknown")
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.insert(name)
    if let id = attributes["id"] { ids.append(id) }
    if let target = attributes["xlink:href"] ?? attributes["href"], target.hasPrefix("#") {
      references.append(String(target.dropFirst()))
    }
    sizes.append(attributes["font-size"].flatMap(Double.init) ?? sizes[sizes.count - 1])
    if name == "path" { paths.append(attributes) }
    if name == "text" {
      isInText = true
      labels.append(Text(attributes: attributes, size: sizes[sizes.count - 1]))
    }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    guard isInText else { return }
    labels[labels.count - 1].content += characters
    labels[labels.count - 1].width += TextWidth.ems(characters) * sizes[sizes.count - 1]
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    sizes.removeLast()
    if name == "text" { isInText = false }
  }

  /// Where the pen of a path's data goes, in the coordinates of SVG; nil if it is not of the
  /// commands that figures use.
  static func places(_ data: String) -> [FigureLayout.Point]? {
    var places: [FigureLayout.Point] = []
    for part in data.split(separator: "M") {
      // A dot, a closed outline or a circle ends here.
      let words = part.prefix { !"hza".contains($0) }.split(separator: " ")
      let numbers = words.compactMap { Double($0) }
      guard numbers.count == words.count, numbers.count.isMultiple(of: 2), !numbers.isEmpty,
        numbers.allSatisfy(\.isFinite)
      else { return nil }
      for index in stride(from: 0, to: numbers.count, by: 2) {
        places.append(.init(x: numbers[index], y: numbers[index + 1]))
      }
    }
    return places
  }
}
