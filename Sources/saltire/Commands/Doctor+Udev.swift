import Foundation
import SaltireCore
import SaltireInstruments

extension UdevRules {
  /// The folder for an administrator's rules.
  static let folder = "/etc/udev/rules.d"
}

extension Doctor {
  /// The command that installs the rules, with the path of this program because sudo does not
  /// expand aliases.
  static var installation: String {
    "sudo \(CommandLine.arguments[0].quotedForShell) doctor --install-udev"
  }

  /// The state of the installed rules.
  func udev(_ rules: UdevRules) -> [Finding] {
    let check = "udev rules"
    let states = rules.files.map { ($0.name, UdevRules.state(of: $0, in: udevFolder)) }
    let faults = states.compactMap { name, state -> Finding? in
      switch state {
      case .foreign:
        .problem(
          check, "\(udevFolder)/\(name) was not written by saltire", .permission,
          remedy: "move it elsewhere, then \(Self.installation)")
      case .outdated:
        .problem(
          check, "\(udevFolder)/\(name) does not match the current instrument definitions",
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
    // An administrator may have installed only one of the two access policies.
    return [.fine(check, "in \(udevFolder)")]
  }

  func printed(_ rules: UdevRules) {
    Console.print(rules.files.map { "# \($0.name)\n\($0.text)" }.joined(separator: "\n"))
  }

  /// Installs either all rules or none, and reloads udev.
  func install(_ rules: UdevRules) throws {
    for file in rules.files where UdevRules.state(of: file, in: udevFolder) == .foreign {
      throw Failure(
        .storage, "\(udevFolder)/\(file.name) was not written by saltire; nothing was changed",
        hints: ["move it elsewhere"])
    }
    guard FileManager.default.isWritableFile(atPath: udevFolder) else {
      let isThere = FileManager.default.fileExists(atPath: udevFolder)
      throw Failure(
        isThere ? .permission : .storage,
        isThere
          ? "permission denied for \(udevFolder)" : "the folder \(udevFolder) does not exist",
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

  /// Whether udevadm exists and succeeded.
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
