public import SaltireCore
public import SaltirePrograms

extension BenchFile {
  /// Compares the operator's claims about device identities with the file.
  ///
  /// - Parameter claims: the identities, by device name.
  /// - Throws: `Diagnostics` if a name is unknown, the file says otherwise, or one device would be
  ///   in two places.
  public func expect(_ claims: [String: DeviceIdentity]) throws(Diagnostics) {
    var faults: [Diagnostic] = []
    let names = wiring.sites.map(\.device)
    for (name, claim) in claims.sorted(by: { $0.key < $1.key }) {
      if !names.contains(name) {
        faults.append(
          Diagnostic(
            "\(document.name) has no device '\(name)'",
            hints: [
              suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
                ?? "devices: \(names.joined(separator: ", "))"
            ]))
      } else if let believed = identities[name], believed.value != claim {
        faults.append(
          Diagnostic(
            "\(name) is \(believed.value.text) in the bench file, but was confirmed as"
              + " \(claim.text)", at: believed.location,
            hints: ["look at the probe station, then correct whichever of the two is wrong"]))
      }
    }
    let all = identities.mapValues(\.value).merging(claims) { $1 }
    for (identity, places) in Dictionary(grouping: all, by: \.value) where places.count > 1 {
      let places = places.map(\.key).sorted()
      faults.append(
        Diagnostic(
          "\(places.joined(separator: " and ")) are both \(identity.text)",
          at: places.lazy.compactMap { identities[$0]?.location }.first,
          hints: ["one device cannot be in two places"]))
    }
    if !faults.isEmpty { throw Diagnostics(faults) }
  }

  /// Refuses to continue if a device has lifetime limits and its identity is not confirmed. Devices
  /// simulated in this process start anew each time and are exempt.
  ///
  /// - Throws: `Diagnostics`.
  public func expectLimited(in claims: [String: DeviceIdentity]) throws(Diagnostics) {
    guard isOutside else { return }
    let open = wiring.sites.map(\.device).filter {
      limits.of($0).lifetime.isLimited && claims[$0] == nil
    }
    guard let first = open.first else { return }
    let options = open.map { "--device \($0)=\(identities[$0]?.value.rawValue ?? "DIE/POSITION")" }
    throw Diagnostics(
      Diagnostic(
        "\(open.joined(separator: ", ")): lifetime limits apply, but the identity of"
          + " \(open.count == 1 ? "the device" : "the devices") is not confirmed",
        at: limits.of(first).lifetime.location, label: "the limit",
        hints: ["look at the probe station, then add \(options.joined(separator: " "))"]))
  }
}
