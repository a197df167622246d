import Dispatch
import Synchronization

/// What stands at one address of a ``SimulatedPrologix``'s bus: it takes
/// messages, and keeps what it says until it is made to talk.
public final class SimulatedGPIBDevice: Sendable {
  private struct State {
    var heard: [UInt8] = []
    /// What it would say, and which of these bytes end a message.
    var output: [(byte: UInt8, isEnd: Bool)] = []
    var facts = Facts()
  }

  /// What was done to it besides messages.
  public struct Facts: Sendable, Equatable {
    public var clears = 0
    public var triggers = 0
    /// Whether its front panel is off.
    public var isRemote = false
    /// What a serial poll finds.
    public var statusByte: UInt8 = 0
    /// Whether it keeps the bus from going on when it is sent something.
    public var isHolding = false

    /// Those of a device that nothing was done to.
    public init() {}
  }

  private let state = Mutex(State())
  private let said = DispatchSemaphore(value: 0)
  private let listened = DispatchSemaphore(value: 0)
  private let answer: (@Sendable ([UInt8]) -> [UInt8])?

  /// - Parameter answer: takes whole messages and says what comes back, nothing
  ///   where that is empty; nil where the test answers.
  public init(_ answer: (@Sendable ([UInt8]) -> [UInt8])? = nil) { self.answer = answer }

  /// What was done to it, and what it is to be like.
  public var facts: Facts {
    get { state.withLock { $0.facts } }
    set { state.withLock { $0.facts = newValue } }
  }

  /// Says bytes as soon as it may talk. They end a message, with EOI, where
  /// `isEnd`; by default where they end with LF.
  public func say(_ bytes: [UInt8], isEnd: Bool? = nil) {
    guard let last = bytes.last else { return }
    state.withLock {
      $0.output += bytes.map { ($0, false) }
      $0.output[$0.output.count - 1].isEnd = isEnd ?? (last == 10)
    }
    said.signal()
  }

  /// Takes so many bytes that it was sent, waiting for them at most half a
  /// minute; fewer then.
  public func hear(_ count: Int) -> [UInt8] {
    while state.withLock({ $0.heard.count < count }),
      listened.wait(timeout: .now() + 30) == .success
    {}
    return state.withLock { state in
      defer { state.heard.removeFirst(min(count, state.heard.count)) }
      return Array(state.heard.prefix(count))
    }
  }

  /// Everything that it was sent and ``hear(_:)`` did not take.
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

  /// What it says up to the end of a message, or until it has been silent for
  /// so many milliseconds.
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
