import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireDevices
import SaltireExperiments
import SaltireInstruments
import SaltireLinks
import SaltireRig
import SaltireSimulation
import SaltireServe

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve a simulated instrument, or a whole simulated bench, to other programs.",
    discussion: """
      A family such as keithley/2400 is served on one port for any client and, with --pty, also \
      on a pseudo-terminal for clients that open a serial port. --device says what it is wired \
      to:

        saltire simulate keithley/2400 --pty --device resistor:10k
        saltire simulate keithley/2636b --device EcRamMO

      A bench file is served on one port for each instrument, all wired to the same simulated \
      devices, and on one more port for the lab clock. saltire prints the bench file that reaches \
      them:

        saltire simulate instruments/benches/simulated.yaml --tcp 127.0.0.1:0 > served.yaml
        saltire run protocols/shd.yaml --bench served.yaml

      Without --realtime, lab time advances only when an instrument measures or delays, or when a \
      client advances the lab clock. Operations that take lab time return at once: lab time runs \
      ahead of wall-clock time. Press Ctrl-C to stop.
      """)

  @Argument(help: "A family (see 'saltire list') or a bench file with sim: resources.")
  var target: String

  @Option(
    help: """
      The IPv4 address and the first port. Port 0 picks free ports; 0.0.0.0 accepts other \
      machines.
      """
  )
  var tcp = "127.0.0.1:5025"

  @Option(help: "The random seed of the devices.")
  var seed: UInt64 = 1

  @Flag(
    help: """
      Also advance lab time with wall-clock time between commands, in addition to measurements \
      and delays, which still return at once.
      """)
  var realtime = false

  @Flag(help: "Also serve the instrument on a pseudo-terminal, whose path is printed.")
  var pty = false

  @Option(
    help: """
      Also serve the instrument as a USB device, over USB/IP at this IPv4 address and port: \
      'usbip attach -r 127.0.0.1 -b 1-1' connects it.
      """)
  var usbip: String?

  @Option(
    help: """
      What the instrument is wired to: resistor:OHMS from every channel to ground, or a device \
      (\(DeviceModel.presetNames.joined(separator: ", "))) with its gate on the first channel, \
      its drain on the second and its source on ground. (default: open)
      """)
  var device: String?

  @Option(
    help: """
      Inject a fault: INSTRUMENT:KIND@MESSAGES, where KIND is one of \
      \(LabFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")). Repeatable.
      """)
  var fault: [String] = []

  @Option(
    name: .customLong("set"), help: "Override a value of devices or meters: key=value. Repeatable.")
  var settings: [String] = []

  func run() async throws {
    try await reporting {
      let (host, port) = try Self.address(tcp)
      if target.hasSuffix(".yaml") {
        guard !pty, usbip == nil, device == nil else {
          throw Failure(
            .usage, "--pty, --usbip and --device apply only to an instrument family",
            hints: ["a bench file defines its own wiring"])
        }
        try serveBench(host, port)
      } else {
        try serveFamily(host, port)
      }
    }
  }

  private func serveBench(_ host: String, _ port: UInt16) throws {
    let overrides = try Overrides(arguments: settings)
    for key in overrides.values.keys.sorted() {
      guard ["devices.", "meters.", "lab."].contains(where: key.hasPrefix) else {
        throw Failure(
          .usage, "'\(key)' cannot be set here: the printed bench file would not contain it",
          hints: ["set only devices, meters and lab here; set other keys where the bench is used"])
      }
    }
    let bench = try BenchFile(try Document(path: target), overrides: overrides)
    let served = try ServedLab(
      bench, seed: seed, faults: try faults(of: bench.station?.instruments.map(\.name) ?? []),
      host: host, port: port, isTimed: !realtime)
    serve(served.interrupt) {
      Console.print(served.bench)
      Console.error("serving \(target) on \(host); Ctrl-C ends it")
    } run: {
      served.run(realtime: realtime)
    }
    for output in served.outputs {
      Console.error("\(output.terminal)  \(output.channel)  \(output.isOn ? "ON" : "off")")
    }
  }

  private func faults(of instruments: [String]) throws -> [LabFault] {
    try fault.map { text in
      guard let fault = LabFault(parsing: text), instruments.contains(fault.instrument) else {
        throw Failure(
          .usage, "'\(text)' is not a fault of an instrument of this bench",
          hints: ["for example \(instruments[0]):silent@500"])
      }
      return fault
    }
  }

  private func serveFamily(_ host: String, _ port: UInt16) throws {
    let (definition, model) = try InstrumentLibrary.shipped().family(target)
    var plan = LabPlan(instruments: [
      .init(
        name: target, definition: definition, model: model,
        nodes: Dictionary(uniqueKeysWithValues: model.channels.map { ($0, "channel \($0)") }))
    ])
    guard device == nil || definition.role != .switch else {
      throw Failure(
        .usage, "a \(model.name) cannot drive a device",
        hints: ["remove --device; its relays open and close without one"])
    }
    try device.map(AttachedDevice.init)?.attach(
      to: model.channels.map { "channel \($0)" }, of: definition.role, in: &plan)
    let server = try LabServer(
      SimulatedLab(plan, seed: seed, faults: try faults(of: [target])), instruments: [target],
      host: host, port: port)
    let resource = Resource.socket(host: host, port: server.ports[target] ?? 0)
    let terminal = pty ? Resource.serial(port: try server.openTerminal(for: target)) : nil
    let usb = try usbip.map { try serveUSB($0, definition, model, server) }
    serve(server.interrupt) {
      Console.print("\(resource)")
      if let usb { Console.print("\(usb)") }
      if let terminal { Console.print("\(terminal)") }
      let terminator = definition.terminator == 13 ? "CR" : "LF"
      Console.error(
        "serving a \(definition.title) \(model.name), which ends its lines with \(terminator);"
          + " Ctrl-C ends it")
    } run: {
      server.run(realtime: realtime)
    }
  }

  /// Serves the instrument as a USB device and returns its address after it is attached.
  private func serveUSB(
    _ text: String, _ definition: Definition, _ model: Definition.Model, _ server: LabServer
  ) throws -> Resource {
    let (host, port) = try Self.address(text)
    guard
      let kind = definition.usb.first(where: { $0.description.hasSuffix(model.name.prefix(4)) })
        ?? definition.usb.first
    else { throw Failure(.usage, "a \(model.name) has no USB interface") }
    let serial = try server.openUSBIP(for: target, kind: kind, host: host, port: port)
    Console.error(
      "USB device 1-1 on \(host):\(serial); 'usbip attach -r \(host) -b 1-1' plugs it in")
    return .usb(
      vendor: kind.vendor, product: kind.product, serial: server.serial(of: target), interface: nil)
  }

  /// Seconds that a request in progress has to finish.
  private static let patience = 2.0

  /// Serves until interrupted. The interrupt handler is installed before the address is printed.
  private func serve(_ interrupt: LinkInterrupt, announce: () -> Void, run: () -> Void) {
    let interruption = Interruption { count in
      interrupt.fire()
      // Ending now loses nothing: the simulation ends in any case.
      if count > 1 { Self.end() }
      DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { Self.end() }
    }
    announce()
    run()
    interruption.end()
  }

  /// Exits without printing: a blocked terminal would delay the exit.
  private static func end() { _exit(Failure.Code.interrupted.rawValue) }

  private static func address(_ text: String) throws -> (host: String, port: UInt16) {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1]) else {
      throw Failure(
        .usage, "'\(text)' is not an address and port",
        hints: ["for example 127.0.0.1:5025; the highest port is \(UInt16.max)"])
    }
    return (String(parts[0]), port)
  }
}
