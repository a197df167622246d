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

    enum Keys {
      static let all: [any DeclaredKey] = [
        decimals, isShort, signs, tellsFlagsInWords, infinity, noError, errorSuffix, errors, clips,
        noReading, readingStatus,
      ]
      static let decimals = Key.count(
        "decimals", in: 1...17, default: 6, "Digits behind the point of a number.")
      static let isShort = Key.flag(
        "short", default: false, "Numbers are as short as the digits allow.")
      static let signs = Key.flag("signs", default: true, "Positive numbers have their sign.")
      static let tellsFlagsInWords = Key.flag(
        "flags_in_words", default: false, "ON and OFF are told as such.")
      static let infinity = Key.text("infinity", absent: "as other numbers", "Infinity.")
      static let noError = Key.text(
        "no_error", default: "0,\"No error\"", "What the empty error queue answers.")
      static let errorSuffix = Key.text(
        "error_suffix", absent: "none", "What stands behind the text of every error.")
      static let errors = SectionKey(
        "errors", absent: "the standard's", "Errors in other words, by number.", [error])
      static let error = Key.text("NUMBER", absent: "", "The words of the error.")
      static let clips = Key.flag(
        "clips", default: false,
        "A number beyond its bounds is brought to the bound and reported.")
      static let noReading = Key.text(
        "no_reading", absent: "an error", "What is answered where there is no reading.")
      static let readingStatus = SectionKey(
        "reading_status", absent: "none", "The bits of a reading's status word.", [bit])
      static let bit = Key.count("NAME", in: 0...31, absent: "", "The bit that says so.")
    }

    init(_ reader: Reader) {
      decimals = reader[Keys.decimals].value
      isShort = reader[Keys.isShort].value
      signs = reader[Keys.signs].value
      tellsFlagsInWords = reader[Keys.tellsFlagsInWords].value
      infinity = reader.optional(Keys.infinity)?.value
      noError = reader[Keys.noError].value
      errorSuffix = reader.optional(Keys.errorSuffix)?.value ?? ""
      clips = reader[Keys.clips].value
      noReading = reader.optional(Keys.noReading)?.value
      let bits = reader.section(Keys.readingStatus)
      for key in bits.keys { readingStatus[key] = bits[Keys.bit.named(key)].value }
      let section = reader.section(Keys.errors)
      for key in section.keys {
        let text = section[Keys.error.named(key)]
        if let code = Int(key) {
          errors[code] = text.value
        } else {
          reader.report(Diagnostic("'\(key)' is not an error number", at: text.location))
        }
      }
    }
  }
}
