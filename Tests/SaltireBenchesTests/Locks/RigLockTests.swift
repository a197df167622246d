import Foundation
import SaltireLinks
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches

@Suite struct RigLockTests {
  private let folder: TemporaryFolder
  private let address: [CanonicalAddress]

  init() throws {
    folder = try TemporaryFolder()
    address = CanonicalAddress.all(of: .socket(host: "127.0.0.1", port: 5025))
  }

  private func lock(_ purpose: String) throws(RigLockError) -> RigLock {
    try RigLock(address, for: .init(purpose: purpose), in: folder.path("locks"))
  }

  @Test func aRigHasOneUser() throws {
    let first = try lock("saltire run")
    first.update(.init(purpose: "saltire run", session: "a.saltire"))
    let error = #expect(throws: RigLockError.self) { _ = try lock("saltire query") }
    guard case .inUse(_, let holder?)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(holder.process == getpid() && holder.session == "a.saltire")
    #expect(error?.message.contains("127.0.0.1 port 5025 is in use by 'saltire run'") == true)
    first.release()
    _ = try lock("saltire query")
  }

  /// The files are for all users, and lead nowhere else.
  @Test func theFilesAreForAllUsers() throws {
    let mask = umask(0o077)
    defer { umask(mask) }
    _ = try lock("saltire run")
    func mode(_ name: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: folder.path(name))[.posixPermissions] as? Int
    }
    #expect(try mode("locks") == 0o1777)
    let name = try #require(folder.content("locks").first)
    #expect(try mode("locks/\(name)") == 0o666)
    try FileManager.default.removeItem(atPath: folder.path("locks/\(name)"))
    _ = try folder.write("precious", "victim")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("locks/\(name)"), withDestinationPath: folder.path("victim"))
    #expect(throws: RigLockError.self) { _ = try lock("saltire run") }
    #expect(try String(contentsOf: folder["victim"], encoding: .utf8) == "precious")
  }

  /// Who makes safe asks the holder, and does not take the lock.
  @Test func theHolderHearsWhoAsks() throws {
    let places = (address, folder.path("locks"))
    #expect(RigLock.requestOff(places.0, by: .init(purpose: "saltire off"), in: places.1).isEmpty)
    let run = try lock("saltire run")
    #expect(run.request == nil)
    let holders = RigLock.requestOff(places.0, by: .init(purpose: "saltire off"), in: places.1)
    #expect(holders.map { $0?.purpose } == ["saltire run"])
    #expect(run.request?.purpose == "saltire off")
    run.update(.init(purpose: "saltire run", session: "a.saltire"))
    #expect(run.request?.purpose == "saltire off")
    run.release()
    #expect(!RigLock.isHeld(places.0, in: places.1))
    // It was meant for the one before.
    #expect(try lock("saltire run").request == nil)
  }

  /// Whatever stands in a file that anybody may write to.
  @Test func garbageInAFileIsNobody() throws {
    let run = try lock("saltire run")
    let name = try #require(folder.content("locks").first)
    let file = try FileHandle(forWritingTo: folder["locks/\(name)"])
    try file.seekToEnd()
    try file.write(contentsOf: Data("{}\n\0\0\n{\"off\":3}\n[1e999]\n".utf8))
    try file.write(contentsOf: Data(repeating: 65, count: 1 << 20))
    #expect(run.request == nil)
    let error = #expect(throws: RigLockError.self) { _ = try lock("saltire query") }
    guard case .inUse(_, let holder)? = error else { return }
    #expect(holder?.purpose == "saltire run")
  }

  /// One place, however it is spelled.
  @Test func oneAddressHasOneName() throws {
    func names(_ resource: Resource) -> [String] {
      CanonicalAddress.all(of: resource).map(\.description)
    }
    #expect(names(.socket(host: "localhost", port: 1)).contains("127.0.0.1 port 1"))
    #expect(names(.socket(host: "::ffff:127.0.0.1", port: 1)) == ["127.0.0.1 port 1"])
    let ports = [UInt16(1), 2].map { names(.socket(host: "127.0.0.1", port: $0)) }
    #expect(ports[0] != ports[1])
    let target = try folder.write("", "ttyUSB0")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("by-id"), withDestinationPath: target)
    #expect(names(.serial(port: folder.path("by-id"))) == names(.serial(port: target)))
    #expect(names(.simulated(family: "keithley/2400")).isEmpty)
    let gpib = Resource.gpib(board: 0, address: try #require(.init(primary: 24, secondary: nil)))
    let adapter = Resource.serial(port: target)
    let behind = CanonicalAddress.all(of: gpib, behind: adapter)
    #expect(behind == CanonicalAddress.all(of: gpib, behind: .serial(port: folder.path("by-id"))))
    #expect(behind.map(\.description) != names(gpib))
    let other = Resource.gpib(board: 1, address: try #require(.init(primary: 24, secondary: nil)))
    #expect(CanonicalAddress.all(of: other, behind: adapter) == behind)
  }

  /// No name of an address leads out of the folder, and none is too long for a file.
  @Test func namesOfFilesArePlain() {
    for host in ["../../etc", "a/b", String(repeating: "x", count: 300), "ä\u{0}\n"] {
      for address in CanonicalAddress.all(of: .socket(host: host, port: 1)) {
        #expect(!address.fileName.contains("/") && address.fileName.utf8.count <= 200)
        #expect(address.fileName.utf8.allSatisfy { $0 > 32 && $0 < 127 })
      }
    }
  }
}
