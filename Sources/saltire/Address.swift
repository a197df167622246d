internal import ArgumentParser
internal import SaltireInstruments
internal import SaltireLab
internal import SaltireLinks

/// Where one instrument is, on the command line.
struct Address: ParsableArguments {
  @Argument(help: "A VISA resource string, or sim:FAMILY.")
  var resource: String

  @Option(help: "The Prologix adapter of a GPIB instrument: its serial port or socket.")
  var adapter: String?

  /// Opens a link to it.
  ///
  /// - Parameters:
  ///   - library: what knows USB devices by their kind.
  ///   - family: what it is, as the user says.
  /// - Throws: ``Failure``.
  func open(
    _ library: InstrumentLibrary,
    _ family: (definition: Definition, model: Definition.Model)? = nil
  ) throws(Failure) -> any Link {
    let place = try parsed()
    let adapter = try adapter(for: place)
    do throws(LinkError) {
      return try OpenBench.link(to: place, library, family, behind: adapter)
    } catch {
      throw Failure(InstrumentFailure(resource, .link(error)))
    }
  }

  /// - Throws: ``Failure`` where it is no resource string.
  func parsed() throws(Failure) -> Resource { try Self.parse(resource) }

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
