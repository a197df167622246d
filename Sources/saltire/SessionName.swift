import Foundation

/// Names of session files: EXPERIMENT-NNN.saltire.
enum SessionName {
  /// The first free name in `folder`.
  ///
  /// - Throws: ``Failure`` if a thousand names are taken.
  static func next(_ experiment: String, in folder: String) throws -> URL {
    for number in 1..<1_000_000 {
      let digits = String(number)
      let padding = String(repeating: "0", count: max(3 - digits.count, 0))
      let url = URL(fileURLWithPath: folder).appendingPathComponent(
        "\(experiment)-\(padding)\(digits).saltire")
      if !FileManager.default.fileExists(atPath: url.path) { return url }
    }
    throw Failure(.storage, "all session names in \(folder) are taken")
  }
}
