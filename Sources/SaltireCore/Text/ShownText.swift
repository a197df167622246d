extension StringProtocol {
  /// The text in a form that is safe to display in a terminal, a figure or a page: characters that
  /// control a terminal or change the writing direction are escaped as in `\u001B`, which JSON
  /// decodes to the same text. Line feeds and tabs stay.
  public var shown: String {
    guard unicodeScalars.contains(where: \.isSteering) else { return String(self) }
    return escaped { $0.isSteering }
  }

  /// The text on one line: line feeds and tabs are escaped too.
  public var shownOnOneLine: String {
    escaped {
      $0.isSteering || $0 == "\n" || $0 == "\t" || $0.value == 0x2028 || $0.value == 0x2029
    }
  }

  private func escaped(_ isEscaped: (Unicode.Scalar) -> Bool) -> String {
    var result = ""
    for scalar in unicodeScalars {
      guard isEscaped(scalar) else {
        result.unicodeScalars.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      result += "\\u" + String(repeating: "0", count: Swift.max(4 - digits.count, 0)) + digits
    }
    return result
  }
}

extension Unicode.Scalar {
  /// Whether it is a control character, or one that changes the writing direction (UAX #9).
  var isSteering: Bool {
    switch value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
