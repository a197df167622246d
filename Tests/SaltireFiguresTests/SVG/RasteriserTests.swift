import Foundation
import Testing

@testable import SaltireFigures

/// Without rsvg-convert these tests fail with ``RasteriserError/notInstalled(program:package:)``,
/// whose text names the package to install.
@Suite struct RasteriserTests {
  @Test func aPNGHasTwoPixelsToThePoint() throws {
    let image = try SVGImage(SVGImageTests.sample())
    let bytes = [UInt8](try Rasteriser().render(image, as: .png))
    #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    let number = { (at: Int) in bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(number(16) == 1400)
    #expect(number(20) == 640)
  }

  @Test func aPDFHasOnePointToThePoint() throws {
    let data = try Rasteriser().render(SVGImage(SVGImageTests.sample()), as: .pdf)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.hasPrefix("%PDF-"))
    #expect(text.contains("/MediaBox [ 0 0 700 320 ]"))
  }

  @Test(arguments: Rasteriser.Format.allCases)
  func theSamePictureGivesTheSameBytes(format: Rasteriser.Format) throws {
    let rasteriser = try Rasteriser()
    let bytes = try rasteriser.render(SVGImage(SVGImageTests.sample()), as: format)
    #expect(try rasteriser.render(SVGImage(SVGImageTests.sample()), as: format) == bytes)
    #expect(try rasteriser.render(SVGImage(SVGImageTests.sample("other")), as: format) != bytes)
  }

  /// An empty panel, one point, and figures of gaps alone.
  @Test func whateverAFigureHoldsIsRendered() throws {
    let figure = Figure(
      panels: [
        .init(x: .init("x"), y: .init("y", scale: .log), layers: []),
        .init(x: .init("x"), y: .init("y"), layers: [.line([1], [1]), .points([1], [1])]),
        .init(
          x: .init("x"), y: .init("y", scale: .log),
          layers: [.line([1, .nan], [.infinity, 2]), .points([], []), .points([1], [-1])]),
      ], columns: 3, width: 900, height: 300)
    #expect(try Rasteriser().render(SVGImage(figure), as: .png).count > 1000)
  }

  @Test func errorsSayWhatToDo() throws {
    let error = #expect(throws: RasteriserError.self) { try Rasteriser(searchPath: "/nowhere") }
    #expect(error == .notInstalled(program: "rsvg-convert", package: "librsvg2-bin"))
    #expect(error?.description.contains("librsvg2-bin") == true)
    let failure = #expect(throws: RasteriserError.self) {
      try Rasteriser().render("<svg", as: .png)
    }
    guard case .failed(_, let message) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(!message.isEmpty && !message.contains("/saltire-figure"))
  }

  @Test func everyFormatIsAFile() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("saltire-files-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let figure = NamedFigure("../a b", SVGImageTests.sample(), caption: "")
    func files(_ rasteriser: Rasteriser?) throws -> [String] {
      let images = try [figure, figure].write(to: folder, rasteriser: rasteriser)
      #expect(images.map(\.figure) == [figure, figure])
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
    let names = try files(nil)
    #expect(names.count == 2 && names.allSatisfy { $0.hasSuffix(".svg") && !$0.contains(" ") })
    #expect(try files(Rasteriser([.png, .pdf])).count == 6)
  }
}
