public import SaltireCore

extension DeviceModel {
  /// Keys that say which device it is.
  package enum Keys {
    package static let preset = Key.text(
      "preset", form: presetNames.map { "`\($0)`" }.joined(separator: ", "), absent: other,
      "A published device.")
    package static let curve = Key.text(
      "curve", form: "CSV file", absent: other,
      "A measured pulse response: conductance after each up pulse, after each down pulse.")
    package static let segments = Key.count(
      "segments", in: 2...1000, default: 10, when: "with `curve`",
      "Segments of the fitted step curves.")
    static let states = Key.number(
      "states", in: 2...1e9, absent: "of the preset", when: "with `preset` or `family`",
      "Window over mean step; required with `family`.")
    static let other = "one of `preset`, `curve`, `family`"
  }

  /// The keys of a section that describes devices.
  package static let keys: [any DeclaredKey] =
    [Keys.preset, Keys.curve, Keys.segments] + familyKeys + variationKeys

  /// Reads the family of a `devices` section: a preset, the fit to a measured curve, or a law.
  ///
  /// - Parameters:
  ///   - reader: the section; faults are reported to it.
  ///   - file: returns the text of a file that the section refers to; nil if it cannot be read.
  public static func family(
    _ reader: Reader, file: (Located<String>) -> String?
  ) -> DeviceModel {
    guard reader.has(familyKey) else {
      return reader.has(Keys.curve) ? measured(reader, file) : named(reader)
    }
    for other in [Keys.preset, Keys.curve] where reader.has(other) {
      reader.report(
        Diagnostic(
          "family and \(other.name) exclude each other", at: reader.location(of: other)))
      _ = reader.has(Keys.segments)
    }
    return byLaw(reader)
  }

  private static func named(_ reader: Reader) -> DeviceModel {
    guard reader.has(Keys.preset) else {
      reader.report(
        Diagnostic(
          "the devices have no preset, measured curve or family",
          at: reader.location,
          hints: [
            "name a preset (\(presetNames.joined(separator: ", "))) or a family"
              + " (\(familyNames.joined(separator: ", "))), or give a pulse response:"
              + " --set devices.curve=FILE.csv"
          ]))
      // Any one of the keys is valid.
      for key in familyKeys + [Keys.segments] { _ = reader.has(key) }
      return DeviceModel(law: .constantStep, step: 1)
    }
    let name = reader[Keys.preset]
    guard var model = DeviceModel.preset(name.value) else {
      let known = DeviceModel.presetNames
      if !name.value.isEmpty {
        reader.report(
          Diagnostic(
            "unknown preset '\(name.value)'", at: name.location,
            hints: [
              suggestion(for: name.value, among: known).map { "did you mean '\($0)'?" }
                ?? "presets: \(known.joined(separator: ", "))"
            ]))
      }
      _ = reader.has(Keys.states)
      return DeviceModel(law: .constantStep, step: 1)
    }
    if let states = reader.optional(Keys.states)?.value {
      model.step = (model.weightMax - model.weightMin) / states
    }
    return model
  }

  private static func measured(
    _ reader: Reader, _ file: (Located<String>) -> String?
  ) -> DeviceModel {
    if reader.has(Keys.preset) {
      reader.report(
        Diagnostic(
          "a preset and a curve exclude each other", at: reader.location(of: Keys.preset)))
      _ = reader.has(Keys.states)
    }
    let path = reader[Keys.curve]
    let segments = reader[Keys.segments]
    guard let text = file(path) else {
      reader.report(
        Diagnostic(
          "cannot read the curve '\(path.value)'", at: path.location,
          hints: [
            "expected a CSV file with two columns: conductance after each up pulse and after"
              + " each down pulse"
          ]))
      return DeviceModel(law: .constantStep, step: 1)
    }
    do throws(MeasuredCurveError) {
      return try MeasuredCurve(csv: text, file: path.value).piecewiseStep(segments: segments.value)
    } catch {
      reader.report(Diagnostic("\(error)", at: path.location))
      return DeviceModel(law: .constantStep, step: 1)
    }
  }
}
