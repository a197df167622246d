/// The identity of an instrument: the four fields of its reply to `*IDN?` (IEEE 488.2, 10.14).
public struct Identity: Sendable, Equatable {
  public var manufacturer: String
  public var model: String
  public var serial: String
  public var firmware: String

  /// Parses a reply with or without its terminator; nil if it is not an identity.
  ///
  /// A connection that was just opened may add noise before or after the reply. A late reading of
  /// four or more values is not an identity: the name of a manufacturer is not a number.
  public init?(reply: String) {
    let reply = reply.trimming { !$0.isPrintable }
    let fields = reply.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false).map {
      $0.trimming(\.isWhitespace)
    }
    guard fields.count == 4, !fields[1].isEmpty, reply.allSatisfy({ $0.isPrintable || $0 == "\t" }),
      fields[0].contains(where: \.isLetter), Double(fields[0]) == nil
    else { return nil }
    (manufacturer, model, serial, firmware) = (fields[0], fields[1], fields[2], fields[3])
  }
}

extension Identity: CustomStringConvertible {
  public var description: String { "\(manufacturer), \(model), serial \(serial), \(firmware)" }
}

extension Character {
  /// Whether it is a printable ASCII character or a space.
  fileprivate var isPrintable: Bool { asciiValue.map { (0x20...0x7E).contains($0) } ?? false }
}

extension StringProtocol {
  /// Removes characters that satisfy `predicate` from both ends.
  func trimming(_ predicate: (Character) -> Bool) -> String {
    var part = self[...]
    while let first = part.first, predicate(first) { part = part.dropFirst() }
    while let last = part.last, predicate(last) { part = part.dropLast() }
    return String(part)
  }
}
