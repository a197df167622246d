import SaltireCore

extension Definition {
  /// How a SCPI instrument writes numbers and words errors.
  public struct Style: Sendable {
    /// Digits behind the point of a number.
    public var decimals: Int
    /// Numbers are as short as that many digits allow: 1000, 0.5, 2.4e-07.
    public var isShort: Bool
    /// Positive numbers have their sign.
    public var signs: Bool
    /// ON and OFF are told as such, not as 1 and 0.
    public var tellsFlagsInWords: Bool
    /// Infinity, where that is not written like other numbers.
    public var infinity: String?
    /// What the error queue answers when it is empty.
    public var noError: String
    /// What stands behind the text of every error.
    public var errorSuffix: String
    /// Errors in other words than the standard's, by number.
    public var errors: [Int: String] = [:]
    /// A number beyond its bounds is brought to the bound and reported,
    /// instead of refused.
    public var clips: Bool
    /// What is answered for readings where there are none; an error without it.
    public var noReading: String?
    /// The bits of a reading's status, by what they say.
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
          reader.report(Diagnostic("'\(key)' is no number of an error", at: text.location))
        }
      }
    }
  }
}
