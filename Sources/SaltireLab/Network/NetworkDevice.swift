internal import SaltireAnalysis
internal import SaltireCore
internal import SaltireDevices
internal import SaltireSimulation

/// The devices of a network's arrays: a preset, a measured curve, a device of a
/// session, or a family by its asymmetry.
enum NetworkDevice {
  private enum Family: String, CaseIterable, Sendable {
    /// Steps that fall linearly: q± = 1 ∓ κ′ w/range.
    case linear
    /// Steps at nodes that are spread over the range.
    case piecewise
  }

  private static let sources = ["family", "preset", "curve", "session"]
  /// What describes a device of one of them.
  private static let keys = [
    "range", "states", "asymmetry", "asymmetry_spread", "up", "down", "segments", "name",
  ]

  /// Reads a `device` section.
  static func read(_ reader: Reader, _ files: NetworkFiles) -> DeviceModel {
    let given = sources.filter(reader.has)
    guard given.count == 1 else {
      reader.report(
        given.isEmpty
          ? Diagnostic(
            "nothing says what the devices are", at: reader.location,
            hints: ["give one of \(sources.joined(separator: ", "))"])
          : Diagnostic(
            "\(given.joined(separator: " and ")) exclude each other", at: reader.location,
            hints: ["take one out of the file: --set replaces and adds, and takes nothing out"]))
      // Right with one or another.
      for key in keys { _ = reader.has(key) }
      var model = DeviceModel(law: .constantStep, step: 1)
      spread(&model, reader)
      return model
    }
    var model: DeviceModel
    switch given[0] {
    case "family": model = family(reader)
    case "session": model = measured(reader, files)
    default: model = DeviceModel.family(reader) { files.text($0) }
    }
    spread(&model, reader)
    return model
  }

  private static func family(_ reader: Reader) -> DeviceModel {
    let range = reader.number("range", default: 1, in: 1e-3...1e3).value
    let step = 2 * range / reader.number("states", in: 2...1e9).value
    switch reader.choice("family", as: Family.self).value {
    case .linear:
      let asymmetry = reader.number("asymmetry", in: 0...1).value
      let spread = asymmetry * reader.number("asymmetry_spread", default: 0, in: 0...1).value
      // The symmetric member is one of constant steps, not of spread slopes.
      let law: DeviceModel.Law =
        asymmetry == 0
        ? .constantStep
        : .linearStep(
          gammaUp: asymmetry, gammaDown: asymmetry, gammaUpSpread: spread,
          gammaDownSpread: spread)
      return DeviceModel(law: law, step: step, weightMin: -range, weightMax: range)
    case .piecewise:
      let up = reader.numbers("up")
      let down = reader.numbers("down")
      if up.value.count != down.value.count || up.value.isEmpty {
        reader.conclude(
          Diagnostic(
            "\(up.value.count) nodes up and \(down.value.count) down", at: down.location,
            hints: ["give as many for both, from the lower end of the range to the upper"]))
        return DeviceModel(law: .constantStep, step: step)
      }
      return DeviceModel(
        law: .piecewiseStep(up: up.value, down: down.value), step: step, weightMin: -range,
        weightMax: range)
    }
  }

  /// A device as a session's crossed swords found it.
  private static func measured(_ reader: Reader, _ files: NetworkFiles) -> DeviceModel {
    let path = reader.text("session")
    let name = reader.text("name")
    do throws(SessionError) {
      let session = try Session.open(path.file)
      let notebook = try session.notebook()
      let prefix = "swords "
      if let finding = notebook.findings[prefix + name.value],
        let swords = JSONText.decode(CrossedSwords.self, from: finding)
      {
        files.note(
          "device", "\(name.value) of \(path.value), recorded by \(session.manifest.experiment)")
        return swords.model
      }
      let known = notebook.findings.keys.filter { $0.hasPrefix(prefix) }.map {
        String($0.dropFirst(prefix.count))
      }.sorted()
      reader.report(
        Diagnostic(
          "the session \(path.value) has no crossed swords of a device '\(name.value)'",
          at: name.location,
          hints: [
            known.isEmpty
              ? "a session of crossed-swords, zero-shift, shd or sgd has them"
              : "it has \(known.joined(separator: ", "))"
          ]))
    } catch {
      reader.report(Diagnostic(error.message, at: path.location))
    }
    return DeviceModel(law: .constantStep, step: 1)
  }

  /// What differs between devices and from pulse to pulse, where the protocol
  /// says other than the family.
  private static func spread(_ model: inout DeviceModel, _ reader: Reader) {
    func number(_ key: String, _ value: inout Double) {
      if reader.has(key) { value = reader.number(key, in: 0...1e3).value }
    }
    number("step_spread", &model.stepSpread)
    number("up_down_spread", &model.upDownSpread)
    number("cycle_to_cycle", &model.cycleToCycle)
    number("write_noise", &model.writeNoise)
    if reader.has("range_spread") {
      model.weightMaxSpread = reader.number("range_spread", in: 0...1).value
      model.weightMinSpread = model.weightMaxSpread
    }
    if reader.has("corrupt") {
      model.corruptProbability = reader.number("corrupt", in: 0...1).value
    }
    if reader.has("retention") {
      model.lifetime = reader.quantity("retention", .second, in: 1e-9...1e12).value
    }
  }
}
