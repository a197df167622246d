/// Why a measured pulse response cannot be used.
public struct MeasuredCurveError: Error, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  public var file: String
  /// The line of the fault, from 1; nil if it concerns the data as a whole.
  public var line: Int?
  /// What is wrong, and what was expected.
  public var message: String

  public var description: String {
    line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
  }
}
