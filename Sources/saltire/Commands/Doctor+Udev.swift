import Foundation
import SaltireCore
import SaltireInstruments

extension UdevRules {
  /// Where an administrator's rules are.
  static let folder = "/etc/udev/rules.d"
}

extension Doctor {
  /// The command that installs them, by the program's own path: sudo knows no
  /// aliases.
  static var installation: String { "sudo \(CommandLine.arguments[0]) doctor --install-udev" }

  /// How the rules stand.
  func udev(_ rules: UdevRules) -> [Finding] {
    let check = "udev rules"
    let states = rules.files.map { ($0.name, UdevRules.state(of: $0, in: udevFolder)) }
    let faults = states.compactMap { name, state -> Finding? in
      switch state {
      case .foreign:
        .problem(
          check, "\(udevFolder)/\(name) is not one of ours", .permission,
          remedy: "move it away, then \(Self.installation)")
      case .outdated:
        .problem(
          check, "\(udevFolder)/\(name) knows other instruments than the definitions",
          .permission, remedy: Self.installation)
      case .absent, .current: nil
      }
    }
    if !faults.isEmpty { return faults }
    if states.allSatisfy({ $0.1 == .absent }) {
      return [
        .fine(
          check, "none in \(udevFolder)", remedy: "USB instruments need them: \(Self.installation)")
      ]
    }
    // An administrator may have left out one of the two policies.
    return [.fine(check, "in \(udevFolder)")]
  }

  func printed(_ rules: UdevRules) {
    Console.print(rules.files.map { "# \($0.name)\n\($0.text)" }.joined(separator: "\n"))
  }

  /// Writes the rules, all or none, and has udev read them.
  func install(_ rules: UdevRules) throws {
    for file in rules.files where UdevRules.state(of: file, in: udevFolder) == .foreign {
      throw Failure(
        .storage, "\(udevFolder)/\(file.name) was not written by saltire; nothing was changed",
        hints: ["move it away"])
    }
    guard FileManager.default.isWritableFile(atPath: udevFolder) else {
      let isThere = FileManager.default.fileExists(atPath: udevFolder)
      throw Failure(
        isThere ? .permission : .storage,
        isThere
          ? "this user may not write to \(udevFolder)" : "there is no folder \(udevFolder)",
        hints: isThere ? [Self.installation] : [])
    }
    for file in rules.files {
      try NewFile.write(
        file.text.utf8, to: URL(fileURLWithPath: "\(udevFolder)/\(file.name)"))
      Console.print("wrote  \(udevFolder)/\(file.name)")
    }
    let commands = [["control", "--reload"], ["trigger", "--subsystem-match=usb"]]
    for command in commands {
      let line = "udevadm \(command.joined(separator: " "))"
      let isDone = udevFolder == UdevRules.folder && Self.udevadm(command)
      Console.print(isDone ? "ran    \(line)" : "now    sudo \(line)")
    }
  }

  /// Whether udev's program exists and did it.
  private static func udevadm(_ arguments: [String]) -> Bool {
    let candidates = ["/usr/bin/udevadm", "/bin/udevadm", "/sbin/udevadm"]
    guard let path = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      return false
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
