import Foundation
import SaltireCore
import SaltireFigures
import SaltireInstruments
import SaltireLinks
import SaltireFigures
import SaltireRecords

extension Doctor {
  /// All checks, in the order in which they are printed.
  func examine() -> [Finding] {
    let host = HostSystem(root: root)
    let ports = host.ports
    let library = Result { () throws(Failure) in try InstrumentLibrary.shipped() }
    var findings = [definitions(library), pictures, storage]
    findings += ports.map { Self.finding($0, host) }
    for (kind, check, files) in [
      (HostPort.Kind.serial, "serial port", "/dev/ttyUSB*, ttyACM* or ttyS*"),
      (.usbtmc, "USB instrument", "device with a USBTMC interface"),
    ] where !ports.contains(where: { $0.kind == kind }) {
      findings.append(.fine(check, "none: no \(files) here"))
    }
    findings += [Self.modemManager(host, ports), Self.brltty(host, ports)]
    if let library = try? library.get() {
      findings += udev(UdevRules(library.definitions))
    }
    return findings
  }

  // MARK: What a run needs

  private func definitions(_ library: Result<InstrumentLibrary, Failure>) -> Finding {
    let check = "instruments"
    switch library {
    case .success(let library):
      guard let fault = library.faults.first else {
        return .fine(check, "definitions of \(library.names.count) models")
      }
      let place = fault.location.map { "\($0.reference): " } ?? ""
      return .problem(
        check, place + fault.message, .badInput, remedy: fault.hints.first ?? "correct the file")
    case .failure(let failure):
      return .problem(
        check, failure.message, failure.code,
        remedy: failure.diagnostics.first?.hints.first ?? "")
    }
  }

  private var pictures: Finding {
    do throws(RasteriserError) {
      return .fine("pictures", try Rasteriser().executable)
    } catch {
      let failure = Failure(error)
      return .problem(
        "pictures", failure.message, failure.code,
        remedy: failure.diagnostics.first?.hints.first ?? "")
    }
  }

  private var storage: Finding {
    let check = "sessions"
    var folder = URL(fileURLWithPath: out).standardizedFileURL
    while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
      folder.deleteLastPathComponent()
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
      isFolder.boolValue, FileManager.default.isWritableFile(atPath: folder.path)
    else {
      return .problem(
        check, "cannot write to \(folder.path)", .storage,
        remedy: "choose another folder with --out")
    }
    let free = Disk(of: folder).room
    if free == .max { return .fine(check, "\(out) is writable") }
    let room = "\(free >> 20) MiB free for \(out)"
    if free < Disk.leastRoom {
      return .problem(
        check, room, .storage,
        remedy: "a session needs at least \(Disk.leastRoom >> 20) MiB: free some space")
    }
    return .fine(check, room, remedy: free < Disk.ampleRoom ? "a long run needs more" : nil)
  }

  // MARK: Ports

  private static func finding(_ port: HostPort, _ host: HostSystem) -> Finding {
    let check = port.kind == .serial ? "serial port" : "USB instrument"
    let kind = port.usb.map { " \($0)" } ?? ""
    let title = port.path + (port.name.isEmpty ? kind : " (\(port.name)\(kind))")
    switch port.access {
    case .missing:
      return .problem(
        check, "\(title) is connected, but its device file does not exist", .permission,
        remedy: "in a container, pass the device through: --device \(port.path.quotedForShell)")
    case .denied(let group):
      let remedy =
        switch (port.kind, group) {
        case (.serial, let group?):
          "sudo usermod -aG \(group.quotedForShell) \(NSUserName().quotedForShell), then log in again"
        case (.serial, nil): "no group has access: install a udev rule or ask an administrator"
        case (.usbtmc, _): "\(installation), then plug it in again"
        }
      return .problem(check, "permission denied for \(title)", .permission, remedy: remedy)
    case .allowed: break
    }
    let holders = host.holders(of: port.path)
    if !holders.isEmpty {
      return .problem(
        check, "\(title) is in use by \(holders.joined(separator: ", "))", .busy,
        remedy: "end that program")
    }
    var message = title
    if let alias = port.alias { message += ", also \(alias)" }
    if let driver = port.driver {
      message +=
        ", bound to the kernel driver \(driver), which saltire detaches while it uses the device"
    }
    return .fine(check, message)
  }

  // MARK: Programs that interfere

  private static func modemManager(_ host: HostSystem, _ ports: [HostPort]) -> Finding {
    meddler(
      "ModemManager", host, does: "sends modem commands to serial ports",
      endangers: ports.contains { $0.kind == .serial && $0.usb != nil },
      remedy: "sudo systemctl disable --now ModemManager")
  }

  /// USB-to-serial chips of braille displays, which many instruments and adapters also use: brltty
  /// claims all of them.
  private static let brailleChips: Set<String> = [
    "0403:6001", "0403:6015", "10C4:EA60", "10C4:EA80", "1A86:7523",
  ]

  private static func brltty(_ host: HostSystem, _ ports: [HostPort]) -> Finding {
    meddler(
      "brltty", host, does: "takes USB serial ports for braille displays",
      endangers: ports.contains { brailleChips.contains($0.usb?.description ?? "") },
      remedy: "sudo apt remove brltty, if nobody needs it")
  }

  private static func meddler(
    _ name: String, _ host: HostSystem, does harm: String, endangers: Bool, remedy: String
  ) -> Finding {
    if host.processes(named: name).isEmpty { return .fine("programs", "no \(name)") }
    let message = "\(name) is running and \(harm)"
    return endangers
      ? .problem("programs", message, .busy, remedy: remedy)
      : .fine("programs", message, remedy: "before you connect one: \(remedy)")
  }
}
