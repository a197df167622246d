public import Foundation
import SaltireCore
import Synchronization

/// Keeps everybody else off the instruments of a rig, on this computer: other runs, queries
/// and checks, of all users.
///
/// A file for every address is locked by flock(2), which ends with the last process that
/// has it: a run and its guardian. What is written in a file is who holds it, and who asked
/// for the outputs to be switched off. Making safe needs no lock: it asks the holder to end,
/// and then acts.
public final class RigLock: Sendable {
  /// Who uses an instrument.
  public struct Holder: Sendable, Equatable, Codable {
    /// The number of the process.
    public var process: Int32
    /// What it does, as in "saltire run".
    public var purpose: String
    /// The session that it records.
    public var session: String?
    public var since: Date

    public init(purpose: String, session: String? = nil) {
      process = getpid()
      self.purpose = purpose
      self.session = session
      since = HostTime.date
    }

    /// As in "'saltire run' (process 123), session a.saltire, since 2026-11-30T12:00:00Z".
    public var text: String {
      "'\(purpose)' (process \(process))" + (session.map { ", session \($0)" } ?? "")
        + ", since \(since.formatted(.iso8601))"
    }
  }

  private let files: Mutex<[LockFile]>

  /// - Parameters:
  ///   - addresses: where the instruments are.
  ///   - holder: whom others are told of.
  ///   - folder: where the files are.
  /// - Throws: ``RigLockError``.
  public init(
    _ addresses: [CanonicalAddress], for holder: Holder, in folder: String = RigLock.folder
  ) throws(RigLockError) {
    if !addresses.isEmpty { try LockFile.makeFolder(folder) }
    var files: [LockFile] = []
    for address in addresses {
      let file = try LockFile(address, in: folder)
      guard try file.lock() else {
        throw .inUse(address: address, by: file.holder)
      }
      file.write(holder)
      files.append(file)
    }
    self.files = Mutex(files)
  }

  /// Tells others of the session that is being recorded.
  public func update(_ holder: Holder) {
    files.withLock { for file in $0 { file.write(holder, isAnew: false) } }
  }

  /// Who asked since the lock was taken that the outputs be switched off.
  public var request: Holder? { files.withLock { $0.lazy.compactMap(\.request).first } }

  /// For a process that is to hold the lock too.
  var descriptors: [Int32] { files.withLock { $0.map(\.descriptor) } }

  /// Lets others use the rig, unless another process holds the lock too.
  public func release() { files.withLock { $0 = [] } }

  // MARK: Making safe

  /// Asks whoever holds any of the addresses to end and to make safe.
  ///
  /// - Returns: who they are; nil for one of whom only that is known.
  public static func requestOff(
    _ addresses: [CanonicalAddress], by asker: Holder, in folder: String = RigLock.folder
  ) -> [Holder?] {
    var holders: [Holder?] = []
    for file in held(addresses, in: folder) {
      file.request(by: asker)
      if !holders.contains(file.holder) { holders.append(file.holder) }
    }
    return holders
  }

  /// Whether somebody holds any of the addresses.
  public static func isHeld(
    _ addresses: [CanonicalAddress], in folder: String = RigLock.folder
  ) -> Bool { !held(addresses, in: folder).isEmpty }

  private static func held(_ addresses: [CanonicalAddress], in folder: String) -> [LockFile] {
    addresses.compactMap { address in
      guard let file = try? LockFile(address, in: folder, isMade: false),
        let isFree = try? file.lock(), !isFree
      else { return nil }
      return file
    }
  }

  /// One folder for all users of this computer, gone when it is switched off.
  public static var folder: String {
    ProcessInfo.processInfo.environment["SALTIRE_LOCKS"] ?? "/run/lock/saltire"
  }
}

/// Why a rig cannot be used.
public enum RigLockError: Error, Equatable, Sendable {
  /// Somebody uses an instrument of it.
  case inUse(address: CanonicalAddress, by: RigLock.Holder?)
  /// A lock cannot be had, and why.
  case unusable(path: String, reason: String)

  /// What happened, in one sentence.
  public var message: String {
    switch self {
    case .inUse(let address, let holder):
      "the instrument at \(address) is in use by \(holder?.text ?? "another process")"
    case .unusable(let path, let reason): "cannot lock \(path): \(reason)"
    }
  }
}
