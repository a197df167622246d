public import Foundation

/// Renders figures as PNG and PDF with librsvg's `rsvg-convert`, run as a separate process.
///
/// Each call blocks for some tens of milliseconds.
public struct Rasteriser: Sendable {
  /// The format of a rendered picture.
  public enum Format: String, Sendable, CaseIterable {
    /// Two pixels to the point.
    case png
    /// With text as text; one point to the point.
    case pdf
  }

  /// Path of the program.
  public let executable: String
  /// The formats of every figure besides SVG.
  public let formats: [Format]

  private static let program = "rsvg-convert"

  /// Finds the program in the folders of a search path, by default those of `PATH`.
  /// - Throws: ``RasteriserError/notInstalled(program:package:)``.
  public init(_ formats: [Format] = [.png], searchPath: String? = nil) throws(RasteriserError) {
    let path = searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
    let candidates = path.split(separator: ":").map { "\($0)/\(Self.program)" }
    guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw .notInstalled(program: Self.program, package: "librsvg2-bin")
    }
    executable = found
    self.formats = formats
  }

  /// Renders a picture. The same picture gives the same bytes with one version of librsvg and
  /// the same fonts.
  /// - Throws: ``RasteriserError``.
  public func render(_ image: SVGImage, as format: Format) throws(RasteriserError) -> Data {
    try render(image.document, as: format)
  }

  /// Document, picture and messages are files in a separate folder, so that neither a full pipe nor
  /// a path in a message can differ between runs.
  func render(_ document: String, as format: Format) throws(RasteriserError) -> Data {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("saltire-figure-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(document.utf8).write(to: folder.appendingPathComponent("figure.svg"))
      let messages = folder.appendingPathComponent("messages")
      try Data().write(to: messages)
      process.executableURL = URL(fileURLWithPath: executable)
      // The default is one SVG pixel per 1/96 inch.
      let size = format == .png ? ["--zoom", "2"] : ["--dpi-x", "72", "--dpi-y", "72"]
      process.arguments =
        ["--unlimited", "--format", format.rawValue, "--output", "picture"] + size
        + ["figure.svg"]
      process.currentDirectoryURL = folder
      process.environment = ProcessInfo.processInfo.environment.merging(
        // The only time in a PDF is its creation date.
        ["LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "0"]) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: messages)
      try process.run()
      process.waitUntilExit()
      let text = String(decoding: try Data(contentsOf: messages), as: UTF8.self)
      guard process.terminationStatus == 0,
        let drawn = try? Data(contentsOf: folder.appendingPathComponent("picture")), !drawn.isEmpty
      else { throw RasteriserError.failed(program: Self.program, message: text) }
      return drawn
    } catch let error as RasteriserError {
      throw error
    } catch {
      throw .cannotRun(program: executable, reason: error.localizedDescription)
    }
  }
}
