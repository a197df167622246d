/// The digital buffer between a fast and a core array: read values accumulate until they amount to
/// whole pulses (Tiki-Taka version 2 and its successors; aihwkit rpu_buffered_transfer_device.cpp,
/// rpu_chopped_transfer_device.cpp).
public struct TransferBuffer: Sendable, Equatable {
  /// Whether a buffer that emitted pulses is scaled by `momentum`, or reduced by the pulses except
  /// for that fraction.
  public var forgets: Bool
  public var momentum: Float
  /// Maximum number of pulses at once.
  public var largest: Int

  public init(forgets: Bool = true, momentum: Float = 0.1, largest: Int = 1) {
    self.forgets = forgets
    self.momentum = momentum
    self.largest = largest
  }

  /// Adds `increment`, in pulses, to the buffer `held` and removes whole pulses.
  public func pulses(_ held: inout Float, adding increment: Float) -> Int {
    held += increment
    let limit = Float(largest)
    let whole = min(max(held.rounded(.towardZero), -limit), limit)
    guard whole != 0 else { return 0 }
    if forgets { held *= momentum } else { held -= (1 - momentum) * whole }
    return Int(whole)
  }
}
