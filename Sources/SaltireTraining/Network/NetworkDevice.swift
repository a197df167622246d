import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltireRecords

/// The device model of a network's arrays: a preset, a measured curve, a family, or a device of a
/// session.
enum NetworkDevice {
  private static let session = Key.text(
    "session", form: "session file", absent: "one of `preset`, `curve`, `family`",
    "Takes a device as the session's crossed swords found it.")
  private static let name = Key.text(
    "name", form: "device", when: "with `session`", "Name of the device in the session.")
  /// What a section may say.
  static let keys = DeviceModel.keys + [session, name]
  private static let sources: [any DeclaredKey] = [
    DeviceModel.familyKey, DeviceModel.Keys.preset, DeviceModel.Keys.curve, session,
  ]
  /// The keys that can describe a device.
  private static let descriptions = DeviceModel.familyKeys + DeviceModel.curveKeys + [name]

  /// Reads a `device` section.
  static func read(_ reader: Reader, _ files: NetworkFiles) -> DeviceModel {
    let given = sources.filter(reader.has).map(\.name)
    guard given.count == 1 else {
      reader.report(
        given.isEmpty
          ? Diagnostic(
            "the devices are not described", at: reader.location,
            hints: ["give one of \(sources.map(\.name).joined(separator: ", "))"])
          : Diagnostic(
            "\(given.joined(separator: " and ")) exclude each other", at: reader.location,
            hints: ["remove one from the file; --set can replace or add a key, but not remove one"])
      )
      // Any one of the keys is valid.
      for key in descriptions { _ = reader.has(key) }
      var model = DeviceModel(law: .constantStep, step: 1)
      model.readVariation(reader)
      return model
    }
    var model: DeviceModel
    switch given[0] {
    case session.name: model = measured(reader, files)
    default: model = DeviceModel.family(reader, curves: files)
    }
    model.readVariation(reader)
    return model
  }

  /// A device from the crossed swords of a session.
  private static func measured(_ reader: Reader, _ files: NetworkFiles) -> DeviceModel {
    let path = reader[session]
    let name = reader[self.name]
    do throws(SessionError) {
      let session = try Session.open(path.file)
      let notebook = try session.notebook()
      if let swords = notebook.finding(.swords, of: name.value) {
        files.note(
          "device", "\(name.value) of \(path.value), recorded by \(session.manifest.experiment)")
        return swords.model
      }
      let known = notebook.subjects(of: .swords)
      reader.report(
        Diagnostic(
          "the session \(path.value) has no crossed-swords result for a device '\(name.value)'",
          at: name.location,
          hints: [
            known.isEmpty
              ? "use a session of crossed-swords, zero-shift, shd or sgd"
              : "devices: \(known.joined(separator: ", "))"
          ]))
    } catch {
      reader.report(Diagnostic(error.message, at: path.location))
    }
    return DeviceModel(law: .constantStep, step: 1)
  }
}
