public import SaltireLinks

extension ReplayLink {
  /// Expects these messages in this order and answers each; an empty answer is
  /// none.
  ///
  /// - Throws: `LinkError` when there are no descriptors left.
  public convenience init(exchanges: KeyValuePairs<String, String>) throws {
    try self.init(
      exchanges.flatMap { sent, received in
        [WireEvent(.sent, bytes: Array(sent.utf8))]
          + (received.isEmpty ? [] : [WireEvent(.received, bytes: Array(received.utf8))])
      })
  }

  /// Finds fault when something that was expected did not happen.
  ///
  /// - Throws: ``LinkNonconformance``.
  public func verifyFinished() throws {
    guard let next = rest.first else { return }
    throw LinkNonconformance(description: "still expected: \(next), \(rest.count) in all")
  }
}
