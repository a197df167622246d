import Foundation
package import SaltireCore

/// The files of measured curves that a bench file or a protocol refers to: on disk, or recorded
/// with a session.
package protocol CurveShelf {
  /// The curve in the file at `path`.
  ///
  /// - Throws: `MeasuredCurveError` for a file that cannot be read.
  func curve(
    _ path: Located<String>, _ format: CurveFormat
  ) throws(MeasuredCurveError) -> MeasuredCurve
}

/// Nowhere: every curve is refused.
package struct NoCurves: CurveShelf {
  package init() {}

  package func curve(
    _ path: Located<String>, _ format: CurveFormat
  ) throws(MeasuredCurveError) -> MeasuredCurve {
    throw MeasuredCurveError(file: path.value, message: "a measured curve is not possible here")
  }
}

extension MeasuredCurve {
  /// Reads the curve in a file, and in that of the down branches if `format` names one.
  ///
  /// - Parameter heard: hears of the text of each file.
  /// - Throws: `MeasuredCurveError`.
  package init(
    contentsOf path: Located<String>, format: CurveFormat,
    heard: (_ path: Located<String>, _ text: String) -> Void = { _, _ in }
  ) throws(MeasuredCurveError) {
    func text(_ path: Located<String>) throws(MeasuredCurveError) -> String {
      let bytes: [UInt8]
      do throws(BoundedFile.Refusal) {
        bytes = try BoundedFile.bytes(path.file.path, limit: CurveText.longest)
      } catch {
        let message =
          if case .tooLong(_, let limit) = error {
            "the file is longer than \(limit >> 20) MiB"
          } else { "the file cannot be read" }
        throw MeasuredCurveError(file: path.value, message: message)
      }
      let text = try CurveText.decoded(bytes, file: path.value)
      heard(path, text)
      return text
    }
    let first = try text(path)
    var down: (text: String, file: String)?
    if let other = format.downFile { down = (try text(other), other.value) }
    try self.init(first, file: path.value, down: down, format: format)
  }
}
