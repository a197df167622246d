import ArgumentParser
import SaltireBenches
import SaltireInstruments
import SaltireLinks
import SaltireRig

/// Where one instrument is, on the command line.
struct Address: ParsableArguments {
  @Argument(help: "A VISA resource string, or sim:FAMILY.")
  var resource: String

  @Option(help: "The Prologix adapter of a GPIB instrument: its serial port or socket.")
  var adapter: String?

  @Option(help: "The family, for its line ending and serial settings; LF and 9600 baud without.")
  var family: String?

  /// Opens a link to it.
  /// It is this command's until the lock is released, or the program ends.
  ///
  /// - Returns: the link, what ends a line on it, what is known of the family, and the lock.
  /// - Throws: ``Failure``; `RigLockError` where somebody else uses it.
  func open(for purpose: String) throws -> (
    link: any Link, terminator: UInt8, definition: Definition?, lock: RigLock
  ) {
    let place = try Self.parse(resource)
    let name = if case .simulated(let name) = place { name } else { family }
    // Definitions are needed for families and quirks only: elsewhere a query
    // works from any folder.
    let isUSB = if case .usb = place { true } else { false }
    let library = name != nil || isUSB ? try InstrumentLibrary.shipped() : InstrumentLibrary()
    let found = try name.map { try library.family($0) }
    let adapter = try adapter(for: place)
    let lock = try RigLock(
      CanonicalAddress.all(of: place, behind: adapter?.resource),
      for: RigLock.Holder(purpose: purpose))
    do throws(LinkError) {
      let link = try OpenBench.link(to: place, library, found, behind: adapter)
      return (link, found?.definition.terminator(over: link) ?? 10, found?.definition, lock)
    } catch {
      throw Failure(InstrumentFailure(resource, .link(error)))
    }
  }

  private static func parse(_ text: String) throws(Failure) -> Resource {
    do throws(ResourceError) {
      return try Resource(parsing: text)
    } catch {
      throw Failure(.usage, error.message)
    }
  }

  /// The adapter that the instrument is behind; nil where it is behind none.
  private func adapter(for resource: Resource) throws(Failure) -> Station.Adapter? {
    guard case .gpib = resource else {
      if adapter == nil { return nil }
      throw Failure(.usage, "\(resource) is behind no adapter", hints: ["leave --adapter out"])
    }
    guard let adapter else {
      throw Failure(
        .usage, "which adapter is \(resource) behind?",
        hints: ["--adapter with \(Station.Adapter.hint)"])
    }
    let place = try Self.parse(adapter)
    guard let found = Station.Adapter(place) else {
      throw Failure(
        .usage, "\(place) is no address of a GPIB adapter", hints: [Station.Adapter.hint])
    }
    return found
  }
}
