extension StringProtocol {
  /// The text as one word of a POSIX shell: in single quotes if the shell would interpret one of
  /// its characters. Letters of all scripts are plain.
  public var quotedForShell: String {
    if !isEmpty, unicodeScalars.allSatisfy(\.isPlainInShell) { return String(self) }
    // Between single quotes only a single quote is special. By scalars, because a combining mark
    // makes one character with the quote before it.
    var word = "'"
    for scalar in unicodeScalars {
      if scalar == "'" { word += "'\\''" } else { word.unicodeScalars.append(scalar) }
    }
    return word + "'"
  }
}

extension Unicode.Scalar {
  fileprivate var isPlainInShell: Bool {
    switch self {
    case "a"..."z", "A"..."Z", "0"..."9", "%", "+", ",", "-", ".", "/", ":", "=", "@", "_": true
    default: !isASCII && !properties.isWhitespace
    }
  }
}
