import SaltireCore

/// The identity of a physical device: its die and its position on the die.
///
/// Identities ignore letter case. Two identities for one device would halve its dose; one identity
/// for two devices only makes their limits stricter.
public struct DeviceIdentity: Sendable, Hashable, Comparable, RawRepresentable, Codable {
  public let die: String
  public let position: String

  /// The form of an identity, for messages.
  public static let form =
    "a die and a position of letters, digits, '-', '_' and '.', such as W12-D3/B4"

  /// Nil if a part is empty or contains anything but ASCII letters, digits, '-', '_' and '.'.
  public init?(die: String, position: String) {
    func isName(_ text: String) -> Bool {
      !text.isEmpty && text.utf8.count <= 64
        && text.unicodeScalars.allSatisfy { character in
          character.isASCII && (character.properties.isAlphabetic || "0"..."9" ~= character)
            || "-_.".unicodeScalars.contains(character)
        }
    }
    guard isName(die), isName(position) else { return nil }
    self.die = die.uppercased()
    self.position = position.uppercased()
  }

  /// Reads "DIE/POSITION"; nil for anything else.
  public init?(rawValue: String) {
    let parts = rawValue.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    self.init(die: String(parts[0]), position: String(parts[1]))
  }

  /// "DIE/POSITION".
  public var rawValue: String { "\(die)/\(position)" }

  /// As part of a sentence.
  public var text: String { "die \(die), position \(position)" }

  /// In numerical order: B4 before B10.
  public static func < (first: DeviceIdentity, second: DeviceIdentity) -> Bool {
    for (own, other) in zip(first.parts, second.parts) where own != other {
      guard own.first?.isNumber == true, other.first?.isNumber == true else { return own < other }
      let (number, otherNumber) = (own.drop { $0 == "0" }, other.drop { $0 == "0" })
      if number == otherNumber { continue }
      return (number.count, number) < (otherNumber.count, otherNumber)
    }
    return first.parts.count == second.parts.count
      ? first.rawValue < second.rawValue : first.parts.count < second.parts.count
  }

  /// The identity, split where digits begin or end.
  private var parts: [Substring] {
    var parts: [Substring] = []
    var rest = Substring(rawValue)
    while let first = rest.first {
      let part = rest.prefix { $0.isNumber == first.isNumber }
      parts.append(part)
      rest.removeFirst(part.count)
    }
    return parts
  }

  /// The keys of a device's identity.
  enum Keys {
    static let die = Key.text(
      "die", form: form, absent: "none", when: "with `position`",
      "The die of the device that is believed to be there.")
    static let position = Key.text(
      "position", form: form, absent: "none", when: "with `die`", "Its position on the die.")
    private static let form = "letters, digits, `-`, `_`, `.`; at most 64"
  }

  /// Reads `die` and `position` of a device in a bench file; nil if both are absent.
  static func read(_ reader: Reader) -> Located<DeviceIdentity>? {
    let stands = (reader.has(Keys.die), reader.has(Keys.position))
    guard stands.0 || stands.1 else { return nil }
    let (die, position) = (reader[Keys.die], reader[Keys.position])
    guard stands.0, stands.1 else { return nil }
    guard let identity = DeviceIdentity(die: die.value, position: position.value) else {
      let isDie = DeviceIdentity(die: die.value, position: "1") == nil
      reader.report(
        Diagnostic(
          "'\((isDie ? die : position).value)' is not a valid \(isDie ? "die" : "position")",
          at: (isDie ? die : position).location, hints: ["a device identity is \(form)"]))
      return nil
    }
    return Located(identity, at: die.location)
  }
}

/// The identity of a device and its dose before this session.
public struct DeviceHistory: Sendable, Equatable {
  public var identity: DeviceIdentity
  public var dose: Dose

  public init(identity: DeviceIdentity, dose: Dose) {
    self.identity = identity
    self.dose = dose
  }
}
