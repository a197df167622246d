import SaltireBenches
import SaltireCore
import SaltireLinks
import SaltireRig

extension BenchFile {
  /// This bench file with its simulated instruments replaced by the addresses of a lab server.
  ///
  /// - Parameters:
  ///   - addresses: the addresses, by instrument.
  ///   - clock: the clock of the lab; nil if lab time is wall-clock time.
  func served(at addresses: [String: Resource], clock: Resource?) throws -> String {
    var texts: [(path: [String], text: String)] = []
    for entry in station?.instruments ?? [] {
      guard case .simulated(let family) = entry.resource, let address = addresses[entry.name]
      else { continue }
      let place = ["instruments", entry.name]
      texts += [(place + ["resource"], "\(address)"), (place + ["family"], family)]
    }
    if let clock { texts.append((["clock"], "\(clock)")) }
    return try document.text(setting: texts)
  }
}
