import SaltireCore

/// Writes the markup of an ``HTMLReport``.
struct HTMLWriter {
  private(set) var text = ""
  private var figures = 0
  private var tables = 0

  mutating func write(_ report: HTMLReport) {
    let title = Self.escaped(report.title)
    text += """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>
      \(HTMLStyle.css)
      </style>
      </head>
      <body>
      <main>
      <header>
      <h1>\(title)</h1>
      <p class="verdict \(report.status.rawValue)"><strong>\(report.status.word)</strong> \
      \(Self.escaped(report.verdict))</p>
      </header>

      """
    for section in report.sections {
      text += "<section>\n<h2>\(Self.escaped(section.heading))</h2>\n"
      for block in section.blocks { write(block) }
      text += "</section>\n"
    }
    text += "</main>\n</body>\n</html>\n"
  }

  private mutating func write(_ block: HTMLReport.Block) {
    switch block {
    case .paragraph(let paragraph):
      text += "<p>\(Self.escaped(paragraph))</p>\n"
    case .keyValues(let pairs):
      text += "<dl>\n"
      for pair in pairs {
        text += "<dt>\(Self.escaped(pair.key))</dt><dd>\(Self.escaped(pair.value))</dd>\n"
      }
      text += "</dl>\n"
    case .table(let table):
      write(table)
    case .figure(let image, let caption):
      figures += 1
      text += "<figure>\n" + image.fragment(idPrefix: "figure-\(figures)-")
      text +=
        "<figcaption><strong>Figure \(figures).</strong> \(Self.escaped(caption))</figcaption>\n"
      text += "</figure>\n"
    case .preformatted(let content):
      // A parser drops a line feed right after <pre>; this one is there to be dropped.
      text += "<pre>\n\(Self.escaped(content))</pre>\n"
    case .details(let summary, let blocks):
      text += "<details>\n<summary>\(Self.escaped(summary))</summary>\n"
      for block in blocks { write(block) }
      text += "</details>\n"
    }
  }

  private mutating func write(_ table: HTMLTable) {
    tables += 1
    text += "<div class=\"scroll\">\n<table>\n"
    text += "<caption><strong>Table \(tables).</strong> \(Self.escaped(table.caption))</caption>\n"
    text += "<thead>\n<tr>"
    for column in table.columns {
      let unit = column.unit.map { " <span class=\"unit\">(\(Self.escaped($0)))</span>" } ?? ""
      text += "<th scope=\"col\" class=\"\(column.alignment.rawValue)\">"
      text += "\(Self.escaped(column.header))\(unit)</th>"
    }
    text += "</tr>\n</thead>\n<tbody>\n"
    for row in table.rows {
      text += "<tr>"
      for (index, column) in table.columns.enumerated() {
        let cell = Self.escaped(index < row.count ? row[index] : "")
        let style = "class=\"\(column.alignment.rawValue)\""
        text +=
          index == 0 && table.hasRowHeaders
          ? "<th scope=\"row\" \(style)>\(cell)</th>" : "<td \(style)>\(cell)</td>"
      }
      text += "</tr>\n"
    }
    text += "</tbody>\n</table>\n</div>\n"
  }

  /// Text as HTML that shows it, with its control characters; others that no HTML page may
  /// hold are shown as U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.shown.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case _ where scalar.value & 0xFFFE == 0xFFFE: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
