import Foundation
import SaltireCore
import Testing

@testable import SaltireFigures

@Suite struct SVGImageTests {
  static let hostile = [
    "`touch pwned`", "\"; x", "a_b^{c} @P", "</text><script>", "line\nend", "back\\slash",
    "'single' %s", "\u{0}\u{7}\u{1B}]0;\u{FFFE}", "\u{301}combining", "id='x' href='#x'",
    "日本語 µΩ ΔG↑ ±", "", "]]> -- &amp;", "<!-- x", "]]>\u{301} a & b", "\u{202E}turned", "\t \t",
  ]

  static func sample(_ label: String = "conductance") -> Figure {
    let x = (0..<40).map(Double.init)
    let y = x.map { 1 + abs($0.truncatingRemainder(dividingBy: 16) - 8) / 4 }
    return Figure(
      panels: [
        .init(
          x: .init(label, unit: "s"), y: .init(label),
          layers: [
            .points(x, y, label: label, style: .faint),
            .errorBars([3, 9], [2, 3], xError: [1, 1], yError: [0.2, 0.1], label: "bars"),
            .band([0, 10, 20, 39], lower: [1, 1, .nan, 1], upper: [2, 2, 2, 2], label: "band"),
            .vertical(12, label: label, labelPlacement: .beside),
            .marker(x: 5, y: 2, label: label, labelPlacement: .beside),
          ], tag: label),
        .init(
          x: .init("C"), y: .init("A", scale: .log),
          layers: [
            .trajectory(x, y, label: "way"), .steps(x, y, label: "held"),
            .horizontal(2.5, label: label),
          ], legend: .above),
      ], columns: 2, width: 700, height: 320)
  }

  /// What XML keeps of a text.
  private func shown(_ label: String) -> String {
    String(
      String.UnicodeScalarView(
        label.shown.unicodeScalars.map { $0.value & 0xFFFE == 0xFFFE ? "\u{FFFD}" : $0 }))
  }

  @Test(arguments: hostile) func labelsAreOnlyText(label: String) throws {
    let document = try SVGDocument(SVGImage(Self.sample(label)).document)
    #expect(document.elements == ["svg", "rect", "g", "path", "text"])
    let scalars = Array(shown(label).unicodeScalars)
    // As axis label, in the legends, beside a line and a marker, and as tag.
    let count = document.texts.count { Array($0.unicodeScalars) == scalars }
    #expect(count == (label.isEmpty ? 0 : 6), "\(document.texts)")
  }

