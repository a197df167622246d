import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRecords

/// The operator's confirmation of which devices are connected.
struct Confirmation: ParsableArguments {
  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "Confirm which device is connected: \(example). Repeatable.", valueName: "device"))
  var devices: [String] = []

  private static let example = "A1=W12-D3/B4"

  /// The identities that the options confirm. They must agree with those in the bench file.
  ///
  /// - Throws: ``Failure``; `Diagnostics`.
  func claims(for bench: BenchFile) throws -> [String: DeviceIdentity] {
    var claims: [String: DeviceIdentity] = [:]
    for option in devices {
      let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let identity = DeviceIdentity(rawValue: parts[1]) else {
        throw Failure(
          .usage, "--device \(option) does not name a device",
          hints: ["for example --device \(Self.example): \(DeviceIdentity.form)"])
      }
      if let other = claims.updateValue(identity, forKey: parts[0]), other != identity {
        throw Failure(.usage, "\(parts[0]) cannot be both \(other.text) and \(identity.text)")
      }
    }
    guard claims.isEmpty || bench.isOutside else {
      throw Failure(
        .usage,
        "the devices of \(bench.document.name) are simulated and have no identity to confirm",
        hints: ["remove --device"])
    }
    try bench.expect(claims)
    return claims
  }

  /// The confirmed identities, after asking for missing ones if standard input is a terminal.
  ///
  /// - Throws: ``Failure`` if the answer is no; `Diagnostics` if an identity that lifetime limits
  ///   need is missing.
  static func completed(
    _ claims: [String: DeviceIdentity], for bench: BenchFile, _ stop: Stop
  ) throws -> [String: DeviceIdentity] {
    guard bench.isOutside else { return [:] }
    var claims = claims
    if isatty(STDIN_FILENO) == 1 {
      for site in bench.wiring.sites where claims[site.device] == nil {
        guard let believed = bench.identities[site.device] else { continue }
        guard try isYes("device \(site.device) is \(believed.value.text)? [y/N] ", stop) else {
          // An unidentified device must not be pulsed as if it were this one.
          throw Failure(
            .badInput,
            [
              Diagnostic(
                "\(site.device) is not confirmed to be \(believed.value.text)",
                at: believed.location,
                hints: ["nothing was sent; correct the bench file and run again"])
            ])
        }
        claims[site.device] = believed.value
      }
    }
    try bench.expectLimited(in: claims)
    return claims
  }

  /// The identities that a session recorded; the options may only repeat them.
  ///
  /// - Parameter benches: the recorded bench and the present one.
  /// - Throws: ``Failure``; `Diagnostics`.
  func recorded(
    _ manifest: Manifest, for benches: [BenchFile]
  ) throws -> [String: DeviceIdentity] {
    let identities = manifest.identities ?? [:]
    for bench in benches {
      for (name, claim) in try claims(for: bench) where identities[name] != claim {
        throw Failure(
          .badInput,
          "\(name) was \(identities[name]?.text ?? "not confirmed to be any device") when the"
            + " session began, but --device says \(claim.text)",
          hints: ["a session cannot change devices: start a new one"])
      }
      if bench.isOutside { try bench.expect(identities) }
      try bench.expectLimited(in: identities)
    }
    return identities
  }

  /// Waits for a text line that says yes; Ctrl-C ends the wait.
  private static func isYes(_ question: String, _ stop: Stop) throws -> Bool {
    Console.show(question)
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    // A signal handler may run before poll begins, so the flag is checked at intervals.
    while poll(&input, 1, 100) <= 0 {
      if stop.isRequested { throw Failure(.interrupted, "interrupted; nothing was sent") }
    }
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }
}
