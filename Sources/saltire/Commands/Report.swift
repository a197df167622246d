import ArgumentParser
import Foundation
import SaltireExperiments
import SaltireFigures
import SaltireRecords

struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the report of a session: an HTML page, figures as SVG and PNG, tables as CSV.",
    discussion: """
      PNG and PDF files need rsvg-convert (Debian package librsvg2-bin). Without it, only the \
      page and the SVG figures are written, and the exit status is 74.
      """)

  @Argument(help: "The session file.", completion: .file(extensions: ["saltire"]))
  var session: String

  @Option(
    help: ArgumentHelp(
      "Add the learning curves of another training session. Repeatable.", valueName: "session"),
    completion: .file(extensions: ["saltire"]))
  var with: [String] = []

  @Option(help: "The folder to write to. (default: the session's name)", completion: .directory)
  var out: String?

  @Flag(help: "Also write every figure as PDF.")
  var pdf = false

  func run() async throws {
    try await reporting {
      let url = URL(fileURLWithPath: session)
      let session = try Session.open(url)
      let folder = out.map { URL(fileURLWithPath: $0) } ?? url.deletingPathExtension()
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        throw Failure(
          .storage, "\(folder.relativePath) is a file, but the report needs a folder",
          hints: ["choose another one with --out"])
      }
      let companions = try with.map { try Session.open(URL(fileURLWithPath: $0)) }
      for other in companions.isEmpty ? [] : [session] + companions
      where other.manifest.experiment != TextNetwork.name {
        throw Failure(
          .badInput,
          "\(other.url.relativePath) is a session of \(other.manifest.experiment) and has no"
            + " learning curves",
          hints: ["--with is for sessions of 'saltire train'"])
      }
      let report = try SessionReport(session, with: companions)
      let rasteriser = Result { () throws(RasteriserError) in
        try Rasteriser(pdf ? [.png, .pdf] : [.png])
      }
      let page = try report.write(to: folder, rasteriser: try? rasteriser.get())
      let kind = (try? rasteriser.get()) == nil ? "svg" : pdf ? "pdf" : "png"
      for figure in report.figures {
        Console.print("figure  \(folder.relativePath)/\(figure.name).\(kind)")
      }
      Console.print("report  \(page.relativePath)")
      try Unconfirmed.tell(of: session)
      // The page and its SVG figures are complete without a rasteriser.
      _ = try rasteriser.get()
    }
  }
}
