import Foundation
public import SaltirePrograms
import Synchronization

/// The entries of a session in the ledger: the previous doses of its devices, an open row for each
/// during the run, and the final doses.
public struct DoseAccount: Sendable {
  private let ledger: Ledger
  private let identities: [String: DeviceIdentity]
  private let wiring: Wiring
  private let limits: Limits
  /// The rows of these devices from other sessions.
  private let before: [LedgerEntry]
  /// The doses of programs of a resumed record that were, or will be, performed twice.
  private let repeated: [String: Dose]
  /// The key of the session in the ledger, and this run.
  private let entry: LedgerRun?
  private let key: String?
  private let entering = Entering()

  /// Whether the run was entered.
  private final class Entering: Sendable {
    let isDone = Mutex(false)
  }

  /// Rows of these devices whose actual dose is unknown; they count with their maximum.
  public let unsettled: [OpenEntry]

  /// Looks up the devices of a session; enters nothing yet.
  ///
  /// - Parameters:
  ///   - ledger: the ledger.
  ///   - identities: the identities of the devices, by their names on the bench.
  ///   - wiring: the wiring of the bench.
  ///   - limits: the limits of the bench, which bound the dose of an unsettled run.
  ///   - resuming: a session to be resumed, and what happens to an interrupted program; nil for a
  ///     new session.
  /// - Throws: ``BenchError/failed(_:)``:  ``LedgerError/deviceInUse(_:session:)`` if a run with
  ///   one of the devices is in progress; ``SessionError`` from a resumed session.
  public init(
    _ ledger: Ledger, identities: [String: DeviceIdentity], on wiring: Wiring,
    within limits: Limits,
    resuming: (session: Session, policy: ResumePolicy)? = nil
  ) throws(BenchError) {
    self.ledger = ledger
    self.identities = identities
    self.wiring = wiring
    self.limits = limits
    let own = Set(identities.values)
    (entry, key) = try Self.entry(of: resuming?.session, in: ledger)
    let key = self.key
    do throws(LedgerError) {
      let open = try ledger.settle().filter {
        own.contains($0.entry.identity) && $0.entry.session != key
      }
      if let other = open.first(where: { $0.reason == .goesOn })?.entry {
        throw .deviceInUse(other.identity, session: other.path)
      }
      unsettled = open
      before = try ledger.entries().filter { own.contains($0.identity) && $0.session != key }
    } catch {
      throw .failed(error)
    }
    guard let resuming, let wiring = resuming.session.manifest.wiring else {
      repeated = [:]
      return
    }
    do throws(SessionError) {
      let account = try resuming.session.accounts().last { $0.key == key }
      repeated = try resuming.session.repeatedDoses(
        on: wiring, of: account, isToRepeat: resuming.policy.interrupted == .repeat)
    } catch {
      throw .failed(error)
    }
  }

  /// The entry of a resumed session. If it lacks a run that the ledger has, it is a copy that
  /// diverged: both count.
  private static func entry(
    of session: Session?, in ledger: Ledger
  ) throws(BenchError) -> (LedgerRun?, key: String?) {
    guard let session else { return (nil, nil) }
    let account: LedgerAccount?
    let programs: Int
    do throws(SessionError) {
      account = try session.accounts().last
      programs = try session.stepCount()
    } catch {
      throw .failed(error)
    }
    guard let account else { return (nil, nil) }
    var entry = LedgerRun(run: UUID().uuidString, branch: nil, programs: programs)
    do throws(LedgerError) {
      if let last = try ledger.lastRun(of: account.key), !account.runs.contains(last) {
        entry.branch = UUID().uuidString
      }
    } catch {
      throw .failed(error)
    }
    return (entry, entry.branch ?? account.key)
  }

  /// The previous doses of the devices, by name, to which the programs of this session add.
  public var histories: [String: DeviceHistory] {
    Dictionary(
      uniqueKeysWithValues: identities.map { name, identity in
        var dose = before.filter { $0.identity == identity }.dose
        dose.add(repeated[name] ?? Dose())
        return (name, DeviceHistory(identity: identity, dose: dose))
      })
  }

  /// Enters the session with the maximum dose that its limits allow.
  ///
  /// - Throws: ``BenchError/failed(_:)``; nothing may be energised in that case.
  public func open(_ session: Session) throws(BenchError) {
    let manifest = session.manifest
    guard let id = manifest.id else {
      throw .impossible("the session has no id, so its doses cannot be recorded")
    }
    do throws(SessionError) {
      // The session records the entry first, so it knows of every entry in the ledger.
      if let entry { try session.add(entry) }
    } catch {
      throw .failed(error)
    }
    do throws(LedgerError) {
      try ledger.open(rows(of: session, id), run: entry?.run ?? id, after: before)
    } catch {
      throw .failed(error)
    }
    entering.isDone.withLock { $0 = true }
  }

  /// The rows of this run with the maximum dose that its limits allow.
  private func rows(of session: Session, _ id: String) -> [LedgerEntry] {
    identities.sorted { $0.key < $1.key }.map { name, identity in
      var bound = limits.bound(of: name)
      bound.add(repeated[name] ?? Dose())
      return LedgerEntry(
        session: key ?? id, path: session.url.standardizedFileURL.path,
        begun: session.manifest.created,
        device: name, identity: identity, dose: bound,
        gateCurrent: wiring.site(name).flatMap { limits.gateCurrents[$0.gate] },
        isOpen: true)
    }
  }

  /// Settles an entered session from its record, in the ledger as it is now, which may have been
  /// restored from a copy.
  ///
  /// - Returns: whether the ledger still had the run as it was entered.
  /// - Throws: ``BenchError``; the row then stays open, at its maximum, until it is settled later.
  @discardableResult
  public func settle(_ session: Session) throws(BenchError) -> Bool {
    guard let id = session.manifest.id, entering.isDone.withLock({ $0 }) else { return true }
    let doses: [String: Dose]
    do throws(SessionError) {
      guard let account = try session.accounts().last(where: { $0.key == key ?? id }) else {
        return true
      }
      doses = try session.confirmedDoses(of: account)
    } catch {
      throw .failed(error)
    }
    do throws(LedgerError) {
      let ledger = try Ledger(ledger.url)
      defer { ledger.close() }
      return try ledger.settle(
        rows(of: session, id), doses, at: session.url.standardizedFileURL.path,
        run: entry?.run ?? id)
    } catch {
      throw .failed(error)
    }
  }
}
