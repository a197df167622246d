import ArgumentParser
import SaltireBenches
import SaltireInstruments
import SaltireLinks
import SaltireRig

/// The address of one instrument, on the command line.
struct Address: ParsableArguments {
  @Argument(help: "A VISA resource string, or sim:FAMILY.")
  var resource: String

  @Option(help: "The serial port or socket of the Prologix adapter for a GPIB instrument.")
  var adapter: String?

  @Option(
    help: "The instrument family, for its terminator and serial settings. (default: LF, 9600 baud)"
  )
  var family: String?

  @OptionGroup var line: LineOptions

  /// Opens a link to the instrument. This process holds the rig lock for it until the lock is
  /// released or the process ends.
  ///
  /// - Returns: the link, the line terminator, the definition of the family if known, and the lock.
  /// - Throws: ``Failure``; `RigLockError` if another process holds the lock.
  func open(for purpose: String) throws -> (
    link: any Link, terminator: UInt8, definition: Definition?, lock: RigLock
  ) {
    let place = try Self.parse(resource)
    let name = if case .simulated(let name) = place { name } else { family }
    // Only families and USB quirks need definitions; without them a query works from any folder.
    let isUSB = if case .usb = place { true } else { false }
    let library = name != nil || isUSB ? try InstrumentLibrary.shipped() : InstrumentLibrary()
    let found = try name.map { try library.family($0) }
    let adapter = try adapter(for: place)
    let lock = try RigLock(
      CanonicalAddress.all(of: place, behind: adapter?.resource),
      for: RigLock.Holder(purpose: purpose))
    do throws(LinkError) {
      let definition = found?.definition.with(line.settings)
      let link = try OpenBench.link(
        to: place, library, found, line: line.settings, behind: adapter)
      let terminator = definition?.terminator(over: link) ?? line.terminator?.byte ?? 10
      return (link, terminator, definition, lock)
    } catch {
      throw Failure(InstrumentFailure(resource, .link(error)))
    }
  }

  private static func parse(_ text: String) throws(Failure) -> Resource {
    do throws(ResourceError) {
      return try Resource(parsing: text)
    } catch {
      throw Failure(.usage, error.message, hints: error.hints)
    }
  }

  /// The adapter of the instrument; nil if it needs none.
  private func adapter(for resource: Resource) throws(Failure) -> Station.Adapter? {
    guard case .gpib = resource else {
      if let fault = line.settings.fault(at: resource) { throw Failure(.usage, fault) }
      if adapter == nil { return nil }
      throw Failure(.usage, "\(resource) does not use an adapter", hints: ["remove --adapter"])
    }
    guard let adapter else {
      throw Failure(
        .usage, "\(resource) needs an adapter",
        hints: ["give --adapter with \(Station.Adapter.hint)", Station.Adapter.support])
    }
    let place = try Self.parse(adapter)
    var others = line.settings
    others.baud = nil
    if let fault = others.fault(at: resource) ?? line.settings.fault(at: place) {
      throw Failure(.usage, fault)
    }
    guard let found = Station.Adapter(place, baud: line.baud ?? Station.Adapter.usualBaud) else {
      throw Failure(
        .usage, "\(place) is not an address of a GPIB adapter", hints: [Station.Adapter.hint])
    }
    return found
  }
}
