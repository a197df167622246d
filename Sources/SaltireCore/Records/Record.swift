/// Encodes values as the bytes of a record.
public struct RecordWriter {
  public private(set) var bytes: [UInt8] = []

  public init() { bytes.reserveCapacity(256) }

  /// One byte.
  public mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// A count ≥ 0, as LEB128.
  public mutating func count(_ value: Int) {
    var rest = UInt64(value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A 64-bit word, little-endian.
  public mutating func word(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The 8 bytes of an IEEE 754 double.
  public mutating func number(_ value: Double) { word(value.bitPattern) }

  /// A count, followed by as many numbers.
  public mutating func numbers(_ values: [Double]) {
    count(values.count)
    for value in values { number(value) }
  }

  /// Bytes, unchanged.
  public mutating func bytes(_ values: [UInt8]) { bytes.append(contentsOf: values) }

  /// UTF-8 with a length prefix.
  public mutating func text(_ value: String) {
    count(value.utf8.count)
    bytes.append(contentsOf: value.utf8)
  }
}

/// The bytes of a record are invalid.
public struct RecordError: Error, Equatable, Sendable {
  /// What was expected.
  public let expected: String

  public init(expected: String) { self.expected = expected }
}

/// Decodes the bytes of a record; every length is checked against the remaining bytes first.
public struct RecordReader {
  private let bytes: [UInt8]
  private var position = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public mutating func byte() throws(RecordError) -> UInt8 {
    guard let byte = bytes.element(at: position) else {
      throw RecordError(expected: "another byte")
    }
    position += 1
    return byte
  }

  public mutating func count() throws(RecordError) -> Int {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 56, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0, value < 1 << 48 { return Int(value) }
    }
    throw RecordError(expected: "a count below 2^48")
  }

  public mutating func word() throws(RecordError) -> UInt64 {
    guard let word = bytes.elements(at: position, count: 8) else {
      throw RecordError(expected: "8 bytes")
    }
    position += 8
    return word.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  public mutating func number() throws(RecordError) -> Double { Double(bitPattern: try word()) }

  public mutating func numbers() throws(RecordError) -> [Double] {
    let count = try count()
    guard count <= (bytes.count - position) / 8 else {
      throw RecordError(expected: "\(count) numbers")
    }
    var values: [Double] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try number()) }
    return values
  }

  /// Whether nothing is left.
  public var isAtEnd: Bool { position == bytes.count }

  public mutating func bytes(_ count: Int) throws(RecordError) -> [UInt8] {
    guard let part = bytes.elements(at: position, count: count) else {
      throw RecordError(expected: "\(count) bytes")
    }
    position += count
    return Array(part)
  }

  public mutating func text() throws(RecordError) -> String {
    let count = try count()
    guard let part = bytes.elements(at: position, count: count) else {
      throw RecordError(expected: "a name of \(count) bytes")
    }
    position += count
    return String(decoding: part, as: UTF8.self)
  }

  public func finish() throws(RecordError) {
    guard position == bytes.count else { throw RecordError(expected: "the end of the data") }
  }
}
