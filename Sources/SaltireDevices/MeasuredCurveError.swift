/// Why a measured pulse response cannot be used.
public struct MeasuredCurveError: Error, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  public var file: String
  /// Line the trouble is in, from 1; nil when it is in the data as a whole.
  public var line: Int?
  /// What is wrong, and what would be right.
  public var message: String

  public var description: String {
    line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
  }
}
