/// A Prologix GPIB adapter that several instruments share, each from its own
/// thread: one operation at a time, in the order in which they were asked for.
///
/// An instrument that is silent holds the others up for less than a tenth of a
/// second at a time; one that talks, until it has ended its message; an adapter
/// that is silent itself, for a second.
// What it holds is touched by whose turn it is only.
public final class PrologixAdapter: @unchecked Sendable {
  /// Where it is, for errors.
  private let name: String
  private let open: @Sendable () throws(LinkError) -> any Link
  private let turns = Turns()
  /// Nil when it is not open, or gone.
  private var bus: PrologixBus?
  private var users = 0

  /// An adapter that is opened when the first instrument behind it is, and
  /// anew when it was gone.
  ///
  /// - Parameters:
  ///   - name: where it is, for errors.
  ///   - open: makes a link to the adapter itself: its serial port, or port
  ///     1234 of one on the network.
  public init(name: String, open: @escaping @Sendable () throws(LinkError) -> any Link) {
    self.name = name
    self.open = open
  }

  /// A link to an instrument. Says nothing to it or to any other.
  ///
  /// - Throws: ``LinkError/unreachable(address:reason:)`` where no adapter
  ///   answers; others of `open`.
  public func link(to address: GPIBAddress) throws(LinkError) -> PrologixLink {
    let link = try PrologixLink(self, address)
    try turns.begin(bell: link.bell, interrupt: link.interrupt, deadline: .after(Self.patience))
    defer { turns.end() }
    if bus == nil { bus = try PrologixBus(try open(), name: name) }
    users += 1
    link.isOpen = true
    return link
  }

  /// Does something with the adapter when it is the link's turn.
  func perform<Value>(
    for link: PrologixLink, deadline: Deadline,
    _ body: (PrologixBus) throws(LinkError) -> Value
  ) throws(LinkError) -> Value {
    try turns.begin(bell: link.bell, interrupt: link.interrupt, deadline: deadline)
    defer { turns.end() }
    guard let bus else { throw .disconnected }
    do throws(LinkError) {
      return try body(bus)
    } catch .disconnected {
      // For all of them, until one opens it anew.
      bus.close()
      self.bus = nil
      throw .disconnected
    }
  }

  /// Takes note that a link is not used any more; after the last, others may
  /// use the adapter.
  func leave(_ link: PrologixLink) {
    guard
      (try? turns.begin(bell: link.bell, interrupt: nil, deadline: .after(Self.patience))) != nil
    else { return }
    defer { turns.end() }
    users -= 1
    if users == 0 {
      bus?.close()
      bus = nil
    }
  }

  /// Seconds to wait for one's turn, where others open the adapter.
  private static let patience = 10.0
}
