/// A figure as SVG, for a separate file or inside an HTML page.
///
/// The same figure gives the same text. It has no external references, and no ids that could
/// conflict with other figures on the same page.
public struct SVGImage: Sendable, Equatable {
  /// The `<svg>` element.
  let markup: String

  /// - Throws: ``FigureError``.
  public init(_ figure: Figure) throws(FigureError) {
    try figure.validate()
    markup = SVGWriter(figure).text
  }

  /// The picture as a separate file.
  public var document: String { "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + markup }
}
