internal import Foundation
internal import SaltireCore
internal import SaltireInstruments
internal import SaltireLab
internal import SaltireLinks

/// What is plugged into this computer, and what can be simulated on it.
struct Inventory {
  /// A USB instrument, or a serial port with whatever hangs on it.
  struct Item {
    var resource: Resource
    /// What the device says of itself without being opened.
    var name: String
    /// The family that such devices belong to.
    var definition: Definition?
    var node: String
    var access: DeviceAccess
    /// The reply to `*IDN?`, or why there is none; nil when it was not asked.
    var identity: Result<Identity, InstrumentFailure>?
  }

  private let usb: [Item]
  private let serial: [Item]
  private let library: InstrumentLibrary

  /// Looks around.
  ///
  /// - Throws: `LinkError` where the system cannot be asked.
  init(_ library: InstrumentLibrary, identifying: Bool) throws {
    self.library = library
    usb = try USBInterface.all().map { interface in
      let texts = [
        interface.manufacturer, interface.product, interface.serial.map { "serial \($0)" },
      ]
      var item = Item(
        resource: interface.resource, name: texts.compactMap(\.self).joined(separator: ", "),
        definition: library.find(interface.identifier), node: interface.node,
        access: interface.access)
      if identifying, item.access == .free {
        item.identity = Self.identity(of: item)
        if case .success(let identity)? = item.identity {
          item.definition = library.find(identity)?.definition ?? item.definition
        }
      }
      return item
    }
    serial = try SerialPortInfo.all().map { port in
      let adapter = port.adapter
      let texts = [adapter?.manufacturer, adapter?.product, adapter?.serial.map { "serial \($0)" }]
      return Item(
        resource: port.resource, name: texts.compactMap(\.self).joined(separator: ", "),
        node: port.node, access: port.access)
    }
  }

  /// Opens it, asks `*IDN?`, and closes it.
  private static func identity(of item: Item) -> Result<Identity, InstrumentFailure> {
    do throws(LinkError) {
      let link = try USBTMCLink(item.resource, quirks: item.definition?.quirks ?? [])
      defer { link.close() }
      try link.send(Array("*IDN?\n".utf8), deadline: .after(1))
      let reply = String(
        decoding: try link.receive(until: .byte(10), deadline: .after(1)), as: UTF8.self)
      if let identity = Identity(reply: reply.trimmingCharacters(in: .newlines)) {
        return .success(identity)
      }
      return .failure(InstrumentFailure("\(item.resource)", .unidentified(reply: reply)))
    } catch {
      return .failure(InstrumentFailure("\(item.resource)", .link(error)))
    }
  }

  // MARK: Showing

  var text: String {
    var lines = ["USB instruments:"]
    lines += usb.isEmpty ? ["  none is plugged in"] : usb.flatMap(lines(for:))
    lines += ["", "serial ports:"]
    lines += serial.isEmpty ? ["  none"] : serial.flatMap(lines(for:))
    lines += ["", "simulated families (sim:NAME in a bench file, or 'saltire simulate NAME'):"]
    for definition in library.definitions {
      lines += [
        "  \(definition.title)", "    \(library.names(of: definition).joined(separator: ", "))",
      ]
    }
    return lines.joined(separator: "\n")
  }

  private func lines(for item: Item) -> [String] {
    var lines = ["  \(item.resource)" + (item.name.isEmpty ? "" : "  \(item.name)")]
    switch item.identity {
    case .success(let identity)?: lines.append("    \(identity)")
    case .failure(let failure)?:
      lines.append("    it was asked who it is: \(failure.error.message)")
    case nil: break
    }
    if let definition = item.definition { lines.append("    \(definition.title)") }
    switch item.access {
    case .free: break
    case .denied:
      lines.append("    cannot be opened: this user may not (\(item.node))")
      lines.append("    'saltire doctor' says what to do about it")
    case .busy(let holder):
      lines.append("    cannot be opened: in use by \(holder ?? "another program") (\(item.node))")
    }
    return lines
  }

  var document: JSONValue {
    .object([
      "usb": .array(usb.map(document(for:))), "serial": .array(serial.map(document(for:))),
      "simulated": .array(library.names.map { .string("sim:\($0)") }),
    ])
  }

  private func document(for item: Item) -> JSONValue {
    var document = JSONValue.object([
      "resource": .string("\(item.resource)"), "name": .string(item.name),
      "node": .string(item.node),
    ])
    if let definition = item.definition { document["family"] = .string(definition.name) }
    switch item.access {
    case .free: document["access"] = .string("free")
    case .denied: document["access"] = .string("denied")
    case .busy(let holder):
      document["access"] = .string("busy")
      if let holder { document["holder"] = .string(holder) }
    }
    switch item.identity {
    case .success(let identity)?: document["identity"] = .string("\(identity)")
    case .failure(let failure)?: document["error"] = .string(failure.error.message)
    case nil: break
    }
    return document
  }
}
