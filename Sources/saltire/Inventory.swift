import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireRecords
import SaltireRig

/// The instruments and ports of this computer, and the families that can be simulated.
struct Inventory {
  /// A USB instrument or a serial port.
  struct Item {
    var port: HostPort
    /// The program that has it open, if visible.
    var holder: String?
    /// The matching instrument family.
    var definition: Definition?
    /// The reply to `*IDN?`, or why there is none; nil if it was not queried.
    var identity: Result<Identity, InstrumentFailure>?

    /// Whether another program uses it. A kernel driver does not count: a link detaches it while
    /// open.
    var isBusy: Bool { holder != nil || port.driver == "usbfs" }
  }

  private let items: [Item]
  private let library: InstrumentLibrary

  /// Collects the inventory.
  init(_ library: InstrumentLibrary, identifying: Bool) {
    self.library = library
    let system = HostSystem()
    items = system.ports.map { port in
      var item = Item(
        port: port, holder: system.holders(of: port.path).first,
        definition: port.kind == .usbtmc ? port.usb.flatMap(library.find) : nil)
      if identifying, port.kind == .usbtmc, port.access == .allowed, !item.isBusy {
        item.identity = Self.identity(of: item)
        if case .success(let identity)? = item.identity {
          item.definition = library.find(identity)?.definition ?? item.definition
        }
      }
      return item
    }
  }

  /// Opens the instrument, queries `*IDN?` and closes it.
  private static func identity(of item: Item) -> Result<Identity, InstrumentFailure> {
    let place = CanonicalAddress.all(of: item.port.resource)
    let lock: RigLock
    do throws(RigLockError) {
      lock = try RigLock(place, for: RigLock.Holder(purpose: "saltire list"))
    } catch {
      let holder: String? = if case .inUse(_, let holder) = error { holder?.text } else { nil }
      return .failure(
        InstrumentFailure(
          "\(item.port.resource)", .link(.busy(address: "\(item.port.resource)", by: holder))))
    }
    defer { lock.release() }
    do throws(LinkError) {
      let link = try USBTMCLink(item.port.resource, quirks: item.definition?.quirks ?? [])
      defer { link.close() }
      let deadline = Deadline.after(item.definition?.patience ?? 2)
      try link.send(Array("*IDN?\n".utf8), deadline: deadline)
      let reply = String(
        decoding: try link.receive(until: .byte(10), deadline: deadline), as: UTF8.self)
      if let identity = Identity(reply: reply.trimmingCharacters(in: .newlines)) {
        return .success(identity)
      }
      return .failure(InstrumentFailure("\(item.port.resource)", .unidentified(reply: reply)))
    } catch {
      return .failure(InstrumentFailure("\(item.port.resource)", .link(error)))
    }
  }

  // MARK: Showing

  private func items(_ kind: HostPort.Kind) -> [Item] { items.filter { $0.port.kind == kind } }

  var text: String {
    var lines = ["USB instruments:"]
    lines += items(.usbtmc).isEmpty ? ["  none is plugged in"] : items(.usbtmc).flatMap(lines(for:))
    lines += ["", "serial ports:"]
    lines += items(.serial).isEmpty ? ["  none"] : items(.serial).flatMap(lines(for:))
    lines += ["", "simulated families (sim:NAME in a bench file, or 'saltire simulate NAME'):"]
    for definition in library.definitions where definition.refusal == nil {
      lines += simulated(definition)
    }
    lines += ["", "simulated only, with 'saltire simulate NAME', not on a bench:"]
    for definition in library.definitions {
      guard let reason = definition.refusal else { continue }
      lines += simulated(definition) + ["    \(reason)"]
    }
    return lines.joined(separator: "\n")
  }

  private func simulated(_ definition: Definition) -> [String] {
    ["  \(definition.title)", "    \(library.names(of: definition).joined(separator: ", "))"]
  }

  private func lines(for item: Item) -> [String] {
    let port = item.port
    let name = [port.name, port.serial.map { "serial \($0)" } ?? ""].filter { !$0.isEmpty }
    var lines = [(["  \(port.resource)"] + name).joined(separator: "  ")]
    switch item.identity {
    case .success(let identity)?: lines.append("    \(identity)")
    case .failure(let failure)?:
      lines.append("    identification failed: \(failure.error.message)")
    case nil: break
    }
    if let definition = item.definition { lines.append("    \(definition.title)") }
    if let reason = Self.hindrance(item) {
      lines.append("    cannot be opened: \(reason) (\(port.path))")
      if case .denied = port.access {
        lines.append("    'saltire doctor' shows how to fix this")
      }
    }
    return lines
  }

  /// Why it cannot be opened; nil if nothing prevents it.
  private static func hindrance(_ item: Item) -> String? {
    switch item.port.access {
    case .denied(let group):
      "permission denied" + (group.map { ", only members of the group \($0) have access" } ?? "")
    case .missing: "the system reports it, but its device file does not exist"
    case .allowed: item.isBusy ? "in use by \(item.holder ?? "another program")" : nil
    }
  }

  var document: JSONValue {
    .object([
      "usb": .array(items(.usbtmc).map(document(for:))),
      "serial": .array(items(.serial).map(document(for:))),
      "simulated": .array(
        library.definitions.filter { $0.refusal == nil }.flatMap { library.names(of: $0) }
          .map { .string("sim:\($0)") }),
      "simulated_only": .array(library.definitions.flatMap(simulatedOnly)),
    ])
  }

  private func simulatedOnly(_ definition: Definition) -> [JSONValue] {
    guard let reason = definition.refusal else { return [] }
    return library.names(of: definition).map {
      .object(["name": .string($0), "reason": .string(reason)])
    }
  }

  private func document(for item: Item) -> JSONValue {
    let port = item.port
    var document = JSONValue.object([
      "resource": .string("\(port.resource)"), "name": .string(port.name),
      "path": .string(port.path),
    ])
    document["family"] = item.definition.map { .string($0.name) }
    document["serial"] = port.serial.map(JSONValue.string)
    document["driver"] = port.driver.map(JSONValue.string)
    let access =
      switch port.access {
      case .denied: "denied"
      case .missing: "missing"
      case .allowed: item.isBusy ? "busy" : "free"
      }
    document["access"] = .string(access)
    document["reason"] = Self.hindrance(item).map(JSONValue.string)
    switch item.identity {
    case .success(let identity)?: document["identity"] = .string("\(identity)")
    case .failure(let failure)?: document["error"] = .string(failure.error.message)
    case nil: break
    }
    return document
  }
}
