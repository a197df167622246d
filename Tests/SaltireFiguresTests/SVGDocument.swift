import Foundation
import FoundationXML

/// What the tests ask of an XML document, read with a real parser.
final class SVGDocument: NSObject, XMLParserDelegate {
  private(set) var ids: [String] = []
  private(set) var references: [String] = []
  private(set) var elements: Set<String> = []
  /// The content of every `text` element.
  private(set) var texts: [String] = []
  private var isInText = false

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
    if name == "text" {
      isInText = true
      texts.append("")
    }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    if isInText { texts[texts.count - 1] += characters }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "text" { isInText = false }
  }
}
