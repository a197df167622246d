public import SaltireLinks

extension ReplayLink {
  /// Expects these messages in this order and replies to each; an empty string is no reply.
  ///
  /// - Throws: `LinkError` if no descriptors are left.
  public convenience init(exchanges: KeyValuePairs<String, String>) throws {
    try self.init(
      exchanges.flatMap { sent, received in
        [WireEvent(.sent, bytes: Array(sent.utf8))]
          + (received.isEmpty ? [] : [WireEvent(.received, bytes: Array(received.utf8))])
      })
  }

  /// Checks that everything expected has happened.
  ///
  /// - Throws: ``LinkNonconformance``.
  public func verifyFinished() throws {
    guard let next = rest.first else { return }
    throw LinkNonconformance(description: "still expected: \(next), \(rest.count) in all")
  }
}
