import SaltireCore

extension Definition {
  /// How a SCPI instrument formats numbers and errors.
  public struct Style: Sendable {
    /// Digits after the decimal point.
    public var decimals: Int
    /// Numbers are as short as that many digits allow: 1000, 0.5, 2.4e-07.
    public var isShort: Bool
    /// Positive numbers have a sign.
    public var signs: Bool
    /// Flags are reported as ON and OFF instead of 1 and 0.
    public var tellsFlagsInWords: Bool
    /// Infinity, if it is not formatted like other numbers.
    public var infinity: String?
    /// The reply of an empty error queue.
    public var noError: String
    /// Text after every error message.
    public var errorSuffix: String
    /// Error messages that differ from the standard, by number.
    public var errors: [Int: String] = [:]
    /// A number beyond its bounds is set to the bound and reported as an error, instead of being
    /// rejected.
    public var clips: Bool
    /// The reply to a query for readings if there are none; nil for an error.
    public var noReading: String?
    /// The status bits of a reading, by meaning.
    public var readingStatus: [String: Int] = [:]

    init(_ reader: Reader) {
      decimals = reader.count("decimals", default: 6, in: 1...17).value
      isShort = reader.flag("short", default: false).value
      signs = reader.flag("signs", default: true).value
      tellsFlagsInWords = reader.flag("flags_in_words", default: false).value
      infinity = reader.has("infinity") ? reader.text("infinity").value : nil
      noError = reader.text("no_error", default: "0,\"No error\"").value
      errorSuffix = reader.text("error_suffix", default: "").value
      clips = reader.flag("clips", default: false).value
      noReading = reader.has("no_reading") ? reader.text("no_reading").value : nil
      let bits = reader.section("reading_status")
      for key in bits.keys { readingStatus[key] = bits.count(key, in: 0...31).value }
      let section = reader.section("errors")
      for key in section.keys {
        let text = section.text(key)
        if let code = Int(key) {
          errors[code] = text.value
        } else {
          reader.report(Diagnostic("'\(key)' is not an error number", at: text.location))
        }
      }
    }
  }
}
