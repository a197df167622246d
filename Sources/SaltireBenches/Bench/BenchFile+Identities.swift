public import SaltireCore
public import SaltirePrograms

extension BenchFile {
  /// Holds what an operator says of the devices against the file.
  ///
  /// - Parameter claims: which device is at which name.
  /// - Throws: `Diagnostics` where a name is no device, the file says otherwise, or
  ///   one device would be in two places.
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
            "\(name) is \(believed.value.text), in the bench file, and was confirmed as"
              + " \(claim.text)", at: believed.location,
            hints: ["look at the probe station; then put right which of the two is wrong"]))
      }
    }
    let all = identities.mapValues(\.value).merging(claims) { $1 }
    for (identity, places) in Dictionary(grouping: all, by: \.value) where places.count > 1 {
      let places = places.map(\.key).sorted()
      faults.append(
        Diagnostic(
          "\(places.joined(separator: " and ")) are both \(identity.text)",
          at: places.lazy.compactMap { identities[$0]?.location }.first,
          hints: ["a device is in one place"]))
    }
    if !faults.isEmpty { throw Diagnostics(faults) }
  }

  /// Refuses to go on where a device's life is limited and nobody has confirmed
  /// which it is. Devices that the program simulates itself begin anew each time.
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
        "the life of \(open.joined(separator: ", ")) is limited, and nobody has confirmed which"
          + " \(open.count == 1 ? "device that is" : "devices these are")",
        at: limits.of(first).lifetime.location, label: "the limit",
        hints: ["look at the probe station, then add \(options.joined(separator: " "))"]))
  }
}
