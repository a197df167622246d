import CCrossbar
import SaltireCore

/// The counter-based stream of one array: Philox4x32-10 whose key is the
/// first number of the ``RandomStream`` of a seed and a name.
///
/// A counter names what is drawn (purpose), in which event (epoch), for which
/// group of lines and how manieth, so that nothing depends on who draws first.
struct KernelStream: Sendable {
  let key: (UInt32, UInt32)
  /// Counts the events that drew: updates, products.
  var epoch: UInt64 = 0

  init(seed: UInt64, name: String) {
    var stream = RandomStream(seed: seed, name: name)
    let word = stream.next()
    key = (UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32))
  }

  /// As kernels take it, at `epoch`.
  func at(_ epoch: UInt64) -> crossbar_stream { crossbar_stream(key: key, epoch: epoch) }

  var current: crossbar_stream { at(epoch) }
}
