extension Key where Value == String {
  /// A text; `form` says which.
  public static func text(
    _ name: String, form: String = "text", default fallback: String? = nil,
    absent: String? = nil, when condition: String? = nil, _ meaning: String
  ) -> Key {
    Key(
      name, .text(form), default: fallback, fallback, absent: absent, when: condition, meaning,
      placeholder: "", convert: scalar { .success($0) })
  }
}

extension Key where Value == Double {
  /// A quantity of `unit`, in base units, within `range`; `hint` says what is right where
  /// it is not.
  public static func quantity(
    _ name: String, _ unit: Unit, in range: ClosedRange<Double>? = nil,
    default fallback: Double? = nil, absent: String? = nil, when condition: String? = nil,
    _ meaning: String, hint: String? = nil
  ) -> Key {
    // The smallest value allowed breaks no limit that is checked later.
    let placeholder = range.map { min(max(0, $0.lowerBound), $0.upperBound) } ?? 0
    return Key(
      name, .quantity(unit, range), default: fallback,
      fallback.map { Quantity($0, unit).description }, absent: absent, when: condition, meaning,
      placeholder: placeholder
    ) { node, name, report in
      let value = scalar { numeric($0, unit) }(node, name, report)
      guard let value, let range, !range.contains(value) else { return value }
      let low = Quantity(range.lowerBound, unit).description
      let high = Quantity(range.upperBound, unit).description
      report(
        Diagnostic(
          range.upperBound >= .greatestFiniteMagnitude
            ? "\(name) is below \(low)" : "\(name) is outside \(low) … \(high)",
          at: node.location, hints: hint.map { [$0] } ?? []))
      return nil
    }
  }

  /// A plain number within `range`.
  public static func number(
    _ name: String, in range: ClosedRange<Double>? = nil, default fallback: Double? = nil,
    absent: String? = nil, when condition: String? = nil, _ meaning: String
  ) -> Key {
    quantity(
      name, .one, in: range, default: fallback, absent: absent, when: condition, meaning)
  }
}

extension Key where Value == Int {
  /// A whole number within `range`.
  public static func count(
    _ name: String, in range: ClosedRange<Int> = 0...Int.max, default fallback: Int? = nil,
    absent: String? = nil, when condition: String? = nil, _ meaning: String
  ) -> Key {
    Key(
      name, .count(range), default: fallback, fallback.map(String.init), absent: absent,
      when: condition, meaning, placeholder: range.lowerBound
    ) { node, name, report in
      scalar { text in
        guard let number = Int(text) else {
          return .failure(Fault("'\(text)' is not a whole number"))
        }
        guard range.contains(number) else {
          return .failure(
            Fault(
              range.upperBound == .max
                ? "\(name) is below \(range.lowerBound)"
                : "\(name) is outside \(range.lowerBound) … \(range.upperBound)"))
        }
        return .success(number)
      }(node, name, report)
    }
  }
}

extension Key where Value == Bool {
  /// `on` or `off` (or yes/no, true/false).
  public static func flag(
    _ name: String, default fallback: Bool? = nil, absent: String? = nil,
    when condition: String? = nil, _ meaning: String
  ) -> Key {
    Key(
      name, .words(["on", "off"]), default: fallback, fallback.map { $0 ? "on" : "off" },
      absent: absent, when: condition, meaning, placeholder: false,
      convert: scalar { text in
        switch text.lowercased() {
        case "on", "yes", "true": .success(true)
        case "off", "no", "false": .success(false)
        default: .failure(Fault("'\(text)' is neither 'on' nor 'off'"))
        }
      })
  }
}

extension Key where Value: RawRepresentable<String> & CaseIterable {
  /// One of the words of an enumeration.
  public static func choice(
    _ name: String, default fallback: Value? = nil, absent: String? = nil,
    when condition: String? = nil, _ meaning: String
  ) -> Key {
    Key(
      name, .words(Value.allCases.map(\.rawValue)), default: fallback, fallback?.rawValue,
      absent: absent, when: condition, meaning, placeholder: Value.allCases.first!,
      convert: scalar(word))
  }
}

