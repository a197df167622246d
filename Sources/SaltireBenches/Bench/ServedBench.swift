internal import Foundation
internal import SaltireCore
internal import SaltireLinks
import SaltireRig

extension BenchFile {
  /// This bench's file, with its simulated instruments replaced by the
  /// addresses at which a lab server has them.
  ///
  /// - Parameters:
  ///   - addresses: by instrument.
  ///   - clock: of the lab; nil where lab time is the wall's.
  func served(at addresses: [String: Resource], clock: Resource?) -> String {
    var lines = document.text.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    for entry in station?.instruments ?? [] {
      guard case .simulated(let family) = entry.resource,
        let address = addresses[entry.name]?.description,
        let place = entry.location, lines.indices.contains(place.line - 1)
      else { continue }
      let old = lines[place.line - 1]
      guard let range = old.range(of: entry.resource.description) else { continue }
      // In braces the family goes on the same line, else on one of its own.
      let isFlow = old.contains("{")
      let indent = String(old.prefix { $0 == " " })
      let quoted = range.lowerBound > old.startIndex && old[..<range.lowerBound].last == "\""
      let end = quoted ? old.index(after: range.upperBound) : range.upperBound
      lines[place.line - 1] =
        old[..<range.lowerBound] + (quoted ? "" : "\"") + address + "\""
        + (isFlow ? ", family: \(family)" : "") + old[end...]
        + (isFlow ? "" : "\n\(indent)family: \(family)")
    }
    var text = lines.joined(separator: "\n")
    if let clock {
      text += "\nclock: \"\(clock)\"\n"
    }
    return text
  }
}
