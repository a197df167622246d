public import SaltireInstruments
public import SaltireLinks
import Synchronization

/// The clock of a lab in another process, over its control socket: the queries `now?` and `wait
/// SECONDS` both return the lab time.
public final class RemoteClock: LabClock {
  private let link: Mutex<any Link>

  /// - Parameter link: a link to the control socket.
  public init(_ link: sending any Link) {
    self.link = Mutex(link)
  }

  public func now() throws(LinkError) -> Double { try ask("now?") }

  public func wait(_ seconds: Double) throws(LinkError) { _ = try ask("wait \(seconds)") }

  private func ask(_ question: String) throws(LinkError) -> Double {
    let answer = try link.withLock { link throws(LinkError) in
      try link.send(Array("\(question)\n".utf8), deadline: .after(patience))
      return try link.receive(until: .byte(10), deadline: .after(patience))
    }
    guard let time = ReadBack.value(String(decoding: answer.dropLast(), as: UTF8.self)) else {
      throw .unreachable(
        address: "the clock", reason: "it is not the control socket of a simulated lab")
    }
    return time
  }
}