  @Test func anyTextIsWellFormed() throws {
    var random = SplitMix(state: 7)
    let pieces = ["<", "&", ">", "\"", "'", "]]>", "&#0;", "<![CDATA[", "\u{FFFF}", "\u{1FFFE}"]
    for _ in 0..<300 {
      let label = (0..<random.next() % 5).map { _ -> String in
        if random.next().isMultiple(of: 2) { return pieces[Int(random.next() % 10)] }
        return Unicode.Scalar(UInt32(random.next() % 0x11_0000)).map(String.init) ?? "\u{0}"
      }.joined()
      let document = try SVGDocument(SVGImage(Self.sample(label)).document)
      guard !label.isEmpty else { continue }
      let scalars = Array(shown(label).unicodeScalars)
      #expect(
        document.texts.contains { Array($0.unicodeScalars) == scalars },
        "\(scalars.map(\.value)): \(document.texts)")
    }
  }

  @Test func theSameFigureGivesTheSameText() throws {
    let text = try SVGImage(Self.sample()).document
    #expect(try SVGImage(Self.sample()).document == text)
    #expect(try SVGImage(Self.sample("other")).document != text)
    #expect(text.contains(#"width="700" height="320" viewBox="0 0 700 320""#))
    #expect(text.hasPrefix("<?xml"))
    let document = try SVGDocument(text)
    #expect(document.ids.isEmpty && document.references.isEmpty)
    let addresses = text.split(separator: "\"").filter { $0.contains("://") }
    #expect(addresses == ["http://www.w3.org/2000/svg"])
  }

  @Test func thePictureIsKnown() throws {
    try Golden.check(SVGImage(Self.sample()).document, "figure.svg")
  }

  @Test func aFaultyFigureIsNotDrawn() {
    let figure = Figure(.init(x: .init(""), y: .init(""), layers: [.line([1], [])]))
    #expect(throws: FigureError.lengthsDiffer(panel: 0, layer: 0)) { try SVGImage(figure) }
  }

  // MARK: Marks

  /// The data of the paths that a layer alone draws, in a frame that is returned, too.
  private func drawn(
    _ layers: Figure.Layer..., range: Figure.Axis.Range = .fixed(0...10),
    scale: Figure.Axis.Scale = .linear
  ) throws -> (paths: [[String: String]], frame: FigureLayout.Box) {
    let axis = Figure.Axis("", range: range, scale: scale)
    func figure(_ layers: [Figure.Layer]) -> Figure {
      Figure(.init(x: axis, y: axis, layers: layers), width: 400, height: 400)
    }
    let paths = try SVGDocument(SVGImage(figure(layers)).document).paths
    // The last is the frame with the ticks.
    return (Array(paths.dropLast()), FigureLayout(figure([])).plots[0].frame)
  }

  private func pieces(_ path: [String: String]) -> [Substring] {
    (path["d"] ?? "").split(separator: "M")
  }

  @Test func gapsBreakCurvesAndBands() throws {
    let gaps: [Double] = [4, .nan, 6, .infinity, 7, 8]
    let line = try drawn(.line([1, 2, 3, 4, 5, 6], gaps)).paths
    // A segment, and two lone points as dots.
    #expect(line.map { pieces($0).count } == [1, 2])
    #expect(pieces(line[1]).allSatisfy { $0.hasSuffix("h0") })
    let band = try drawn(
      .band([1, 2, 3, 4, 5], lower: [1, 1, .nan, 1, 1], upper: [2, 2, 2, 2, 2])
    ).paths
    #expect(pieces(band[0]).count == 2)
    // A value is held up to the gap after it.
    let (steps, frame) = try drawn(.steps([1, 2, 3], [7, 8, .nan]))
    let places = try #require(SVGDocument.places(steps[0]["d"] ?? ""))
    #expect(places.count == 4)
    #expect(abs(places[3].x - (frame.left + frame.width * 0.3)) < 0.01)
    let broken = try drawn(.steps([1, 2, 3, 4], [7, .nan, 8, 9])).paths
    #expect(pieces(broken[0]).count == 2)
    #expect(try drawn(.line([1, 2], [.nan, .nan]), .points([], [])).paths.isEmpty)
  }

  @Test func linesAreCutAtTheFrame() throws {
    let (paths, frame) = try drawn(
      .line([-5, 15, 5, 5, 1e300], [5, 5, 1e299, -1e200, 3]),
      .band([-4, 5, 20], lower: [-1e200, 2, 3], upper: [4, 1e200, 5]),
      .trajectory([-1, 11], [-1, 11]), .points([11, 5], [5, -0.1]), .vertical(12),
      .horizontal(-1), .marker(x: 20, y: 5),
      .errorBars([5, 20], [5, 5], xError: [100, 1], yError: [.infinity, 1]))
    // Of the points, the lines and the marker outside nothing remains.
    #expect(paths.count == 5)
    for path in paths {
      for place in try #require(SVGDocument.places(path["d"] ?? "")) {
        #expect(place.x >= frame.left - 0.01 && place.x <= frame.right + 0.01, "\(path)")
        #expect(400 - place.y >= frame.bottom - 0.01 && 400 - place.y <= frame.top + 0.01)
      }
    }
    // The level segment crosses the whole frame.
    let first = try #require(SVGDocument.places(paths[0]["d"] ?? ""))
    #expect(abs(first[0].x - frame.left) < 0.01 && abs(first[1].x - frame.right) < 0.01)
  }

  @Test func errorBarsHaveCapsWhereTheyEnd() throws {
    func bars(
      _ error: Double, scale: Figure.Axis.Scale = .linear,
      range: Figure.Axis.Range = .fixed(0...10)
    ) throws -> [Substring] {
      let paths = try drawn(
        .errorBars([1], [5], yError: [error]), range: range, scale: scale
      ).paths
      // The point itself is the last.
      return paths.count == 2 ? pieces(paths[0]) : []
    }
    #expect(try bars(2).count == 3)
    #expect(try bars(.nan).isEmpty)
    // Beyond the frame, and to zero on a logarithmic axis, it runs off.
    #expect(try bars(.infinity).count == 1)
    #expect(try bars(6).count == 1)
    #expect(try bars(5, scale: .log, range: .fixed(0.1...100)).count == 2)
  }

  /// Translucent points that overlap are in different paths, which a renderer adds up.
  @Test func densityShows() throws {
    let spot = [Double](repeating: 5, count: 5)
    #expect(try drawn(.points(spot, spot, style: .faint)).paths.count == 5)
    #expect(try drawn(.points(spot, spot)).paths.map { pieces($0).count } == [1])
    var random = SplitMix(state: 3)
    let points = (0..<2000).map { _ in
      FigureLayout.Point(x: random.unit() * 100, y: random.unit() * 100)
    }
    let dots = Dots(points, diameter: 2.6, depth: 12)
    #expect(dots.paths.reduce(0) { $0 + $1.count } > 1990)
    for path in dots.paths {
      for (index, point) in path.enumerated() {
        for other in path[(index + 1)...] {
          #expect(max(abs(point.x - other.x), abs(point.y - other.y)) > 2.4)
        }
      }
    }
  }

  /// A hundred thousand points: what cannot be seen is left out, what can is not.
  @Test func longCurvesStaySmall() throws {
    var random = SplitMix(state: 11)
    let x = (0..<100_000).map { Double($0) / 10_000 }
    var y = x.map { _ in 4 + random.unit() }
    (y[12_345], y[77_777]) = (9, 1)
    let (paths, frame) = try drawn(.line(x, y), .points(x, x, style: .faint))
    #expect((paths[0]["d"] ?? "").utf8.count < 120_000)
    let places = try #require(SVGDocument.places(paths[0]["d"] ?? ""))
    let heights = places.map { (400 - $0.y - frame.bottom) / frame.height }
    #expect(abs((heights.max() ?? 0) - 0.9) < 1e-3 && abs((heights.min() ?? 1) - 0.1) < 1e-3)
    // An orbit that nobody can follow; its gaps remain.
    var orbit = x.map { _ in random.unit() * 10 }
    orbit[50_001] = .nan
    let turns = try drawn(.trajectory(orbit, y)).paths[0]
    #expect((turns["d"] ?? "").utf8.count < 400_000 && pieces(turns).count == 2)
    #expect(paths.dropFirst().reduce(0) { $0 + ($1["d"] ?? "").utf8.count } < 1_000_000)
  }
}
