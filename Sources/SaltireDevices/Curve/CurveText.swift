import Foundation

/// The text of a file of reads.
public enum CurveText {
  /// Maximum size of a file in bytes.
  public static let longest = 16 << 20

  /// The text in `bytes`: UTF-8 or UTF-16, otherwise Latin-1.
  ///
  /// - Throws: `MeasuredCurveError` for a file that is not text; says what it is, and how to save
  ///   it as text.
  public static func decoded(
    _ bytes: [UInt8], file: String
  ) throws(MeasuredCurveError) -> String {
    if let kind = kind(of: bytes) { throw MeasuredCurveError(file: file, message: kind) }
    let text: String
    if let encoding = utf16(bytes) {
      guard let decoded = String(data: Data(bytes), encoding: encoding) else {
        throw MeasuredCurveError(
          file: file, message: "the file is damaged UTF-16; save it as CSV in UTF-8")
      }
      text = decoded
    } else if bytes.contains(0) {
      throw MeasuredCurveError(
        file: file, message: "this is not a text file; save the reads as CSV")
    } else {
      text =
        String(validating: bytes, as: UTF8.self)
        ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
    return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
  }

  /// UTF-16 by its byte-order mark, or by the zero bytes of what is mostly ASCII.
  private static func utf16(_ bytes: [UInt8]) -> String.Encoding? {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .utf16 }
    let head = bytes.prefix(64)
    let zeros = head.indices.filter { head[$0] == 0 }
    guard zeros.count >= 2, 2 * zeros.count == head.count / 2 * 2 else { return nil }
    if zeros.allSatisfy({ !$0.isMultiple(of: 2) }) { return .utf16LittleEndian }
    return zeros.allSatisfy { $0.isMultiple(of: 2) } ? .utf16BigEndian : nil
  }

  /// What a file that is not text is, and how to save its reads as text.
  private static func kind(of bytes: [UInt8]) -> String? {
    func begins(_ text: String, at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: text.utf8)
    }
    if begins("PK\u{3}\u{4}") {
      let head = String(decoding: bytes.prefix(4096), as: UTF8.self)
      if head.contains("opendocument.spreadsheet") {
        return "this is an ODS spreadsheet; in LibreOffice choose File > Save As, Text CSV,"
          + " for the sheet with the reads"
      }
      if head.contains("[Content_Types].xml") || head.contains("xl/") {
        return "this is an Excel workbook (XLSX); choose File > Save As, CSV, for the sheet"
          + " with the reads"
      }
      if head.contains(".npy") {
        return "this is a NumPy archive (NPZ); save the reads with"
          + " numpy.savetxt(\"curve.csv\", reads, delimiter=\",\")"
      }
      return "this is a ZIP archive; unpack it and name the file with the reads"
    }
    if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      return "this is an Excel workbook (XLS); choose File > Save As, CSV, for the sheet with"
        + " the reads"
    }
    if begins("MATLAB 5.0") || begins("MATLAB 7.3") {
      return "this is a MAT file; save the reads with writematrix([up down], \"curve.csv\")"
    }
    if begins("HDF\r\n", at: 1) {
      return "this is an HDF5 file; save the reads with"
        + " numpy.savetxt(\"curve.csv\", reads, delimiter=\",\")"
    }
    if begins("NUMPY", at: 1) {
      return "this is a NumPy array (NPY); save it with"
        + " numpy.savetxt(\"curve.csv\", reads, delimiter=\",\")"
    }
    if bytes.starts(with: [0x1F, 0x8B]) { return "this is a gzip file; unpack it" }
    if begins("%PDF") { return "this is a PDF file; save the reads as CSV" }
    if begins("SQLite format 3") {
      return "this is a Saltire session or another SQLite file; 'saltire report' writes the"
        + " reads of a session as CSV"
    }
    return nil
  }
}

/// A number as a file would have it: without an SI prefix, in six digits.
func plain(_ value: Double) -> String { String(format: "%.6g", value) }
