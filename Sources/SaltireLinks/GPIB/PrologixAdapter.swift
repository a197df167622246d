/// A Prologix GPIB adapter shared by several instruments on their own threads: one operation at a
/// time, in the order of the requests.
///
/// A silent instrument delays the others by less than a tenth of a second at a time, an instrument
/// that sends data until its message ends, and a silent adapter for a second.
// Its state is accessed only by the thread whose turn it is.
public final class PrologixAdapter: @unchecked Sendable {
  /// Its address, for errors.
  private let name: String
  private let open: @Sendable () throws(LinkError) -> any Link
  private let turns = Turns()
  /// Nil if it is not open or was lost.
  private var bus: PrologixBus?
  private var users = 0

  /// An adapter that is opened with its first instrument, and reopened after it was lost.
  ///
  /// - Parameters:
  ///   - name: its address, for errors.
  ///   - open: opens a link to the adapter itself: its serial port, or port 1234 on the network.
  public init(name: String, open: @escaping @Sendable () throws(LinkError) -> any Link) {
    self.name = name
    self.open = open
  }

  /// A link to an instrument. Sends nothing to any instrument.
  ///
  /// - Throws: ``LinkError/unreachable(address:reason:)`` if no adapter responds; errors of `open`.
  public func link(to address: GPIBAddress) throws(LinkError) -> PrologixLink {
    let link = try PrologixLink(self, address)
    try turns.begin(bell: link.bell, interrupt: link.interrupt, deadline: .after(Self.patience))
    defer { turns.end() }
    if bus == nil { bus = try PrologixBus(try open(), name: name) }
    users += 1
    link.isOpen = true
    return link
  }

  /// Runs `body` with the adapter when it is the link's turn.
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
      // Closed for all links until one reopens it.
      bus.close()
      self.bus = nil
      throw .disconnected
    }
  }

  /// Notes that a link is closed; after the last one, other programs can use the adapter.
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

  /// Seconds to wait for the turn while others open the adapter.
  private static let patience = 10.0
}
