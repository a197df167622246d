/// A figure as SVG, ready to stand alone or inside an HTML page.
///
/// The same figure gives the same text. It refers to nothing outside, and has no ids that could
/// meet those of another on the same page.
public struct SVGImage: Sendable, Equatable {
  /// The `<svg>` element.
  let markup: String

  /// - Throws: ``FigureError``.
  public init(_ figure: Figure) throws(FigureError) {
    try figure.validate()
    markup = SVGWriter(figure).text
  }

  /// The picture as a file of its own.
  public var document: String { "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + markup }
}
