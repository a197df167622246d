extension Reader {
  /// The text at `key`, which must stand there unless there is a `default`.
  public func text(_ key: String, default fallback: String? = nil) -> Located<String> {
    value(key, default: fallback, placeholder: "") { .success($0) }
  }

  /// A quantity of `unit`, in base units, within `range`; `hint` says what is
  /// right where it is not.
  public func quantity(
    _ key: String, _ unit: Unit, default fallback: Double? = nil,
    in range: ClosedRange<Double>? = nil, hint: String? = nil
  ) -> Located<Double> {
    // The smallest value allowed breaks no limit that is checked later.
    let placeholder = range.map { min(max(0, $0.lowerBound), $0.upperBound) } ?? 0
    return value(key, default: fallback, placeholder: placeholder) { text in
      Result { () throws(QuantityError) in try Quantity(parsing: text, as: unit).value }
        .mapError { Fault($0.message) }
        .flatMap { number in
          guard let range, !range.contains(number) else { return .success(number) }
          let low = Quantity(range.lowerBound, unit).description
          let high = Quantity(range.upperBound, unit).description
          return .failure(
            Fault(
              range.upperBound == .infinity || range.upperBound >= .greatestFiniteMagnitude
                ? "\(key) is below \(low)" : "\(key) is outside \(low) … \(high)",
              hints: hint.map { [$0] } ?? []))
        }
    }
  }

  /// A plain number within `range`.
  public func number(
    _ key: String, default fallback: Double? = nil, in range: ClosedRange<Double>? = nil
  ) -> Located<Double> {
    quantity(key, .one, default: fallback, in: range)
  }

  /// A whole number within `range`.
  public func count(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 0...Int.max
  ) -> Located<Int> {
    value(key, default: fallback, placeholder: range.lowerBound) { text in
      guard let number = Int(text) else {
        return .failure(Fault("'\(text)' is not a whole number"))
      }
      guard range.contains(number) else {
        return .failure(
          Fault(
            range.upperBound == .max
              ? "\(key) is below \(range.lowerBound)"
              : "\(key) is outside \(range.lowerBound) … \(range.upperBound)"))
      }
      return .success(number)
    }
  }

  /// `on` or `off` (or yes/no, true/false).
  public func flag(_ key: String, default fallback: Bool? = nil) -> Located<Bool> {
    value(key, default: fallback, placeholder: false) { text in
      switch text.lowercased() {
      case "on", "yes", "true": .success(true)
      case "off", "no", "false": .success(false)
      default: .failure(Fault("'\(text)' is neither 'on' nor 'off'"))
      }
    }
  }

  /// One of the words of an enumeration.
  public func choice<Choice>(
    _ key: String, default fallback: Choice? = nil, as type: Choice.Type = Choice.self
  ) -> Located<Choice>
  where Choice: RawRepresentable<String> & CaseIterable & Sendable {
    value(key, default: fallback, placeholder: Choice.allCases.first!, Self.choice)
  }

  /// A list of words of an enumeration; none where nothing stands there.
  public func choices<Choice>(_ key: String, as type: Choice.Type = Choice.self) -> [Choice]
  where Choice: RawRepresentable<String> & CaseIterable & Sendable {
    texts(key, default: []).value.compactMap { text in
      switch Self.choice(text.value) as Result<Choice, Fault> {
      case .success(let choice): return choice
      case .failure(let fault):
        report(Diagnostic(fault.message, at: text.location, hints: fault.hints))
        return nil
      }
    }
  }

  private static func choice<Choice>(_ text: String) -> Result<Choice, Fault>
  where Choice: RawRepresentable<String> & CaseIterable {
    if let choice = Choice(rawValue: text) { return .success(choice) }
    let words = Choice.allCases.map(\.rawValue)
    let hint = suggestion(for: text, among: words).map { "did you mean '\($0)'?" }
    return .failure(
      Fault(
        "'\(text)' is not one of \(words.joined(separator: ", "))", hints: hint.map { [$0] } ?? []))
  }

  /// A list of texts; one text alone is a list of one.
  public func texts(_ key: String, default fallback: [String]? = nil) -> Located<[Located<String>]>
  {
    guard let found = found(key, wanted: fallback == nil) else {
      return Located((fallback ?? []).map { Located($0) }, at: tree.location)
    }
    let items: [Tree]
    if case .list(let list) = found.content { items = list } else { items = [found] }
    return Located(
      items.compactMap { item in
        guard let text = item.scalar, !text.isEmpty else {
          report(Diagnostic("expected a text, found \(item.kind)", at: item.location))
          return nil
        }
        return Located(text, at: item.location)
      }, at: found.location)
  }

  /// A list of plain numbers.
  public func numbers(_ key: String, default fallback: [Double]? = nil) -> Located<[Double]> {
    let list = texts(key, default: fallback?.map { "\($0)" })
    return Located(
      list.value.map { item in
        do throws(QuantityError) {
          return try Quantity(parsing: item.value, as: .one).value
        } catch {
          report(Diagnostic(error.message, at: item.location))
          return 0
        }
      }, at: list.location)
  }
}
