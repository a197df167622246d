import Dispatch
import SaltireCore
public import SaltireLinks
import Synchronization

/// Keeps the transcript of a run, in its session once there is one, some thousand lines at a
/// time, so that it costs the run next to nothing.
///
/// The last lines before a crash are lost; what was done to the devices is
/// in the journal, which is not. No message waits for the disk: one that is on its
/// way to an instrument may be the end of a pulse, or switch an output off.
public final class WireLog: Sendable {
  private let state = Mutex(State())
  private let failure = Mutex<SessionError?>(nil)
  /// Writes the pieces, one after another.
  private let desk = DispatchQueue(label: "transcript")

  private struct State {
    var writer = TranscriptWriter()
    var session: Session?
  }

  /// Bytes of a piece.
  private static let pieceSize = 1 << 16

  public init() {}

  /// From now on `session` keeps the transcript, from its beginning:
  /// instruments are asked who they are before a session is begun.
  public func begin(in session: Session) { state.withLock { $0.session = session } }

  /// Adds an event; from any thread.
  public func add(_ event: WireEvent, of instrument: String) {
    state.withLock { state in
      state.writer.add(Transcript.Line(instrument: instrument, event: event))
      if state.writer.record.bytes.count >= Self.pieceSize { keep(&state) }
    }
  }

  /// Keeps what is left, and waits until all is written.
  ///
  /// - Throws: ``SessionError`` when any of it could not be kept.
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
