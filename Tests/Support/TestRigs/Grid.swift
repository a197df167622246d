import Foundation

/// How much of a statistical or exhaustive grid is tested: a seeded slice, and all of
/// it where `SALTIRE_EVERY` is 1 (`make coverage`, `make faults-exhaustive`).
package enum Grid {
  package static let isWhole = ProcessInfo.processInfo.environment["SALTIRE_EVERY"] == "1"

  package static func of<Element>(_ all: [Element], slice: [Element]) -> [Element] {
    isWhole ? all : slice
  }
}
