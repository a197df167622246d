public import SaltireCore

extension DeviceModel {
  /// Reads the family of a `devices` section: a preset, the fit to a measured curve, or a law.
  ///
  /// - Parameters:
  ///   - reader: the section; faults are reported to it.
  ///   - file: returns the text of a file that the section refers to; nil if it cannot be read.
  public static func family(
    _ reader: Reader, file: (Located<String>) -> String?
  ) -> DeviceModel {
    guard reader.has("family") else {
      return reader.has("curve") ? measured(reader, file) : named(reader)
    }
    for other in ["preset", "curve"] where reader.has(other) {
      reader.report(
        Diagnostic(
          "family and \(other) exclude each other", at: reader.text(other).location))
      _ = reader.has("segments")
    }
    return byLaw(reader)
  }

  private static func named(_ reader: Reader) -> DeviceModel {
    guard reader.has("preset") else {
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
      for key in familyKeys + ["segments"] { _ = reader.has(key) }
      return DeviceModel(law: .constantStep, step: 1)
    }
    let name = reader.text("preset")
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
      _ = reader.has("states")
      return DeviceModel(law: .constantStep, step: 1)
    }
    if reader.has("states") {
      let states = reader.number("states", in: 2...1e9).value
      model.step = (model.weightMax - model.weightMin) / states
    }
    return model
  }

  private static func measured(
    _ reader: Reader, _ file: (Located<String>) -> String?
  ) -> DeviceModel {
    if reader.has("preset") {
      reader.report(
        Diagnostic("a preset and a curve exclude each other", at: reader.text("preset").location))
      _ = reader.has("states")
    }
    let path = reader.text("curve")
    let segments = reader.count("segments", default: 10, in: 2...1000)
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
