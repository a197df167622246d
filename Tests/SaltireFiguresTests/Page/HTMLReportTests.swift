import Foundation
import FoundationXML
import Testing

@testable import SaltireFigures

@Suite struct HTMLReportTests {
  static func picture() throws -> SVGImage {
    try SVGImage(
      Figure(.init(x: .init("a < b"), y: .init("id='x'"), layers: []), width: 100, height: 80))
  }

  static func report(_ text: String = "plain") throws -> HTMLReport {
    let picture = try picture()
    return HTMLReport(
      title: text, verdict: text, status: .warning,
      sections: [
        .init(
          text,
          [
            .paragraph(text), .keyValues([.init(text, text)]),
            .table(
              .init(
                caption: text,
                columns: [.init(text, alignment: .left), .init("G", unit: text)],
                rows: [[text, "1.0"], [text]], hasRowHeaders: true)),
            .figure(picture, caption: text), .preformatted(text),
            .details(summary: text, [.figure(picture, caption: text), .paragraph(text)]),
          ])
      ])
  }

  /// The page closes every element but `<meta>` and the document type, so it reads as XML.
  private static func parse(_ html: String) throws -> SVGDocument {
    let lines = html.split(separator: "\n").filter {
      !$0.hasPrefix("<!DOCTYPE") && !$0.hasPrefix("<meta")
    }
    return try SVGDocument(lines.joined(separator: "\n"))
  }

  @Test(arguments: SVGImageTests.hostile) func textIsOnlyText(text: String) throws {
    let page = try Self.parse(Self.report(text).html())
    #expect(!page.elements.contains("script"))
    #expect(try page.elements == Self.parse(Self.report().html()).elements)
  }

  /// Pictures have no ids, which would meet on one page.
  @Test func picturesHaveNoIds() throws {
    let page = try Self.parse(Self.report().html())
    #expect(page.ids.isEmpty && page.references.isEmpty)
    #expect(page.texts.filter { $0 == "a < b" }.count == 2)
  }

  @Test func thePageNeedsNothingElse() throws {
    let html = try Self.report().html()
    for word in ["<script", "<link", "<img", "src=", "@import", "url(", "javascript"] {
      #expect(!html.contains(word), "\(word)")
    }
    let addresses = html.split(separator: "\"").filter { $0.contains("://") }
    #expect(Set(addresses) == ["http://www.w3.org/2000/svg"])
  }

  @Test(arguments: HTMLReport.Status.allCases) func theStatusIsAWord(status: HTMLReport.Status) {
    let html = HTMLReport(title: "t", verdict: "v", status: status, sections: []).html()
    #expect(
      html.contains("<p class=\"verdict \(status.rawValue)\"><strong>\(status.word)</strong> v"))
  }

  @Test func thePageIsKnown() throws {
    try Golden.check(Self.report("a <b> & \"c\"").html(), "report.html")
  }
}
