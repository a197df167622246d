internal import Foundation

/// A figure with the name of its files and the caption under it.
public struct NamedFigure: Sendable, Equatable {
  /// File name without extension.
  public var name: String
  public var figure: Figure
  public var caption: String

  public init(_ name: String, _ figure: Figure, caption: String) {
    self.name = name
    self.figure = figure
    self.caption = caption
  }
}

/// At most `limit` of the elements, evenly taken: what a picture can show.
func thinned(_ indices: Range<Int>, to limit: Int) -> [Int] {
  let stride = max((indices.count + limit - 1) / limit, 1)
  return Swift.stride(from: indices.lowerBound, to: indices.upperBound, by: stride).map(\.self)
}

/// Panel tags: (a), (b), …
func tag(_ index: Int, _ text: String) -> String {
  let letter = Character(UnicodeScalar(UInt8(97 + index % 26)))
  return text.isEmpty ? "(\(letter))" : "(\(letter)) \(text)"
}

/// A name from a session as a file name: whatever could leave the folder or
/// puzzle a shell becomes a dash.
func fileName(_ name: String) -> String {
  let kept = name.map { character in
    character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
      ? character : "-"
  }
  // As long as every file system takes, with an extension.
  let safe = String(kept.drop { $0 == "." }.prefix(200))
  return safe.isEmpty ? "unnamed" : safe
}

extension [NamedFigure] {
  /// Draws every figure into `folder` as SVG and PNG.
  func write(
    to folder: URL, gnuplot: Gnuplot
  ) throws -> [(figure: NamedFigure, image: SVGImage)] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try map { figure in
      let image = try gnuplot.svg(figure.figure)
      let base = folder.appendingPathComponent(fileName(figure.name))
      try Data(image.document.utf8).write(to: base.appendingPathExtension("svg"))
      try gnuplot.png(figure.figure).write(to: base.appendingPathExtension("png"))
      return (figure, image)
    }
  }
}
