import Foundation

/// JSON as sessions store it: keys are sorted, and doubles have the shortest form that reads back
/// to the same bits, so equal values have equal texts.
public enum JSONText {
  /// The text of `value`. Values contain only finite numbers and text, so encoding cannot fail; the
  /// text reports a number that is not finite.
  public static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { preconditionFailure("not encodable") }
    return String(decoding: data, as: UTF8.self)
  }

  /// Decodes text written by ``encode(_:)``.
  public static func decode<Value: Decodable>(_ type: Value.Type, from text: String) -> Value? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(Value.self, from: Data(text.utf8))
  }
}
