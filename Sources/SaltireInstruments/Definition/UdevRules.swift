import Foundation
import SaltireLinks

/// The udev rules that let users open USB instruments, made from the definitions.
///
/// Marking instruments and granting access are separate files, so that an administrator can replace
/// the access policy.
public struct UdevRules: Sendable {
  public struct File: Sendable, Equatable {
    public let name: String
    public let text: String
  }

  /// The state of a rules file in a folder.
  public enum State: Sendable, Equatable {
    case absent, current
    /// Made from other definitions.
    case outdated
    /// Not written by saltire.
    case foreign
  }

  public let files: [File]

  /// The beginning of every file.
  private static let mark = "# Written by saltire from its instrument definitions"

  public init(_ definitions: [Definition]) {
    files = [
      File(name: "60-saltire.rules", text: Self.marking(definitions)),
      File(
        name: "61-saltire-plugdev.rules",
        text: Self.policy("members of the group plugdev", "MODE=\"0660\", GROUP=\"plugdev\"")),
      File(
        name: "61-saltire-uaccess.rules",
        text: Self.policy("the user who is logged in at this computer", "TAG+=\"uaccess\"")),
    ]
  }

  /// The state of `file` in `folder`.
  public static func state(of file: File, in folder: String) -> State {
    let path = folder + "/" + file.name
    guard let data = FileManager.default.contents(atPath: path) else {
      return FileManager.default.fileExists(atPath: path) ? .foreign : .absent
    }
    let text = String(decoding: data, as: UTF8.self)
    if text == file.text { return .current }
    return text.hasPrefix(mark) ? .outdated : .foreign
  }

  private static func marking(_ definitions: [Definition]) -> String {
    var lines = [
      "\(mark): changes are lost.",
      "# Marks the USB devices that are instruments; 61-saltire-*.rules grant access to them.",
      "ACTION==\"remove\", GOTO=\"saltire_end\"",
      "SUBSYSTEM!=\"usb\", GOTO=\"saltire_end\"",
      "ENV{DEVTYPE}!=\"usb_device\", GOTO=\"saltire_end\"",
      "",
      "# Any USBTMC device",
      "ENV{ID_USB_INTERFACES}==\"*:fe0300:*|*:fe0301:*\", ENV{ID_SALTIRE}=\"1\"",
    ]
    // udev runs as root, so only numbers of a definition are written, never text.
    for definition in definitions where !definition.usb.isEmpty {
      lines += [""]
      lines += definition.usb.map { kind in
        "ATTR{idVendor}==\"\(hex(kind.vendor))\", ATTR{idProduct}==\"\(hex(kind.product))\","
          + " ENV{ID_SALTIRE}=\"1\""
      }
    }
    lines += [
      "",
      "# Keeps ModemManager from sending modem commands to them.",
      "ENV{ID_SALTIRE}==\"1\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"",
      "",
      "LABEL=\"saltire_end\"",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// Four lowercase hexadecimal digits, as in the kernel's files.
  private static func hex(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static func policy(_ who: String, _ assignment: String) -> String {
    """
    \(mark): changes are lost.
    # Lets \(who) use what 60-saltire.rules marks.
    ACTION!="remove", SUBSYSTEM=="usb", ENV{ID_SALTIRE}=="1", \(assignment)

    """
  }
}
