import Foundation
public import SaltirePrograms
import Synchronization

/// A session's place in the ledger: what its devices had before it, a row for
/// each while it goes on, and what it did to them in the end.
public struct DoseAccount: Sendable {
  private let ledger: Ledger
  private let identities: [String: DeviceIdentity]
  private let wiring: Wiring
  private let limits: Limits
  /// The rows of these devices in other sessions.
  private let before: [LedgerEntry]
  /// What a resumed record did twice, or will have.
  private let repeated: [String: Dose]
  /// How the ledger calls the session, and this run of it.
  private let entry: LedgerRun?
  private let key: String?
  private let entering = Entering()

  /// Whether the run was entered.
  private final class Entering: Sendable {
    let isDone = Mutex(false)
  }

  /// Rows of these devices that count as the most that they may be, since nobody
  /// can say what they are.
  public let unsettled: [OpenEntry]

  /// Looks up the devices of a session; nothing is entered yet.
  ///
  /// - Parameters:
  ///   - ledger: where.
  ///   - identities: of the devices, by the names that the bench has for them.
  ///   - wiring: of the bench.
  ///   - limits: of the bench: what a run that is not settled counts as.
  ///   - resuming: a session that will go on, and what becomes of a program that
  ///     was cut off; nil for a new session.
  /// - Throws: ``BenchError/failed(_:)``:  ``LedgerError/deviceInUse(_:session:)``
  ///   where a run with one of them goes on; ``SessionError`` of a resumed
  ///   session.
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

  /// How a session that goes on is entered. One that lacks a run which the ledger
  /// knows of is a copy that goes another way: both count.
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

  /// What the devices were put through before, by name: all that the programs of
  /// this session come on top of.
  public var histories: [String: DeviceHistory] {
    Dictionary(
      uniqueKeysWithValues: identities.map { name, identity in
        var dose = before.filter { $0.identity == identity }.dose
        dose.add(repeated[name] ?? Dose())
        return (name, DeviceHistory(identity: identity, dose: dose))
      })
  }

  /// Enters the session, with the most that its limits allow.
  ///
  /// - Throws: ``BenchError/failed(_:)``: then nothing may be energised.
  public func open(_ session: Session) throws(BenchError) {
    let manifest = session.manifest
    guard let id = manifest.id else {
      throw .impossible("the session has no id that its doses could be entered under")
    }
    do throws(SessionError) {
      // Whatever happens then, the session knows what the ledger does.
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

  /// The rows of this run, with the most that its limits allow.
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

  /// Settles the session by its record, where it was entered; in the ledger that is
  /// there now, which may have been put back from a copy.
  ///
  /// - Returns: whether the ledger still had the run as it was entered.
  /// - Throws: ``BenchError``: then the row stays open, at its bound, until somebody
  ///   else settles it.
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
