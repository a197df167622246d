import Dispatch
import SaltireCore
public import SaltireLinks
import Synchronization

/// Records the transcript of a run in its session, in chunks of some thousand entries, at almost no
/// cost to the run.
///
/// A crash loses the last entries, but not the journal of what was done to the devices. No message
/// waits for the disk: it may end a pulse or switch an output off.
public final class WireLog: Sendable {
  private let state = Mutex(State())
  private let failure = Mutex<SessionError?>(nil)
  /// Writes the chunks one after another.
  private let desk = DispatchQueue(label: "transcript")

  private struct State {
    var writer = TranscriptWriter()
    var session: Session?
  }

  /// Size of a chunk in bytes.
  private static let pieceSize = 1 << 16

  public init() {}

  /// From now on `session` records the transcript, including earlier entries: instruments are
  /// identified before the session is created.
  public func begin(in session: Session) { state.withLock { $0.session = session } }

  /// Adds an event; thread-safe.
  public func add(_ event: WireEvent, of instrument: String) {
    state.withLock { state in
      state.writer.add(Transcript.Line(instrument: instrument, event: event))
      if state.writer.record.bytes.count >= Self.pieceSize { keep(&state) }
    }
  }

  /// Writes the remaining entries and waits until all are written.
  ///
  /// - Throws: ``SessionError`` if any of it could not be written.
  public func finish() throws(SessionError) {
    state.withLock { state in
      if !state.writer.record.bytes.isEmpty { keep(&state) }
    }
    desk.sync {}
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func keep(_ state: inout State) {
    guard let session = state.session else { return }
    let piece = state.writer.record.bytes
    state.writer = TranscriptWriter()
    desk.async { [self] in
      do throws(SessionError) {
        try session.addTranscript(piece)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
  }
}
