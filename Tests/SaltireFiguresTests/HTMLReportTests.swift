import Foundation
import FoundationXML
import Testing

@testable import SaltireFigures

@Suite struct HTMLReportTests {
  static let picture = SVGImage(
    gnuplotOutput: """
      <?xml version="1.0"?>
      <svg width="10" height="10" viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg" \
      xmlns:xlink="http://www.w3.org/1999/xlink">
      <title>name</title>
      <desc>Produced by GNUPLOT 5.4 </desc>
      <g id="gnuplot_canvas"><circle id='gpDot' r='1'/><use xlink:href='#gpDot'/>\
      <text> id='kept' </text></g>
      </svg>

      """)

  static func report(_ text: String = "plain") -> HTMLReport {
    HTMLReport(
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

  @Test(arguments: GnuplotTests.hostile) func textIsOnlyText(text: String) throws {
    let page = try Self.parse(Self.report(text).html())
    #expect(!page.elements.contains("script"))
    #expect(page.elements == (try Self.parse(Self.report().html())).elements)
  }

  @Test func figuresShareNoIds() throws {
    let page = try Self.parse(Self.report().html())
    #expect(page.ids.count == 4)
    #expect(Set(page.ids).count == page.ids.count)
    #expect(Set(page.references) == ["figure-1-gpDot", "figure-2-gpDot"])
    #expect(page.texts == [" id='kept' ", " id='kept' "])
  }

  @Test func thePageNeedsNothingElse() {
    let html = Self.report().html()
    for word in ["<script", "<link", "<img", "src=", "@import", "url(", "javascript"] {
      #expect(!html.contains(word), "\(word)")
    }
    let addresses = html.split(separator: "\"").filter { $0.contains("://") }
    #expect(
      Set(addresses) == ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"])
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
