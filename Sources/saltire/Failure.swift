import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireDevices
import SaltireFigures
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRecords
import SaltireFigures
import SaltireRig
import SaltireTraining

/// What the user is told when something fails, and the exit status for it.
struct Failure: Error {
  /// The statuses of the program; see `saltire --help`.
  enum Code: Int32 {
    case limit = 10
    case verdict = 11
    case notSafe = 12
    case divergence = 13
    case usage = 64
    case badInput = 65
    case notFound = 69
    case software = 70
    case storage = 74
    case busy = 75
    case permission = 77
    case mismatch = 78
    case interrupted = 130
  }

  var code: Code
  var diagnostics: [Diagnostic]

  init(_ code: Code, _ diagnostics: [Diagnostic]) {
    self.code = code
    self.diagnostics = diagnostics
  }

  init(_ code: Code, _ message: String, hints: [String] = []) {
    self.init(code, [Diagnostic(message, hints: hints)])
  }

  /// As the terminal shows it.
  var rendered: String { diagnostics.map(\.rendered).joined(separator: "\n\n") }

  /// The first message, for documents.
  var message: String { diagnostics.first?.message ?? "" }
}

extension Failure {
  init(_ diagnostics: Diagnostics) { self.init(.badInput, diagnostics.items) }

  init(_ error: SessionError) {
    let hints: [String]
    let code: Code
    switch error {
    case .exists:
      (code, hints) = (.storage, ["a session is never overwritten: choose another name or folder"])
    case .inUse: (code, hints) = (.busy, ["a run goes on in it: wait for its end"])
    case .missing: (code, hints) = (.badInput, [])
    case .notASession:
      (code, hints) = (.badInput, ["sessions are the .saltire files that 'saltire run' writes"])
    case .newer:
      (code, hints) = (.badInput, ["read it with the version that wrote it, or a later one"])
    case .incomplete:
      (code, hints) = (
        .badInput,
        ["move that file too; an empty one of that name says that it is lost for good"]
      )
    case .damaged: (code, hints) = (.badInput, [])
    case .storage: (code, hints) = (.storage, ["is the disk full, or the folder not writable?"])
    case .lost:
      (code, hints) = (
        .storage, ["the run was ended: a session stays where it is, as it is, until its run ends"]
      )
    }
    self.init(code, error.message, hints: hints)
  }

  init(_ error: LedgerError) {
    let code: Code
    let hints: [String]
    switch error {
    case .busy: (code, hints) = (.busy, ["nothing was energised; try again"])
    case .deviceInUse:
      (code, hints) = (.busy, ["wait for its end; a device is on one bench at a time"])
    case .changed: (code, hints) = (.busy, ["nothing was energised; begin again"])
    case .notALedger:
      (code, hints) = (.badInput, ["SALTIRE_LEDGER says where the ledger is"])
    case .newer:
      (code, hints) = (.badInput, ["use the version that wrote it, or a later one"])
    case .damaged:
      (code, hints) = (.badInput, ["put it back from a copy: without it no life is limited"])
    case .storage:
      (code, hints) = (
        .storage, ["SALTIRE_LEDGER=FILE keeps it somewhere else: move it there first"]
      )
    }
    self.init(code, error.message, hints: hints)
  }

  init(_ error: RigLockError) {
    switch error {
    case .inUse:
      self.init(
        .busy, error.message,
        hints: ["wait for its end, or end it: 'saltire off --bench FILE' makes the outputs safe"])
    case .unusable:
      self.init(
        .storage, error.message,
        hints: [
          "all users share the folder: sudo install -d -m 1777 \(RigLock.folder);"
            + " SALTIRE_LOCKS names another one"
        ])
    }
  }

  init(_ error: CheckpointError) {
    let hints: [String] =
      switch error {
      case .foreign: ["take it up with the protocol, settings, seed and text it was begun with"]
      case .unreadable: ["begin without --resume"]
      case .damaged, .unwritable: []
      }
    if case .unwritable = error {
      self.init(.storage, error.message, hints: hints)
    } else {
      self.init(.badInput, error.message, hints: hints)
    }
  }

