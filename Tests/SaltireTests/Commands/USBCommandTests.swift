import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// The command line among emulated USB devices.
@Suite struct USBCommandTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let denied = "vid=05e6,pid=2636,serial=4012345,manufacturer=Keithley,mode=denied"
  private static let address = "USB0::0x05E6::0x2636::4012345::INSTR"

  /// Runs the program as a user to whom the device is closed: root may open
  /// anything.
  private static func asOrdinaryUser(_ arguments: String...) async throws -> Command {
    let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return try await Command(
      arguments, within: emulated(["--usbtmc", denied]) + (getuid() == 0 ? user : []))
  }

  private static func emulated(_ options: [String]) -> [String] {
    let emulator = Command.program("saltire").deletingLastPathComponent().appendingPathComponent(
      "usb-emulator")
    return ["umockdev-wrapper", emulator.path] + options + ["--"]
  }

  @Test func aDeviceThatMayNotBeOpenedIsListedWithTheRemedy() async throws {
    let list = try await Self.asOrdinaryUser("list")
    #expect(list.status == 0)
    #expect(list.output.contains(Self.address))
    #expect(list.output.contains("Keithley Series 2600B"))
    #expect(list.output.contains("cannot be opened: permission denied (/dev/bus/usb/001/002)"))
    #expect(list.output.contains("'saltire doctor' shows how to fix this"))
    let listed = try await Self.asOrdinaryUser("list", "--json")
    let json = try #require(listed.document, "\(listed)")
    guard case .array(let items)? = json["usb"], let item = items.first else {
      Issue.record("\(json)")
      return
    }
    #expect(item["resource"]?.text == Self.address && item["access"]?.text == "denied")
    #expect(item["family"]?.text == "keithley/2600b")
  }

  @Test func addressingItSaysSoWithAStatusOfItsOwn() async throws {
    let query = try await Self.asOrdinaryUser("query", Self.address, "*IDN?")
    #expect(query.status == 77)
    #expect(query.errors.contains("permission denied for /dev/bus/usb/001/002"))
    #expect(query.errors.contains("hint: 'saltire doctor' shows how to fix this"))
    let doctor = try await Self.asOrdinaryUser("doctor")
    #expect(doctor.output.contains("saltire doctor --install-udev, then plug it in again"))
  }

  /// With locks of its own: the same address on two emulated computers is not the same instrument.
  private func alone(_ options: [String]) -> [String] {
    ["SALTIRE_LOCKS=\(folder.path("locks"))"] + Self.emulated(options)
  }

  @Test func aFreeDeviceIsAskedWhoItIsOnlyWhenTold() async throws {
    let free = alone(["--usbtmc", "serial=S1,driver=usbtmc"])
    let list = try await Command(["list"], within: free)
    #expect(list.output.contains("USB0::0x1209::0x7E57::S1::INSTR  SALTIRE EMULATED  serial S1\n"))
    #expect(
      !list.output.contains("cannot be opened") && !list.output.contains("EMULATED, serial S1"))
    let identified = try await Command(["list", "--identify"], within: free)
    #expect(identified.output.contains("SALTIRE, EMULATED, serial S1"))
  }

  @Test func aHungDeviceIsBroughtBackByHand() async throws {
    let hung = alone(["--usbtmc", "serial=S1,faults=hang-until-clear"])
    let bus = try await Command(
      ["bus", "USB0::0x1209::0x7E57::S1::INSTR", "recover"], within: hung)
    #expect(bus.status == 0)
    #expect(
      bus.output
        == "asked: timed out waiting for a reply\ndevice clear: SALTIRE, EMULATED, serial S1, 1.0\n"
    )
  }

  /// The simulated rig in another process, its instruments behind four USB
  /// devices and a serial port.
  private struct Rig {
    let server: Server
    /// The bench file that reaches it through the emulator with ``options``.
    let bench: String
    let options: [String]

    /// - Parameter faults: what goes wrong with smu1's USB.
    init(_ folder: TemporaryFolder, faults: String = "") throws {
      server = try Server("instruments/benches/simulated.yaml", ["--seed", "7"])
      var text = server.printed()
      var options: [String] = []
      for (name, kind) in [
        ("smu1", "vid=05e6,pid=2636"), ("smu2", "vid=05e6,pid=2636"), ("gen1", "vid=0957,pid=2c07"),
        ("gen2", "vid=0957,pid=2c07"), ("smu3", ""),
      ] {
        let pattern = try Regex(
          "\(name):\\s+\\{ resource: \"(TCPIP0::127.0.0.1::([0-9]+)::SOCKET)\"")
        let found = try #require(text.firstMatch(of: pattern)).output
        let socket = String(try #require(found[1].substring))
        let place = "tcp=127.0.0.1:\(try #require(found[2].substring))"
        if kind.isEmpty {
          options += ["--serial", place]
          text = text.replacingOccurrences(of: socket, with: "ASRL/dev/ttyUSB0::INSTR")
        } else {
          let plan = name == "smu1" && !faults.isEmpty ? ",faults=\(faults)" : ""
          let backend = place.replacingOccurrences(of: "tcp=", with: "tcp:")
          options += ["--usbtmc", "\(kind),serial=\(name),backend=\(backend)\(plan)"]
          let ids = kind.split(separator: ",").map { "0x\($0.dropFirst(4))" }
          text = text.replacingOccurrences(
            of: socket, with: "USB0::\(ids[0])::\(ids[1])::\(name)::INSTR")
        }
      }
      bench = try folder.write(text, "usb.yaml")
      self.options = options
    }
  }

  private static let short = [
    "run", "protocols/crossed-swords.yaml", "--seed", "7", "--json", "--set", "swords.pulses=40",
    "--set", "swords.cycles=1",
  ]

  /// The outcome is that of the lab in the process.
  @Test func aLabBehindUSBGivesTheSameOutcome() async throws {
    let rig = try Rig(folder)
    let usb = try await Command(
      Self.short + ["--bench", rig.bench, "--out", folder.path("usb")], within: alone(rig.options))
    let own = try await Command(
      Self.short + ["--bench", "instruments/benches/simulated.yaml", "--out", folder.path("own")])
    #expect(usb.status == own.status, "\(usb.errors)")
    let (a, b) = (try #require(usb.document), try #require(own.document))
    for device in ["A1", "A2", "C1", "C2"] {
      for key in ["kappa", "gamma_up", "gamma_down", "range", "states", "read_noise"] {
        let path = "outcome.devices.\(device).\(key)"
        #expect(a.at(path) != nil && a.at(path) == b.at(path))
      }
    }
    #expect(a["duration_s"] == b["duration_s"] && a["pulses"] == b["pulses"])
    _ = await rig.server.end()
  }

  /// What hangs in the middle of a run is brought back to be made safe, by
  /// steps that the session tells of.
  @Test(arguments: [
    ("hang@300", "timed out waiting for a reply", "abort"),
    ("hang-until-clear@300", "timed out waiting for a reply", "device clear"),
    ("stall-in@300", "the device rejected a transfer", "abort"),
    ("unplug@300+replug=400", "the connection was lost", "reopen"),
  ])
  func whatFailsInARunIsMadeSafe(faults: String, message: String, step: String) async throws {
    let rig = try Rig(folder, faults: faults)
    let run = try await Command(
      Self.short + ["--bench", rig.bench, "--out", folder.path("out")], within: alone(rig.options))
    #expect(run.status == 74)
    #expect(run.errors.contains("smu1: \(message)"), "\(run.errors)")
    let session = try #require(run.document?["session"]?.text)
    let wire = try await Command("show", session, "--wire", "--instrument", "smu1")
    let steps = wire.output.split(separator: "\n").filter { $0.contains("step to recover") }
    // A link that was opened again is cleared before anything is sent.
    #expect(steps.contains { $0.hasSuffix("step to recover: \(step)") }, "\(steps)")
    let (_, told) = await rig.server.end()
    #expect(told.contains("RA  smu1.smua  off") && !told.contains(" ON"), "\(told)")
  }
}
