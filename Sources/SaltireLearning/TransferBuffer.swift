/// The digital buffer between a fast and a core array: what was read gathers
/// until it is worth whole pulses (Tiki-Taka version 2 and its successors;
/// aihwkit rpu_buffered_transfer_device.cpp, rpu_chopped_transfer_device.cpp).
public struct TransferBuffer: Sendable, Equatable {
  /// Whether a buffer that gave pulses is scaled down to `momentum` of itself
  /// or loses the pulses but for that part.
  public var forgets: Bool
  public var momentum: Float
  /// The most pulses at once.
  public var largest: Int

  public init(forgets: Bool = true, momentum: Float = 0.1, largest: Int = 1) {
    self.forgets = forgets
    self.momentum = momentum
    self.largest = largest
  }

  /// Adds `increment`, in pulses, to the buffer `held` and takes whole pulses
  /// out of it.
  public func pulses(_ held: inout Float, adding increment: Float) -> Int {
    held += increment
    let limit = Float(largest)
    let whole = min(max(held.rounded(.towardZero), -limit), limit)
    guard whole != 0 else { return 0 }
    if forgets { held *= momentum } else { held -= (1 - momentum) * whole }
    return Int(whole)
  }
}
