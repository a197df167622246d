import Foundation

/// The path of this user's dose ledger.
enum LedgerPlace {
  static var url: URL { url(in: ProcessInfo.processInfo.environment) }

  /// `SALTIRE_LEDGER`, or `saltire/doses.sqlite` in the XDG data folder.
  static func url(in environment: [String: String]) -> URL {
    if let path = environment["SALTIRE_LEDGER"], !path.isEmpty { return URL(fileURLWithPath: path) }
    // The XDG specification says to ignore a relative path.
    let data =
      environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? "\(environment["HOME"] ?? NSHomeDirectory())/.local/share"
    return URL(fileURLWithPath: "\(data)/saltire/doses.sqlite")
  }
}
