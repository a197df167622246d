internal import Foundation

/// A session's place in the ledger: what its devices had before it, a row for
/// each while it goes on, and what it did to them in the end.
public struct DoseAccount: Sendable {
  private let ledger: Ledger
  private let identities: [String: DeviceIdentity]
  /// The rows of these devices in other sessions.
  private let before: [LedgerEntry]
  /// What a resumed record did twice, or will have.
  private let repeated: [String: Dose]
  /// Rows of these devices that count as the most that they may be, since nobody
  /// can say what they are.
  public let unsettled: [OpenEntry]

  /// Looks up the devices of a session; nothing is entered yet.
  ///
  /// - Parameters:
  ///   - ledger: where.
  ///   - identities: of the devices, by the names that the bench has for them.
  ///   - resuming: a session that will go on, and what becomes of a program that
  ///     was cut off; nil for a new session.
  /// - Throws: ``BenchError/ledger(_:)``, with ``LedgerError/deviceInUse(_:session:)``
  ///   where a run with one of them goes on; ``BenchError/session(_:)`` of a resumed
  ///   session.
  public init(
    _ ledger: Ledger, identities: [String: DeviceIdentity],
    resuming: (session: Session, policy: ResumePolicy)? = nil
  ) throws(BenchError) {
    self.ledger = ledger
    self.identities = identities
    let own = Set(identities.values)
    let id = resuming?.session.manifest.id
    do throws(LedgerError) {
      let open = try ledger.settle().filter {
        own.contains($0.entry.identity) && $0.entry.session != id
      }
      if let other = open.first(where: { $0.reason == .goesOn })?.entry {
        throw .deviceInUse(other.identity, session: other.path)
      }
      unsettled = open
      before = try ledger.entries().filter { own.contains($0.identity) && $0.session != id }
    } catch {
      throw .ledger(error)
    }
    guard let resuming, let wiring = resuming.session.manifest.wiring else {
      repeated = [:]
      return
    }
    do throws(SessionError) {
      repeated = try resuming.session.repeatedDoses(
        on: wiring, isToRepeat: resuming.policy.interrupted == .repeat)
    } catch {
      throw .session(error)
    }
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
  /// - Throws: ``BenchError/ledger(_:)``: then nothing may be energised.
  public func open(_ session: Session, on file: BenchFile) throws(BenchError) {
    let manifest = session.manifest
    guard let id = manifest.id else {
      throw .impossible("the session has no id that its doses could be entered under")
    }
    let entries = identities.sorted { $0.key < $1.key }.map { name, identity in
      var bound = file.limits.bound(of: name)
      bound.add(repeated[name] ?? Dose())
      return LedgerEntry(
        session: id, path: session.url.standardizedFileURL.path, begun: manifest.created,
        device: name, identity: identity, dose: bound,
        gateCurrent: file.wiring.site(name).flatMap { file.limits.gateCurrents[$0.gate] },
        isOpen: true)
    }
    do throws(LedgerError) {
      try ledger.open(entries, after: before)
    } catch {
      throw .ledger(error)
    }
  }

  /// Settles the session by its record, where it was entered.
  ///
  /// - Throws: ``BenchError``: then the row stays open, at its bound, until somebody
  ///   else settles it.
  public func settle(_ session: Session) throws(BenchError) {
    guard let id = session.manifest.id else { return }
    let doses: [String: Dose]
    do throws(SessionError) {
      doses = try session.confirmedDoses()
    } catch {
      throw .session(error)
    }
    do throws(LedgerError) {
      try ledger.settle(id, doses, at: session.url.standardizedFileURL.path)
    } catch {
      throw .ledger(error)
    }
  }
}
