public import Foundation
import SaltireCore
public import SaltireFigures
public import SaltireRecords

/// The report of a session: figures, tables and one page.
///
/// Everything comes from the notes of the session, so an interrupted run is reported as far as it
/// got.
public struct SessionReport: Sendable {
  let title: String
  let manifest: Manifest
  let ending: Ending?
  let telling: Catalogue.Telling
  /// Whether the run is still in progress.
  let isGoingOn: Bool
  let resumptions: [Resumption]
  private let notebook: Notebook
  /// The sections that the experiment adds.
  let sections: [HTMLReport.Section]
  /// Every figure that the notes allow.
  public let figures: [NamedFigure]
  /// Titles of the sessions drawn in the same figures.
  let companions: [String]

  /// Reads the contents of a report.
  ///
  /// - Parameters:
  ///   - session: the session to report.
  ///   - companions: sessions of the same experiment whose curves are drawn in the same figures.
  ///   - catalogue: the known experiments.
  /// - Throws: `SessionError`.
  public init(
    _ session: Session, with companions: [Session] = [], catalogue: Catalogue = .standard
  ) throws(SessionError) {
    manifest = session.manifest
    ending = try session.ending()
    telling = catalogue.telling(of: ending?.outcome, from: manifest.experiment)
    isGoingOn = session.isInUse
    resumptions = try session.resumptions()
    notebook = try session.notebook()
    title = Self.title(session)
    (sections, figures) = try catalogue.report(of: session, with: companions)
    self.companions = companions.map(Self.title)
  }

  private static func title(_ session: Session) -> String {
    "\(session.manifest.experiment) · \(session.url.deletingPathExtension().lastPathComponent)"
  }

  /// Every table of the notes, with units in the header.
  public var tables: [(name: String, table: CSVTable)] {
    notebook.tables.map { filled in
      var table = CSVTable(
        columns: filled.table.columns.map { .init($0.name, unit: $0.unit.isEmpty ? nil : $0.unit) })
      let width = filled.table.columns.count
      for start in stride(from: 0, to: filled.values.count, by: width) {
        // The notebook guarantees that every row has the columns of its table.
        try? table.append(filled.values[start..<start + width].map { .number($0) })
      }
      return (filled.table.title, table)
    }
  }

  /// Writes `report.html`, every table as CSV and every figure into `folder`, as SVG and in the
  /// formats of the rasteriser, if given.
  ///
  /// - Returns: the page.
  /// - Throws: `FigureError`, `RasteriserError`; errors of the file system.
  public func write(to folder: URL, rasteriser: Rasteriser?) throws -> URL {
    let images = try figures.write(to: folder, rasteriser: rasteriser)
    var names = FileNames()
    for (name, table) in tables {
      let url = folder.appendingPathComponent(names.name(for: name)).appendingPathExtension("csv")
      try NewFile.write(table.text().utf8, to: url)
    }
    let page = folder.appendingPathComponent("report.html")
    try NewFile.write(self.page(images).html().utf8, to: page)
    return page
  }
}
