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

/// An error as the user sees it: an exit status, messages and hints.
struct Failure: Error {
  /// The exit statuses of the program; see `saltire --help`.
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

  /// The text for the terminal.
  var rendered: String { diagnostics.map(\.rendered).joined(separator: "\n\n") }

  /// The first message, for JSON documents.
  var message: String { diagnostics.first?.message ?? "" }
}

extension Failure {
  init(_ diagnostics: Diagnostics) { self.init(.badInput, diagnostics.items) }

  init(_ error: SessionError) {
    let hints: [String]
    let code: Code
    switch error {
    case .exists:
      (code, hints) = (
        .storage, ["saltire never overwrites a session: choose another name or folder"]
      )
    case .inUse: (code, hints) = (.busy, ["wait until the run that writes it has ended"])
    case .missing: (code, hints) = (.badInput, [])
    case .notASession:
      (code, hints) = (.badInput, ["sessions are the .saltire files that 'saltire run' writes"])
    case .newer:
      (code, hints) = (.badInput, ["use the version of saltire that wrote it, or a later one"])
    case .incomplete:
      (code, hints) = (
        .badInput,
        ["move that file next to the session; if it is lost, create an empty file of that name"]
      )
    case .damaged: (code, hints) = (.badInput, [])
    case .storage: (code, hints) = (.storage, ["is the disk full, or the folder not writable?"])
    case .lost:
      (code, hints) = (
        .storage, ["the run was stopped; do not move or change a session during its run"]
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
      (code, hints) = (
        .busy, ["wait until it has ended; a device can be on only one bench at a time"]
      )
    case .changed: (code, hints) = (.busy, ["nothing was energised; start again"])
    case .notALedger:
      (code, hints) = (.badInput, ["SALTIRE_LEDGER sets the path of the ledger"])
    case .newer:
      (code, hints) = (.badInput, ["use the version of saltire that wrote it, or a later one"])
    case .damaged:
      (code, hints) = (
        .badInput, ["restore it from a backup: without it, lifetime limits cannot be enforced"]
      )
    case .storage:
      (code, hints) = (
        .storage, ["to keep it elsewhere, move it and set SALTIRE_LEDGER=FILE"]
      )
    }
    self.init(code, error.message, hints: hints)
  }

  init(_ error: RigLockError) {
    switch error {
    case .inUse:
      self.init(
        .busy, error.message,
        hints: [
          "wait until it has ended, or end it with 'saltire off --bench FILE', which makes"
            + " the outputs safe"
        ])
    case .unusable:
      self.init(
        .storage, error.message,
        hints: [
          "create the folder for all users: sudo install -d -m 1777 \(RigLock.folder.quotedForShell); or set"
            + " SALTIRE_LOCKS to another folder"
        ])
    }
  }

  init(_ error: CheckpointError) {
    let hints: [String] =
      switch error {
      case .foreign: ["resume it with the protocol, settings, seed and text it was started with"]
      case .unreadable: ["start without --resume"]
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
                ? "the value was measured; the run was stopped"
                : "nothing beyond the limit was sent"
            ])
        ])
    case .unknownTerminal(let terminal):
      self.init(.badInput, "the bench has no terminal \(terminal)")
    case .busy:
      self.init(.software, "two programs were performed at the same time")
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
          "a replay needs the protocol, settings and seed of the recording, and a version of"
            + " saltire that runs the experiment in the same way"
        ])
    case .recordEnded(let n):
      self.init(.badInput, "the record ends before program \(n)")
    case .notResumable(let reason):
      self.init(
        .divergence, reason,
        hints: ["no pulse was sent; the record is unchanged: saltire report SESSION"])
    case .impossible(let reason): self.init(.badInput, reason)
    case .failed(let failure):
      self = Failure(any: failure) ?? Failure(.software, failure.message)
    case .cancelled:
      self.init(.interrupted, "interrupted; all measurements are in the session")
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
        ["check the baud rate, the parity, the terminator and the instrument family"]
      )
    case .unterminated:
      (code, hints) = (
        .mismatch,
        [
          "set the same terminator, baud rate and parity at the instrument and here: 'terminator',"
            + " 'baud' and 'parity' of the instrument in the bench file, or options of 'saltire query'"
        ]
      )
    case .wrongIdentity, .duplicate:
      (code, hints) = (.mismatch, ["the bench file names a different instrument at this address"])
    // The message says what to do.
    case .unfit: (code, hints) = (.mismatch, [])
    case .moved:
      (code, hints) = (
        .mismatch,
        [
          "check the front panel, interlocks and other programs; the session keeps what was measured,"
            + " without an outcome"
        ]
      )
    case .mismatch:
      (code, hints) = (.mismatch, ["check that the limit is within the range of the instrument"])
    case .unlikeBench(.mains, _, _):
      (code, hints) = (
        .mismatch,
        ["set the instrument to the mains of the place, or give 'mains' in the bench file"]
      )
    case .unlikeBench(.side, _, _):
      (code, hints) = (
        .mismatch,
        ["switch the instrument over, or give 'side' of the instrument in the bench file"]
      )
    case .reported, .unexpectedReply: (code, hints) = (.storage, [])
    }
    self.init(code, failure.message, hints: hints)
  }

  /// The exit status for a failed link, and hints.
  private static func advice(on error: LinkError) -> (Code, [String]) {
    switch error {
    case .unreachable: (.notFound, ["check that it is switched on and that its address is correct"])
    case .busy: (.busy, ["end the program that uses it"])
    case .denied: (.permission, ["'saltire doctor' shows how to fix this"])
    case .unsupported: (.storage, [])
    case .stalled, .malformed:
      (.storage, ["try 'saltire bus ADDRESS recover'"])
    default: (.storage, ["check that it is still connected and uses the same terminator"])
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
        .storage, "PNG and PDF files need \(program), which is not installed",
        hints: ["apt install \(package)"])
    default: self.init(.storage, "\(error)")
    }
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
  }
}

/// Runs the body of a command. Prints a failure and exits with its status; with `json`, also prints
/// a document that contains the error.
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
  /// The failure for an error; nil for errors of other libraries.
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
        hints: [
          "saltire energises nothing without a guardian; 'guardian: { enabled: off }' in the"
            + " bench file disables it"
        ])
    case let error as LinkError: self.init(error)
    case let error as FigureError: self.init(.storage, "\(error)")
    case let error as RasteriserError: self.init(error)
    case let error as MeasuredCurveError:
      self.init(.badInput, "\(error)", hints: error.remedies.map(\.option))
    case let error as FileFailure: self.init(.storage, error.localizedDescription)
    case let error as BoundedFile.Refusal: self.init(.badInput, error.message)
    case let error as CocoaError: self.init(.storage, error.localizedDescription)
    default: return nil
    }
  }
}
