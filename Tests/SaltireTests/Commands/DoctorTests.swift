import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// What `saltire doctor` makes of systems that are not this one.
@Suite struct DoctorTests {
  private let system: FakeSystem
  private let folder: TemporaryFolder

  init() throws {
    system = try FakeSystem()
    folder = try TemporaryFolder()
  }

  private func examined(_ more: String...) async throws -> Command {
    try await Command(
      [
        "doctor", "--root", system.root, "--udev-folder", folder.url.path, "--out",
        folder.path("out"),
      ] + more)
  }

  /// The line that says this, as its words.
  private func line(_ text: String, in output: String) -> Substring {
    output.split(separator: "\n").first { $0.contains(text) } ?? ""
  }

  @Test func nothingIsWrongWithASystemWithoutPorts() async throws {
    let said = try await examined()
    #expect(said.status == 0)
    #expect(said.errors == "")
    #expect(line("rsvg-convert", in: said.output).hasPrefix("ok "))
    #expect(said.output.contains("none: no /dev/ttyUSB*, ttyACM* or ttyS* here"))
    #expect(line("none in", in: said.output).hasPrefix("note "))
    #expect(!said.output.contains("problem"))
  }

  @Test func programsThatMeddleAreProblemsWhereThereIsAPort() async throws {
    try system.addProcess(10, "ModemManager")
    try system.addProcess(11, "brltty")
    let before = try await examined()
    #expect(before.status == 0)
    #expect(line("ModemManager", in: before.output).hasPrefix("note "))
    try system.addSerialPort("ttyUSB0", vendor: "0403", product: "6001")
    let after = try await examined()
    #expect(after.status == 75)
    for name in ["ModemManager", "brltty"] {
      #expect(line(name, in: after.output).hasPrefix("problem "))
    }
    #expect(after.output.contains("sudo systemctl disable --now ModemManager"))
    #expect(line("ttyUSB0", in: after.output).hasPrefix("ok "))
    #expect(line("ttyUSB0", in: after.output).contains("also /dev/serial/by-id/"))
  }

  /// Root may open anything: then somebody else looks.
  @Test func whatOthersOnlyMayOpenIsToldWithTheRemedy() async throws {
    try system.addSerialPort("ttyUSB0", vendor: "0403", product: "6001")
    let path = system.folder.path("dev/ttyUSB0")
    // Group 1 is one that every system has, and that tests are not in.
    let isRoot = chown(path, 0, 1) == 0
    try #require(chmod(system.root, 0o755) == 0 && chmod(path, isRoot ? 0o660 : 0) == 0)
    let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let said = try await Command(
      ["doctor", "--root", system.root, "--udev-folder", "/tmp", "--out", "/tmp"],
      within: isRoot ? user : [])
    #expect(said.status == 77)
    #expect(said.output.contains("permission denied for /dev/ttyUSB0"))
    let group = try #require(getgrgid(1)).pointee.gr_name.map { String(cString: $0) }
    #expect(!isRoot || said.output.contains("sudo usermod -aG \(group ?? "") "))
  }

  @Test func aPortInUseIsToldWithItsUser() async throws {
    try system.addSerialPort("ttyUSB0", vendor: "0403", product: "6001")
    try system.addProcess(42, "minicom", open: ["/dev/ttyUSB0"])
    let said = try await examined()
    #expect(said.status == 75)
    #expect(said.output.contains("0403:6001) is in use by minicom (42); end that program"))
  }

  @Test func aDeviceThatAContainerWasNotGivenIsToldOf() async throws {
    try system.addInstrument(vendor: "05e6", product: "2636", number: 7, hasFile: false)
    try system.addInstrument(vendor: "0957", product: "2807", number: 8, driver: "usbtmc")
    let said = try await examined("--json")
    #expect(said.status == 77)
    let document = try #require(said.document)
    guard case .array(let checks)? = document["checks"] else {
      Issue.record("\(said.output)")
      return
    }
    for check in checks {
      #expect(check["check"]?.text?.isEmpty == false && check["message"]?.text?.isEmpty == false)
      let isProblem = check["status"] == .string("problem")
      #expect(isProblem == (check["code"] != nil))
      #expect((check["status"] == .string("ok")) == (check["remedy"] == nil))
    }
    let problem = try #require(checks.first { $0["code"] != nil })
    #expect(problem["code"] == .integer(77))
    #expect(problem["remedy"]?.text?.contains("--device /dev/bus/usb/001/007") == true)
    #expect(document.at("error.code") == .integer(77))
    #expect(document.at("error.message") == problem["message"])
    #expect(checks.contains { $0["message"]?.text?.contains("the kernel driver usbtmc") == true })
  }

  @Test func aPlaceThatCannotBeWrittenToIsAProblem() async throws {
    let file = try folder.write("", "file")
    let said = try await Command(
      "doctor", "--root", system.root, "--udev-folder", folder.url.path, "--out", "\(file)/out")
    #expect(said.status == 74)
    #expect(line("cannot write to \(file)", in: said.output).hasPrefix("problem "))
  }

  // MARK: udev

  @Test func rulesAreInstalledAndKnownAgain() async throws {
    let install = ["doctor", "--install-udev", "--udev-folder", folder.url.path]
    let first = try await Command(install)
    #expect(first.status == 0)
    #expect(first.output.contains("now    sudo udevadm control --reload\n"))
    #expect(
      folder.content() == [
        "60-saltire.rules", "61-saltire-plugdev.rules", "61-saltire-uaccess.rules",
      ])
    let printed = try await Command("doctor", "--print-udev")
    for name in folder.content() {
      let text = try String(contentsOf: folder[name], encoding: .utf8)
      #expect(printed.output.contains("# \(name)\n\(text)"))
    }
    #expect(line("udev rules", in: try await examined().output).hasPrefix("ok "))
    // Of an earlier version, and then with one policy only.
    let text = try String(contentsOf: folder["60-saltire.rules"], encoding: .utf8)
    _ = try folder.write(text.replacingOccurrences(of: "2636", with: "9"), "60-saltire.rules")
    let outdated = try await examined()
    #expect(outdated.status == 77)
    #expect(outdated.output.contains("60-saltire.rules does not match"))
    #expect(try await Command(install).status == 0)
    try FileManager.default.removeItem(at: folder["61-saltire-plugdev.rules"])
    #expect(try await examined().status == 0)
  }

  @Test func rulesOfOthersAreLeftAlone() async throws {
    let own = "# my rules\n"
    _ = try folder.write(own, "61-saltire-uaccess.rules")
    let said = try await Command("doctor", "--install-udev", "--udev-folder", folder.url.path)
    #expect(said.status == 74)
    #expect(said.errors.contains("was not written by saltire; nothing was changed"))
    #expect(folder.content() == ["61-saltire-uaccess.rules"])
    #expect(try String(contentsOf: folder["61-saltire-uaccess.rules"], encoding: .utf8) == own)
    let examined = try await examined()
    #expect(examined.status == 77)
    #expect(examined.output.contains("61-saltire-uaccess.rules was not written by saltire"))
  }

  @Test func aFolderThatIsNotThereIsSaid() async throws {
    let said = try await Command("doctor", "--install-udev", "--udev-folder", folder.path("no"))
    #expect(said.status == 74)
    #expect(said.errors.contains("no does not exist"))
    let both = try await Command("doctor", "--install-udev", "--print-udev")
    #expect(both.status == 64)
  }
}
