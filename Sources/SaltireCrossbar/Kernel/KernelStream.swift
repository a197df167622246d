import CCrossbar
import SaltireCore

/// The counter-based stream of one array: Philox4x32-10, with the first number of the
/// ``RandomStream`` of a seed and a name as its key.
///
/// The counter encodes the purpose, the event (epoch), the group of lines and an index, so the
/// numbers do not depend on the order of draws.
struct KernelStream: Sendable {
  let key: (UInt32, UInt32)
  /// Counts the events that draw numbers: updates, products.
  var epoch: UInt64 = 0

  init(seed: UInt64, name: String) {
    var stream = RandomStream(seed: seed, name: name)
    let word = stream.next()
    key = (UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32))
  }

  /// In the form that kernels take, at `epoch`.
  func at(_ epoch: UInt64) -> crossbar_stream { crossbar_stream(key: key, epoch: epoch) }

  var current: crossbar_stream { at(epoch) }
}