  init(_ error: BenchError) {
    switch error {
    case .limit(let violation):
      self.init(
        .limit,
        [
          Diagnostic(
            violation.message, at: violation.location, label: "the limit",
            hints: [
              violation.kind.isMeasured
                ? "it was measured: the run was stopped" : "nothing beyond the limit was sent"
            ])
        ])
    case .unknownTerminal(let terminal):
      self.init(.badInput, "the bench has no terminal \(terminal)")
    case .busy:
      self.init(.software, "two programs were performed at once")
    case .divergence(let n, let recorded, let asked):
      self.init(
        .divergence,
        """
        divergence(\(n)): program \(n) differs from the recorded one
        recorded:
        \(Self.indented(recorded.description))
        asked now:
        \(Self.indented(asked.description))
        """,
        hints: [
          "a replay needs the protocol, settings and seed of the recording, and a program"
            + " version that runs the experiment alike"
        ])
    case .recordEnded(let n):
      self.init(.badInput, "the record ends before program \(n)")
    case .notResumable(let reason):
      self.init(
        .divergence, reason,
        hints: ["no pulse was sent; what is recorded stays: saltire report SESSION"])
    case .impossible(let reason): self.init(.badInput, reason)
    case .failed(let failure):
      self = Failure(any: failure) ?? Failure(.software, failure.message)
    case .cancelled:
      self.init(.interrupted, "interrupted; what was measured is in the session")
    }
  }

  init(_ failure: InstrumentFailure) {
    let code: Code
    let hints: [String]
    switch failure.error {
    case .link(let error): (code, hints) = Self.advice(on: error)
    case .unidentified:
      (code, hints) = (
        .mismatch,
        ["are the baud rate and the terminator of the line right, and the family?"]
      )
    case .wrongIdentity, .duplicate:
      (code, hints) = (.mismatch, ["the bench file names another instrument at this address"])
    // What to do is in the message.
    case .unfit: (code, hints) = (.mismatch, [])
    case .mismatch:
      (code, hints) = (.mismatch, ["is the limit within what the instrument can do?"])
    case .reported, .unexpectedReply: (code, hints) = (.storage, [])
    }
    self.init(code, failure.message, hints: hints)
  }

  /// The status for a link that failed, and what to do about it.
  private static func advice(on error: LinkError) -> (Code, [String]) {
    switch error {
    case .unreachable: (.notFound, ["is it on, and is its address right?"])
    case .busy: (.busy, ["end the program that uses it"])
    case .denied: (.permission, ["'saltire doctor' says what to do"])
    case .unsupported: (.storage, [])
    case .stalled, .malformed:
      (.storage, ["'saltire bus ADDRESS recover' brings back what hangs"])
    default: (.storage, ["is it still connected, and set to the same terminator?"])
    }
  }

  init(_ error: LinkError) {
    let code = Self.advice(on: error).0
    self.init(code == .notFound ? .storage : code, error.message)
  }

  init(_ error: RasteriserError) {
    switch error {
    case .notInstalled(let program, let package):
      self.init(
        .storage, "PNG and PDF are made by \(program), which is not installed",
        hints: ["apt install \(package)"])
    default: self.init(.storage, "\(error)")
    }
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
  }
}

/// Runs a command's body, shows what fails and exits with its status; with
/// `json` as a document with nothing but the error, too.
func reporting(json: Bool = false, _ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch {
    guard let failure = Failure(any: error) else { throw error }
    if json {
      var document = JSONValue.object([:])
      document["error"] = failure.document
      Console.print(document.text(indented: true))
    }
    Console.error(failure.rendered)
    throw ExitCode(failure.code.rawValue)
  }
}

extension Failure {
  /// The failure that an error stands for; nil for errors that are not ours.
  init?(any error: any Error) {
    switch error {
    case let error as Failure: self = error
    case let error as Diagnostics: self.init(error)
    case let error as SessionError: self.init(error)
    case let error as BenchError: self.init(error)
    case let error as LedgerError: self.init(error)
    case let error as RigLockError: self.init(error)
    case let error as CheckpointError: self.init(error)
    case let error as InstrumentFailure: self.init(error)
    case let error as ClockFailure: self.init(.storage, error.message)
    case let error as GuardianFailure:
      self.init(
        .software, error.message,
        hints: ["nothing is energised without one; 'guardian: { enabled: off }' forgoes it"])
    case let error as LinkError: self.init(error)
    case let error as FigureError: self.init(.storage, "\(error)")
    case let error as RasteriserError: self.init(error)
    case let error as MeasuredCurveError: self.init(.badInput, "\(error)")
    case let error as FileFailure: self.init(.storage, error.localizedDescription)
    case let error as BoundedFile.Refusal: self.init(.badInput, error.message)
    case let error as CocoaError: self.init(.storage, error.localizedDescription)
    default: return nil
    }
  }
}
