/// What an instrument says it is: the reply to `*IDN?` (IEEE 488.2, 10.14),
/// four fields behind one another.
public struct Identity: Sendable, Equatable {
  public var manufacturer: String
  public var model: String
  public var serial: String
  public var firmware: String

  /// Reads a reply, its terminator included or not; nil for what is none.
  public init?(reply: String) {
    let fields = reply.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false).map {
      $0.trimming { $0.isWhitespace || $0 == "\0" }
    }
    guard fields.count == 4, !fields[0].isEmpty, !fields[1].isEmpty else { return nil }
    guard reply.unicodeScalars.allSatisfy({ $0.value < 127 }) else { return nil }
    (manufacturer, model, serial, firmware) = (fields[0], fields[1], fields[2], fields[3])
  }
}

extension Identity: CustomStringConvertible {
  public var description: String { "\(manufacturer), \(model), serial \(serial), \(firmware)" }
}

extension StringProtocol {
  /// Without the characters at both ends that fulfil `predicate`.
  func trimming(_ predicate: (Character) -> Bool) -> String {
    var part = self[...]
    while let first = part.first, predicate(first) { part = part.dropFirst() }
    while let last = part.last, predicate(last) { part = part.dropLast() }
    return String(part)
  }
}
