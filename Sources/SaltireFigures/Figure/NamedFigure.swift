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

/// At most `limit` of the elements, evenly spaced: as many as a picture can show.
package func thinned(_ indices: Range<Int>, to limit: Int) -> [Int] {
  let stride = max((indices.count + limit - 1) / limit, 1)
  return Swift.stride(from: indices.lowerBound, to: indices.upperBound, by: stride).map(\.self)
}

/// Panel tags: (a), (b), …
package func tag(_ index: Int, _ text: String) -> String {
  let letter = Character(UnicodeScalar(UInt8(97 + index % 26)))
  return text.isEmpty ? "(\(letter))" : "(\(letter)) \(text)"
}

extension Figure {
  /// One panel for each device: a single one, or two in a row.
  package init(devices panels: [Panel]) {
    let isAlone = panels.count == 1
    self.init(
      panels: panels, columns: isAlone ? 1 : 2, width: isAlone ? 640 : 900,
      height: isAlone ? 400 : 320 * ((panels.count + 1) / 2))
  }
}
