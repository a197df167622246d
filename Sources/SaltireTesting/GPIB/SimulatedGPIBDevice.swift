import Dispatch
import Synchronization

/// A device at one address of a ``SimulatedPrologix``'s bus: it receives messages, and holds its
/// replies until it is addressed to talk.
public final class SimulatedGPIBDevice: Sendable {
  private struct State {
    var heard: [UInt8] = []
    /// Pending output bytes, and which of them end a message.
    var output: [(byte: UInt8, isEnd: Bool)] = []
    var facts = Facts()
  }

  /// Bus operations on the device besides messages.
  public struct Facts: Sendable, Equatable {
    public var clears = 0
    public var triggers = 0
    /// Whether its front panel is off.
    public var isRemote = false
    /// The reply to a serial poll.
    public var statusByte: UInt8 = 0
    /// Whether it blocks the bus when it receives something.
    public var isHolding = false

    /// The initial state.
    public init() {}
  }

  private let state = Mutex(State())
  private let said = DispatchSemaphore(value: 0)
  private let listened = DispatchSemaphore(value: 0)
  private let answer: (@Sendable ([UInt8]) -> [UInt8])?

  /// - Parameter answer: receives complete messages and returns the reply, which may be empty; nil
  ///   if the test replies itself.
  public init(_ answer: (@Sendable ([UInt8]) -> [UInt8])? = nil) { self.answer = answer }

  /// Bus operations on the device, and its configuration.
  public var facts: Facts {
    get { state.withLock { $0.facts } }
    set { state.withLock { $0.facts = newValue } }
  }

  /// Queues bytes for when it may talk. They end a message, with EOI, if `isEnd`; by default if
  /// they end with LF.
  public func say(_ bytes: [UInt8], isEnd: Bool? = nil) {
    guard let last = bytes.last else { return }
    state.withLock {
      $0.output += bytes.map { ($0, false) }
      $0.output[$0.output.count - 1].isEnd = isEnd ?? (last == 10)
    }
    said.signal()
  }

  /// Returns this number of received bytes; fewer after half a minute.
  public func hear(_ count: Int) -> [UInt8] {
    while state.withLock({ $0.heard.count < count }),
      listened.wait(timeout: .now() + 30) == .success
    {}
    return state.withLock { state in
      defer { state.heard.removeFirst(min(count, state.heard.count)) }
      return Array(state.heard.prefix(count))
    }
  }

  /// All received bytes that ``hear(_:)`` has not returned.
  public var heard: [UInt8] { state.withLock { $0.heard } }

  // MARK: The bus

  func take(_ message: [UInt8]) {
    while facts.isHolding { _ = listened.wait(timeout: .now() + 0.005) }
    state.withLock {
      $0.heard += message
      $0.facts.isRemote = true
    }
    listened.signal()
    if let answer { say(answer(message), isEnd: true) }
  }

  /// Its output up to the end of a message, or until it has been silent for this many milliseconds.
  func talk(_ milliseconds: Int) -> (bytes: [UInt8], isEnd: Bool) {
    var bytes: [UInt8] = []
    while true {
      let isEnd = state.withLock { state in
        let end = state.output.firstIndex { $0.isEnd }
        let count = end.map { $0 + 1 } ?? state.output.count
        bytes += state.output.prefix(count).map(\.byte)
        state.output.removeFirst(count)
        return end != nil
      }
      if isEnd { return (bytes, true) }
      guard said.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else {
        return (bytes, false)
      }
    }
  }

  func clear() {
    state.withLock {
      $0.output = []
      $0.facts.clears += 1
    }
  }
}
