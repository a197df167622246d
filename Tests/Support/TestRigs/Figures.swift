import Foundation

/// The figures behind statistical claims, on standard error, for whoever
/// wants to see how near a bound they are: `SALTIRE_FIGURES=1`.
package enum Figures {
  package static func note(_ text: String) {
    guard ProcessInfo.processInfo.environment["SALTIRE_FIGURES"] == "1" else { return }
    FileHandle.standardError.write(Data("FIGURE \(text)\n".utf8))
  }
}
