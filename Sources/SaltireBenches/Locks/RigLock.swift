public import Foundation
import SaltireCore
import Synchronization

/// The exclusive use of a rig's instruments on this computer, among all runs, queries and checks of
/// all users.
///
/// A file for every address is locked with flock(2), which is released when the last process
/// holding it ends: a run and its guardian. The files name the holder, and requests to switch the
/// outputs off. Making safe needs no lock: it asks the holder to end, and then acts.
public final class RigLock: Sendable {
  /// Who uses an instrument.
  public struct Holder: Sendable, Equatable, Codable {
    /// The process id.
    public var process: Int32
    /// The purpose, such as "saltire run".
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

    /// For example "'saltire run' (process 123), session a.saltire, since 2026-11-30T12:00:00Z".
    public var text: String {
      "'\(purpose)' (process \(process))" + (session.map { ", session \($0)" } ?? "")
        + ", since \(since.formatted(.iso8601))"
    }
  }

  private let files: Mutex<[LockFile]>

  /// - Parameters:
  ///   - addresses: the addresses of the instruments.
  ///   - holder: the description for other processes.
  ///   - folder: the folder of the lock files.
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

  /// Publishes the session in the lock files.
  public func update(_ holder: Holder) {
    files.withLock { for file in $0 { file.write(holder, isAnew: false) } }
  }

  /// The process that requested the outputs to be switched off since the lock was taken.
  public var request: Holder? { files.withLock { $0.lazy.compactMap(\.request).first } }

  /// The descriptors for a child process that must hold the lock too.
  var descriptors: [Int32] { files.withLock { $0.map(\.descriptor) } }

  /// Releases the lock, unless another process holds it too.
  public func release() { files.withLock { $0 = [] } }

  // MARK: Making safe

  /// Asks all holders of these addresses to end and to make their outputs safe.
  ///
  /// - Returns: the holders; nil for an unidentified one.
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

  /// Whether any of the addresses is locked.
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

  /// One folder for all users of this computer; it does not survive a reboot.
  public static var folder: String {
    ProcessInfo.processInfo.environment["SALTIRE_LOCKS"] ?? "/run/lock/saltire"
  }
}

/// Why a rig cannot be used.
public enum RigLockError: Error, Equatable, Sendable {
  /// Another process uses one of its instruments.
  case inUse(address: CanonicalAddress, by: RigLock.Holder?)
  /// A lock file cannot be used, and why.
  case unusable(path: String, reason: String)

  /// The error as one sentence.
  public var message: String {
    switch self {
    case .inUse(let address, let holder):
      "the instrument at \(address) is in use by \(holder?.text ?? "another process")"
    case .unusable(let path, let reason): "cannot lock \(path): \(reason)"
    }
  }
}
