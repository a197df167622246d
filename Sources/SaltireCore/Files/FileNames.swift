import Foundation

/// Names of files for the names of things: two of these never share one file.
public struct FileNames {
  /// What is taken, as a file system sees it that tells no capitals apart.
  private var taken: Set<String>

  /// As long as every file system takes, with an extension and a number.
  private static let longest = 200

  /// - Parameter reserved: names of files that have other names already.
  public init(reserved: [String] = []) { taken = Set(reserved.map { $0.lowercased() }) }

  /// A name for `name`, without an extension: whatever could leave the folder or puzzle a
  /// shell becomes a dash, and what is taken has a number behind it.
  public mutating func name(for name: String) -> String {
    let kept = name.unicodeScalars.map { scalar -> Character in
      let isKept =
        scalar.isASCII
        && (Character(scalar).isLetter || Character(scalar).isNumber
          || "-_.".unicodeScalars.contains(scalar))
      return isKept ? Character(scalar) : "-"
    }
    let safe = String(kept.drop { $0 == "." }.prefix(Self.longest))
    let base = safe.isEmpty ? "unnamed" : safe
    var candidate = base
    var number = 2
    while !taken.insert(candidate.lowercased()).inserted {
      candidate = "\(base)-\(number)"
      number += 1
    }
    return candidate
  }
}
