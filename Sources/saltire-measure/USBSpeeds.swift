import CLinkDirect
import Foundation
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireTesting

/// USBTMC on emulated devices, or on the device in SALTIRE_USB_DEVICE: the cost of queries and of
/// faults, and leaks.
struct USBSpeeds {
  private static let queries = 1000
  private static var soon: Deadline { .after(10) }

  private let device: EmulatedUSB?
  private let resource: Resource
  private let values = Values()

  private final class Values {
    var own = 0.0
    var direct = 0.0
  }

  /// Nil if there is no device.
  init?() throws {
    let environment = ProcessInfo.processInfo.environment
    if let text = environment["SALTIRE_USB_DEVICE"] {
      device = nil
      resource = try Resource(parsing: text)
    } else if environment["SALTIRE_USB_EMULATOR"] != nil {
      let emulated = try EmulatedUSB()
      device = emulated
      resource = emulated.resource
    } else {
      return nil
    }
  }

  // MARK: Cost of a query

  /// Microseconds of processor time.
  func query() throws -> Double {
    let link = try USBTMCLink(resource)
    defer { link.close() }
    let begin = direct_thread_time()
    for _ in 0..<Self.queries { _ = try Self.ask("*IDN?", link) }
    values.own = (direct_thread_time() - begin) / Double(Self.queries) * 1e6
    return values.own
  }

  /// The same for a minimal program in C.
  func queryDirect() throws -> Double {
    guard case .usb(let vendor, let product, let serial, _) = resource else { return .nan }
    let client = Process()
    client.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("usb-client")
    client.arguments = [
      String(vendor, radix: 16), String(product, radix: 16), serial ?? "", "\(Self.queries)",
    ]
    client.standardOutput = FileHandle.nullDevice
    let begin = direct_children_time()
    try client.run()
    client.waitUntilExit()
    guard client.terminationStatus == 0 else { throw POSIXError(.EIO) }
    values.direct = (direct_children_time() - begin) / Double(Self.queries) * 1e6
    return values.direct
  }

  /// From the newest values.
  var ratio: Double { values.own / values.direct }

  private static func ask(_ question: String, _ link: USBTMCLink) throws -> String {
    try link.send(Array("\(question)\n".utf8), deadline: soon)
    return String(decoding: try link.receive(until: .byte(10), deadline: soon), as: UTF8.self)
  }

  // MARK: Faults

  /// Encounters every fault, and prints a line for each and the longest recovery.
  static func printFaults() async throws {
    let text = try String(contentsOfFile: "Tests/Support/emulated.yaml", encoding: .utf8)
    let definition = try Definition(
      Document(name: "emulated.yaml", text: text), name: "saltire/emulated")
    var longest = 0.0
    print("| fault | what the user sees | after recovery | time |\n|---|---|---|---|")
    for fault in USBFault.all {
      let device = try EmulatedUSB()
      let instrument = Instrument(
        name: "emulated", definition: definition, model: definition.models[0]
      ) { () throws(LinkError) in try device.open(quirks: fault.quirks) }
      try await instrument.connect()
      try device.control("faults \(fault.plan)")
      let seen = await words { try await instrument.ask(["ECHO? one"])[0] }
      let begin = HostTime.monotonic
      let after = await words {
        try await instrument.recover()
        return try await instrument.ask(["ECHO? two"])[0] == "two" ? "answers" : "wrong answer"
      }
      let seconds = HostTime.monotonic - begin
      if fault.comesBack { longest = max(longest, seconds) }
      await instrument.disconnect()
      print(
        "| \(fault) | \(seen) | \(after) | \(Quantity((seconds * 1e3).rounded() / 1e3, .second)) |")
    }
    print("\nlongest recovery: \(Quantity((longest * 1e3).rounded() / 1e3, .second))")
  }

  private static func words(_ body: () async throws -> String) async -> String {
    do { return try await body() } catch let error as InstrumentError { return error.message } catch
    {
      return "\(error)"
    }
  }

  // MARK: Endurance

  /// Sends 100,000 queries and transfers a mebibyte in both directions; prints errors and the
  /// memory of the process.
  func printEndurance() throws {
    let link = try USBTMCLink(resource)
    let content = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    try link.send(Array("DATA ".utf8) + DataBlock.wrap(content) + [10], deadline: Self.soon)
    try link.send(Array("DATA?\n".utf8), deadline: Self.soon)
    let back = try DataBlock.content(of: try link.receive(until: .block, deadline: Self.soon))
    print("1 MiB there and back: \(back == content ? "equal" : "different")")
    var lost = 0
    for index in 0...100_000 {
      if try Self.ask("ECHO? \(index)", link) != "\(index)\n" { lost += 1 }
      if index % 20_000 == 0 { print("\(index) queries: \(try Self.resident()) KiB resident") }
    }
    print("\(lost) replies lost")
  }

  private static func resident() throws -> String {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.map { $0.dropFirst(6).trimmingCharacters(in: .letters.union(.whitespaces)) } ?? "?"
  }
}
