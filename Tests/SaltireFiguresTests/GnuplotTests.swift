import Foundation
import FoundationXML
import Testing

@testable import SaltireFigures

/// Without gnuplot these tests fail with ``GnuplotError/notInstalled(program:package:)``, whose
/// text names the package to install.
@Suite struct GnuplotTests {
  static let hostile = [
    "`touch pwned`", "\"; system('touch pwned'); \"", "a_b^{c} {/Symbol s} @PATH",
    "</text><script>alert(1)</script>", "line\nsystem('touch pwned')", "back\\slash \\n \\140",
    "'single' $(id) %s %n #c", "\u{0}\u{7}\u{1B}]0;\u{FFFE}", "\u{301}combining id='x' href='#x'",
    "日本語 µΩ ΔG↑ ±", "!touch pwned", "", "]]> -- &amp; <!--",
    "]]>\u{301} a & b",
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

  @Test(arguments: hostile) func labelsAreShownAndNeverRun(label: String) throws {
    let image = try Gnuplot().svg(Self.sample(label))
    let document = try SVGDocument(image.document)
    #expect(!document.elements.contains("script"))
    // What the XML can hold is shown, line by line; the rest is dropped.
    let kept = String(
      String.UnicodeScalarView(
        label.unicodeScalars.filter { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0xFFFE) }))
    for line in kept.split(separator: "\n") {
      #expect(document.texts.contains { $0.contains(line) }, "\(document.texts)")
    }
  }

  @Test func aLabelCannotStartACommand() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("saltire-hostile-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let trace = folder.appendingPathComponent("trace").path
    let gnuplot = try Gnuplot()
    for attack in [
      "`touch \(trace)`", "\"\nsystem('touch \(trace)')\nx=\"", "'`touch \(trace)`'",
      "\\\"; !touch \(trace)\n!touch \(trace)", "EOD\n!touch \(trace)",
    ] {
      _ = try gnuplot.svg(Self.sample(attack))
      #expect(!FileManager.default.fileExists(atPath: trace), "\(attack) ran")
    }
    // The attack itself works where nothing is escaped, so the test can fail.
    _ = try? gnuplot.run("set output 'figure.out'\nset title \"`touch \(trace)`\"\n")
    #expect(FileManager.default.fileExists(atPath: trace))
  }

  @Test func theSameFigureGivesTheSameBytes() throws {
    let gnuplot = try Gnuplot()
    #expect(try gnuplot.svg(Self.sample()).document == gnuplot.svg(Self.sample()).document)
    #expect(try gnuplot.png(Self.sample()) == gnuplot.png(Self.sample()))
    #expect(try gnuplot.svg(Self.sample()).document != gnuplot.svg(Self.sample("other")).document)
  }

  @Test func figuresOfOnePageShareNoIds() throws {
    let image = try Gnuplot().svg(Self.sample())
    let alone = try SVGDocument(image.fragment(idPrefix: "a-"))
    #expect(!alone.ids.isEmpty)
    let page = try SVGDocument(
      "<div>" + image.fragment(idPrefix: "a-") + image.fragment(idPrefix: "b-") + "</div>")
    #expect(Set(page.ids).count == page.ids.count)
    #expect(page.ids.count == 2 * alone.ids.count)
    // References still lead somewhere, and there are some.
    #expect(!page.references.isEmpty)
    #expect(Set(page.references).isSubset(of: Set(page.ids)))
  }

  @Test func theSVGHoldsNothingOfTheMachine() throws {
    let text = try Gnuplot().svg(Self.sample()).document
    #expect(!text.lowercased().contains("gnuplot 5"))
    #expect(!text.contains("/tmp"))
    #expect(!text.contains("<script"))
    #expect(text.contains(#"width="700" height="320""#))
  }

  @Test func aPNGHasTwoPixelsToThePoint() throws {
    let bytes = [UInt8](try Gnuplot().png(Self.sample()))
    #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    let number = { (at: Int) in bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(number(16) == 1400)
    #expect(number(20) == 640)
  }

  @Test func aPDFIsOne() throws {
    let data = try Gnuplot().pdf(Self.sample())
    #expect(String(decoding: data.prefix(5), as: UTF8.self) == "%PDF-")
  }

  @Test func aFigureOfGapsStillHasAxes() throws {
    let figure = Figure(
      .init(
        x: .init("x"), y: .init("y", scale: .log),
        layers: [.line([1, .nan], [.infinity, 2]), .points([], []), .points([1], [-1])]))
    let document = try SVGDocument(Gnuplot().svg(figure).document)
    #expect(document.texts.contains("x"))
  }

  @Test func errorsSayWhatToDo() throws {
    let error = #expect(throws: GnuplotError.self) { try Gnuplot(searchPath: "/nowhere") }
    #expect(error == .notInstalled(program: "gnuplot", package: "gnuplot-nox"))
    #expect(error?.description.contains("gnuplot-nox") == true)
    let failure = #expect(throws: GnuplotError.self) { try Gnuplot().run("plot nonsense(1)\n") }
    guard case .failed(let message) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(message.contains("nonsense") || message.contains("undefined function"))
    #expect(!message.contains("/tmp"))
    #expect(throws: GnuplotError.invalidFigure(.lengthsDiffer(panel: 0, layer: 0))) {
      try Gnuplot().svg(Figure(.init(x: .init(""), y: .init(""), layers: [.line([1], [])])))
    }
  }
}
