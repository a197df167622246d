import Foundation

extension TSPInstrument {
  /// According to format.asciiprecision, six digits after a reset.
  func text(_ number: Double) -> String {
    if number.isNaN { return "nan" }
    let precision = channels[0].settings.count("format.asciiprecision", most: 16)
    return String(format: "%.\(max(precision, 1) - 1)e", number)
  }

  /// According to format.data: ASCII, or REAL32 and REAL64 after `#0`.
  func bytes(_ values: [Double]) -> [UInt8] {
    let isLittle = channels[0].settings.number("format.byteorder") == 1
    func block(_ element: (Double) -> [UInt8]) -> [UInt8] {
      Array("#0".utf8) + values.flatMap { isLittle ? element($0) : element($0).reversed() } + [10]
    }
    switch channels[0].settings.number("format.data") {
    case 2:
      return block { withUnsafeBytes(of: Float($0).bitPattern.littleEndian) { Array($0) } }
    case 3:
      return block { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
    default: return Array((values.map(text).joined(separator: ", ") + "\n").utf8)
    }
  }
}
