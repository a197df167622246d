package import SaltireCore

extension DeviceModel {
  /// Keys that say which device it is.
  package enum Keys {
    package static let preset = Key.text(
      "preset", form: presetNames.map { "`\($0)`" }.joined(separator: ", "), absent: other,
      "A published device.")
    package static let curve = Key.text(
      "curve", form: "CSV file", absent: other,
      "A measured pulse response: reads after each up pulse and after each down pulse.")
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
    [Keys.preset, Keys.curve, CurveFormat.Keys.format, Keys.segments] + familyKeys + variationKeys

  /// Reads the family of a `devices` section: a preset, the fit to a measured curve, or a law.
  ///
  /// - Parameters:
  ///   - reader: the section; faults are reported to it.
  ///   - curves: the files of measured curves that the section refers to.
  package static func family(_ reader: Reader, curves: some CurveShelf) -> DeviceModel {
    guard reader.has(familyKey) else {
      return reader.has(Keys.curve) ? measured(reader, curves) : named(reader)
    }
    for other in [Keys.preset, Keys.curve] where reader.has(other) {
      reader.report(
        Diagnostic(
          "family and \(other.name) exclude each other", at: reader.location(of: other)))
      for key in curveKeys { _ = reader.has(key) }
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
      for key in familyKeys + curveKeys { _ = reader.has(key) }
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

  /// The keys that belong to a curve.
  package static let curveKeys: [any DeclaredKey] = [Keys.segments, CurveFormat.Keys.format]

  private static func measured(_ reader: Reader, _ curves: some CurveShelf) -> DeviceModel {
    if reader.has(Keys.preset) {
      reader.report(
        Diagnostic(
          "a preset and a curve exclude each other", at: reader.location(of: Keys.preset)))
      _ = reader.has(Keys.states)
    }
    let path = reader[Keys.curve]
    let segments = reader[Keys.segments]
    let format = reader.optional(CurveFormat.Keys.format).map { CurveFormat($0) } ?? CurveFormat()
    do throws(MeasuredCurveError) {
      return try curves.curve(path, format).piecewiseStep(segments: segments.value)
    } catch {
      reader.report(
        Diagnostic(error.description, at: path.location, hints: error.remedies.map(\.entry)))
      return DeviceModel(law: .constantStep, step: 1)
    }
  }
}
