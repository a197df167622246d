import Foundation
import GRDB
import SaltireCore
import SaltirePrograms

extension Session {
  /// The doses of the programs of one account, by device name. An interrupted program counts in
  /// full, and again for every time it was repeated.
  ///
  /// - Throws: ``SessionError``.
  func doses(
    on wiring: Wiring, of account: LedgerAccount
  ) throws(SessionError) -> [String: Dose] {
    // A missing program would mean a missing dose.
    let count = try stepCount()
    var total = try repeatedDoses(on: wiring, of: account)
    try read { db in
      let rows = try Row.fetchCursor(
        db, sql: "SELECT program FROM step WHERE n >= ? AND n < ? ORDER BY n",
        arguments: [account.first, account.end ?? count])
      while let row = try rows.next() {
        try add(Array(try row.decode(Data.self, atIndex: 0)), to: &total, on: wiring)
      }
    }
    return total
  }

  /// The doses of interrupted programs that were performed again, by device name.
  ///
  /// - Parameters:
  ///   - account: the account whose resumptions count; nil for a new one.
  ///   - isToRepeat: whether a program interrupted now will be repeated too.
  /// - Throws: ``SessionError``.
  func repeatedDoses(
    on wiring: Wiring, of account: LedgerAccount?, isToRepeat: Bool = false
  ) throws(SessionError) -> [String: Dose] {
    var total: [String: Dose] = [:]
    var repeats: [Int] = []
    if let account {
      // The record is resumed after its last program.
      repeats = try resumptions().filter { resumption in
        resumption.repeatsPulses && resumption.programs >= account.first
          && account.end.map { resumption.programs < $0 } ?? true
      }.map { $0.programs - 1 }
    }
    let end = try end()
    if isToRepeat, end.isCutOff { repeats.append(end.programs - 1) }
    for n in repeats {
      if let record = try stored(n) { try add(record.program, to: &total, on: wiring) }
    }
    return total
  }

  private func add(
    _ record: [UInt8], to total: inout [String: Dose], on wiring: Wiring
  ) throws(SessionError) {
    let program: Program
    do throws(SaltireCore.RecordError) {
      program = try Program(record: record)
    } catch {
      throw .damaged(path: url.path, reason: "a program: expected \(error.expected)")
    }
    for (device, dose) in program.doses(on: wiring) { total[device, default: Dose()].add(dose) }
  }

  /// The doses of confirmed devices in one account, by name; zero for a device without pulses.
  ///
  /// - Throws: ``SessionError``.
  func confirmedDoses(of account: LedgerAccount) throws(SessionError) -> [String: Dose] {
    guard let wiring = manifest.wiring, let identities = manifest.identities,
      identities.keys.allSatisfy({ wiring.site($0) != nil })
    else { throw .damaged(path: url.path, reason: "it does not name its devices") }
    let doses = try doses(on: wiring, of: account)
    return Dictionary(uniqueKeysWithValues: identities.keys.map { ($0, doses[$0] ?? Dose()) })
  }
}