// MARK: Several values

extension Key {
  /// A list of texts; one text alone is a list of one. `form` says which.
  public static func texts(
    _ name: String, form: String = "list of texts", absent: String? = nil,
    when condition: String? = nil, _ meaning: String
  ) -> Key where Value == [Located<String>] {
    list(name, form, absent: absent, when: condition, meaning) {
      .success(Located($0, at: $1))
    }
  }

  /// A list of plain numbers.
  public static func numbers(
    _ name: String, form: String = "list of numbers", absent: String? = nil,
    when condition: String? = nil, _ meaning: String
  ) -> Key where Value == [Double] {
    quantities(name, .one, form: form, absent: absent, when: condition, meaning)
  }

  /// A list of quantities.
  public static func quantities(
    _ name: String, _ unit: Unit, form: String, absent: String? = nil,
    when condition: String? = nil, _ meaning: String
  ) -> Key where Value == [Double] {
    list(name, form, absent: absent, when: condition, meaning) { text, _ in
      numeric(text, unit)
    }
  }

  /// A list of words of an enumeration.
  public static func choices<Word>(
    _ name: String, absent: String? = nil, when condition: String? = nil, _ meaning: String
  ) -> Key
  where Value == [Word], Word: RawRepresentable<String> & CaseIterable & Sendable {
    let words = Word.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    return list(name, "list of \(words)", absent: absent, when: condition, meaning) { text, _ in
      word(text)
    }
  }

  /// A list that is empty where it may be missing.
  private static func list<Item>(
    _ name: String, _ form: String, absent: String?, when condition: String?, _ meaning: String,
    _ convert: @escaping @Sendable (String, SourceLocation?) -> Result<Item, Fault>
  ) -> Key where Value == [Item] {
    Key(
      name, .text(form), default: absent.map { _ in [] }, nil, absent: absent, when: condition,
      meaning, placeholder: []
    ) { node, _, report in
      let items: [Tree] = if case .list(let list) = node.content { list } else { [node] }
      return items.compactMap { item in
        guard let text = item.scalar, !text.isEmpty else {
          report(Diagnostic("expected a text, found \(item.kind)", at: item.location))
          return nil
        }
        switch convert(text, item.location) {
        case .success(let value): return value
        case .failure(let fault):
          report(Diagnostic(fault.message, at: item.location, hints: fault.hints))
          return nil
        }
      }
    }
  }
}

// MARK: Inside

/// What is wrong with a value, before its place is known.
private struct Fault: Error {
  var message: String
  var hints: [String] = []
  init(_ message: String, hints: [String] = []) {
    self.message = message
    self.hints = hints
  }
}

/// Reads a single value as `convert` makes it of its text.
private func scalar<Value: Sendable>(
  _ convert: @escaping @Sendable (String) -> Result<Value, Fault>
) -> @Sendable (Tree, String, (Diagnostic) -> Void) -> Value? {
  { node, name, report in
    guard let text = node.scalar, !text.isEmpty else {
      report(Diagnostic("\(name): expected a value, found \(node.kind)", at: node.location))
      return nil
    }
    switch convert(text) {
    case .success(let value): return value
    case .failure(let fault):
      report(Diagnostic(fault.message, at: node.location, hints: fault.hints))
      return nil
    }
  }
}

private func numeric(_ text: String, _ unit: Unit) -> Result<Double, Fault> {
  do throws(QuantityError) {
    return .success(try Quantity(parsing: text, as: unit).value)
  } catch {
    return .failure(Fault(error.message))
  }
}

/// One of the words of an enumeration.
private func word<Word>(_ text: String) -> Result<Word, Fault>
where Word: RawRepresentable<String> & CaseIterable {
  if let word = Word(rawValue: text) { return .success(word) }
  let words = Word.allCases.map(\.rawValue)
  let hint = suggestion(for: text, among: words).map { "did you mean '\($0)'?" }
  return .failure(
    Fault(
      "'\(text)' is not one of \(words.joined(separator: ", "))", hints: hint.map { [$0] } ?? []))
}
