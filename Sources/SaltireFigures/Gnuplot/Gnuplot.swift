public import Foundation

/// Draws figures with the gnuplot program, run as a process of its own.
///
/// The figure alone decides what is drawn: personal start-up files are not read and the locale is
/// fixed. Each call blocks until gnuplot has finished, some tens of milliseconds.
public struct Gnuplot: Sendable {
  /// Path of the program.
  public let executable: String

  /// Finds gnuplot in the folders of a search path, by default those of `PATH`.
  /// - Throws: ``GnuplotError/notInstalled(program:package:)``.
  public init(searchPath: String? = nil) throws(GnuplotError) {
    let path = searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
    let candidates = path.split(separator: ":").map { "\($0)/gnuplot" }
    guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw .notInstalled(program: "gnuplot", package: "gnuplot-nox")
    }
    executable = found
  }

  /// Renders a figure as SVG. The same figure gives the same bytes with one version of gnuplot.
  /// - Throws: ``GnuplotError``.
  public func svg(_ figure: Figure) throws(GnuplotError) -> SVGImage {
    let data = try render(
      figure,
      terminal: "svg size \(figure.width),\(figure.height) enhanced font \"Arial,12\""
        + " background rgb \"white\"")
    return SVGImage(gnuplotOutput: String(decoding: data, as: UTF8.self))
  }

  /// Renders a figure as PNG with two pixels to the point.
  ///
  /// Cairo makes fonts 4/3 larger than all else, which the font scale takes back.
  /// - Throws: ``GnuplotError``.
  public func png(_ figure: Figure) throws(GnuplotError) -> Data {
    try render(
      figure,
      terminal: "pngcairo size \(figure.width * 2),\(figure.height * 2) enhanced"
        + " font \"Arial,12\" fontscale 1.5 linewidth 2 pointscale 2 background rgb \"white\"")
  }

  /// Renders a figure as PDF. The bytes hold the time of writing. The terminal takes half a point
  /// for a line width of 1.
  /// - Throws: ``GnuplotError``.
  public func pdf(_ figure: Figure) throws(GnuplotError) -> Data {
    try render(
      figure,
      terminal: "pdfcairo size \(Double(figure.width) / 72)in,\(Double(figure.height) / 72)in"
        + " enhanced font \"Arial,12\" fontscale 0.75 linewidth 2 background rgb \"white\"")
  }

  private func render(_ figure: Figure, terminal: String) throws(GnuplotError) -> Data {
    do { try figure.validate() } catch { throw .invalidFigure(error) }
    let script =
      "set terminal \(terminal)\nset output \"figure.out\"\n" + GnuplotScript(figure).text
    return try run(script)
  }

  /// Runs a script that writes `figure.out` and returns what it wrote.
  ///
  /// Script, output and messages are files in a folder of their own, so that neither a full pipe
  /// nor a path in a message can differ from run to run.
  func run(_ script: String) throws(GnuplotError) -> Data {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("saltire-figure-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(script.utf8).write(to: folder.appendingPathComponent("figure.gp"))
      let messages = folder.appendingPathComponent("messages")
      try Data().write(to: messages)
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = ["-d", "figure.gp"]
      process.currentDirectoryURL = folder
      process.environment = ProcessInfo.processInfo.environment.merging(
        ["LC_ALL": "C.UTF-8", "GNUTERM": "unknown"]) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: messages)
      try process.run()
      process.waitUntilExit()
      let text = String(decoding: try Data(contentsOf: messages), as: UTF8.self)
      guard process.terminationStatus == 0 else { throw GnuplotError.failed(message: text) }
      let output = folder.appendingPathComponent("figure.out")
      guard let drawn = try? Data(contentsOf: output), !drawn.isEmpty else {
        throw GnuplotError.failed(message: text)
      }
      return drawn
    } catch let error as GnuplotError {
      throw error
    } catch {
      throw .cannotRun(program: executable, reason: error.localizedDescription)
    }
  }
}
