import CCrossbar

/// The arithmetic of arrays, compiled for one instruction set. All kernels give the same bits; they
/// differ in speed.
// Unchecked: a table of C functions without state.
public struct Kernel: @unchecked Sendable {
  let functions: crossbar_kernel

  /// The name for display.
  public let name: String

  private init?(number: Int32) {
    guard let table = crossbar_kernel_number(number) else { return nil }
    functions = table.pointee
    name = String(cString: functions.name)
  }

  /// The kernels that this machine supports, slowest first.
  public static let available = (0..<3).compactMap { Kernel(number: $0) }

  /// The fastest kernel of this machine.
  public static let fastest = available.last!

  /// Memory is padded to whole vectors of this many lanes.
  static let lanes = 16

  /// `count` rounded up to whole vectors.
  static func padded(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }
}
