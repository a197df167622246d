import Foundation

/// Where the doses of this user's devices are kept.
enum LedgerPlace {
  static var url: URL { url(in: ProcessInfo.processInfo.environment) }

  /// `SALTIRE_LEDGER`, else `saltire/doses.sqlite` in the XDG base directory for data.
  static func url(in environment: [String: String]) -> URL {
    if let path = environment["SALTIRE_LEDGER"], !path.isEmpty { return URL(fileURLWithPath: path) }
    // A relative one is to be taken for none, says the specification.
    let data =
      environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? "\(environment["HOME"] ?? NSHomeDirectory())/.local/share"
    return URL(fileURLWithPath: "\(data)/saltire/doses.sqlite")
  }
}
