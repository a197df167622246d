/// Writes the markup of an ``HTMLReport``.
struct HTMLWriter {
  private(set) var text = ""
  private var figures = 0
  private var tables = 0

  mutating func write(_ report: HTMLReport) {
    let title = Markup.escaped(report.title)
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
      \(Markup.escaped(report.verdict))</p>
      </header>

      """
    for section in report.sections {
      text += "<section>\n<h2>\(Markup.escaped(section.heading))</h2>\n"
      for block in section.blocks { write(block) }
      text += "</section>\n"
    }
    text += "</main>\n</body>\n</html>\n"
  }

  private mutating func write(_ block: HTMLReport.Block) {
    switch block {
    case .paragraph(let paragraph):
      text += "<p>\(Markup.escaped(paragraph))</p>\n"
    case .keyValues(let pairs):
      text += "<dl>\n"
      for pair in pairs {
        text += "<dt>\(Markup.escaped(pair.key))</dt><dd>\(Markup.escaped(pair.value))</dd>\n"
      }
      text += "</dl>\n"
    case .table(let table):
      write(table)
    case .figure(let image, let caption):
      figures += 1
      text += "<figure>\n" + image.markup
      text +=
        "<figcaption><strong>Figure \(figures).</strong> \(Markup.escaped(caption))</figcaption>\n"
      text += "</figure>\n"
    case .preformatted(let content):
      // A parser drops a line feed right after <pre>; this one is there to be dropped.
      text += "<pre>\n\(Markup.escaped(content))</pre>\n"
    case .details(let summary, let blocks):
      text += "<details>\n<summary>\(Markup.escaped(summary))</summary>\n"
      for block in blocks { write(block) }
      text += "</details>\n"
    }
  }

  private mutating func write(_ table: HTMLTable) {
    tables += 1
    text += "<div class=\"scroll\">\n<table>\n"
    text +=
      "<caption><strong>Table \(tables).</strong> \(Markup.escaped(table.caption))</caption>\n"
    text += "<thead>\n<tr>"
    for column in table.columns {
      let unit = column.unit.map { " <span class=\"unit\">(\(Markup.escaped($0)))</span>" } ?? ""
      text += "<th scope=\"col\" class=\"\(column.alignment.rawValue)\">"
      text += "\(Markup.escaped(column.header))\(unit)</th>"
    }
    text += "</tr>\n</thead>\n<tbody>\n"
    for row in table.rows {
      text += "<tr>"
      for (index, column) in table.columns.enumerated() {
        let cell = Markup.escaped(index < row.count ? row[index] : "")
        let style = "class=\"\(column.alignment.rawValue)\""
        text +=
          index == 0 && table.hasRowHeaders
          ? "<th scope=\"row\" \(style)>\(cell)</th>" : "<td \(style)>\(cell)</td>"
      }
      text += "</tr>\n"
    }
    text += "</tbody>\n</table>\n</div>\n"
  }
}
