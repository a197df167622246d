public import SaltireCore

/// The experiments there are, by the names that protocol files use.
public struct Catalogue: Sendable {
  private let types: [any Experiment.Type]

  public init(_ types: [any Experiment.Type]) { self.types = types }

  /// Every experiment of this program.
  public static let standard = Catalogue([
    CrossedSwordsExperiment.self, ZeroShiftExperiment.self, HamiltonianDescent.self,
    GradientDescent.self, OneParameterHamiltonianDescent.self, OneParameterGradientDescent.self,
  ])

  /// Their names, sorted.
  public var names: [String] { types.map { $0.name }.sorted() }

  /// Reads a protocol file for a bench, and holds what it asks for against
  /// the bench's limits.
  ///
  /// - Throws: `Diagnostics` with every fault: unknown experiment, missing
  ///   and unknown keys, wrong units, devices that the bench does not have,
  ///   values beyond its limits.
  public func prepare(
    _ document: Document, overrides: Overrides = Overrides(), wiring: Wiring, limits: Limits
  ) throws(Diagnostics) -> PreparedExperiment {
    let reader = Reader(document, overrides: overrides)
    let name = reader.text("experiment")
    guard let type = types.first(where: { $0.name == name.value }) else {
      let near = suggestion(for: name.value, among: names)
      throw Diagnostics(
        Diagnostic(
          name.value.isEmpty
            ? "the protocol names no experiment" : "there is no experiment '\(name.value)'",
          at: name.location,
          hints: [
            name.value == NetworkProtocol.experiment
              ? "it needs no bench: saltire train, and saltire check without --bench"
              : near.map { "did you mean '\($0)'?" }
                ?? "experiments: \(names.joined(separator: ", "))"
          ]))
    }
    return try prepare(type, reader, wiring: wiring, limits: limits)
  }

  private func prepare<E: Experiment>(
    _ type: E.Type, _ reader: Reader, wiring: Wiring, limits: Limits
  ) throws(Diagnostics) -> PreparedExperiment {
    let parameters = E.Parameters(reader, wiring: wiring)
    let resume = ResumePolicy(reader.section("resume"))
    for demand in parameters.demands {
      if let diagnostic = limits.diagnostic(demand) { reader.conclude(diagnostic) }
    }
    try reader.finish()
    return PreparedExperiment(name: E.name, demands: parameters.demands, resume: resume) {
      bench, surroundings async throws(BenchError) -> Conclusion in
      try await Self.run(E.self, parameters, on: bench, surroundings)
    }
  }

  private static func run<E: Experiment>(
    _ type: E.Type, _ parameters: E.Parameters, on bench: some Bench,
    _ surroundings: LabSurroundings
  ) async throws(BenchError) -> Conclusion {
    var lab = Lab(bench, surroundings)
    // Whatever is wrong with a device shows here, before it is pulsed.
    if !parameters.preflight.isEmpty {
      _ = try await lab.perform(Program(parameters.preflight))
    }
    let outcome = try await E().run(parameters, in: &lab)
    return Conclusion(json: JSONText.encode(outcome), verdict: outcome.verdict)
  }
}

/// An experiment with its parameters, ready for a bench.
public struct PreparedExperiment: Sendable {
  public let name: String
  /// The extremes it will ask for.
  public let demands: [Demand]
  /// What it allows when it is taken up again.
  public let resume: ResumePolicy
  let body: @Sendable (any Bench, LabSurroundings) async throws(BenchError) -> Conclusion
}

/// An experiment's outcome without its type.
public struct Conclusion: Sendable, Equatable {
  /// The outcome as JSON text.
  public var json: String
  /// Why the result does not serve its purpose; nil when it does.
  public var verdict: String?
}

extension Limits {
  /// What is wrong with a demand, of the devices that it is made for; nil when it
  /// is within their limits.
  func diagnostic(_ demand: Demand) -> Diagnostic? {
    (demand.devices.map(of) + (demand.devices.isEmpty ? [self] : [])).lazy
      .compactMap { $0.fault(in: demand) }.first
  }

  private func fault(in demand: Demand) -> Diagnostic? {
    let limit: Located<Double>?
    let unit: Unit
    switch demand.kind {
    case .gateVoltage:
      let end = demand.value.value < 0 ? gateWindow.low : gateWindow.high
      (limit, unit) = (Located(abs(end.value), at: end.location), .volt)
    case .gateStep: (limit, unit) = (gateStep, .volt)
    case .pulseWidth: (limit, unit) = (pulseWidth, .second)
    case .duty: (limit, unit) = (duty, .one)
    case .drainVoltage: (limit, unit) = (drainVoltage, .volt)
    case .pulses: (limit, unit) = (Located(Double(pulses.value), at: pulses.location), .one)
    case .charge, .lifetimePulses, .lifetimeTime, .lifetimeVoltSeconds, .conductance, .leak,
      .terminalVoltage, .compliance, .overflow:
      return nil
    }
    guard let limit, !(abs(demand.value.value) <= limit.value) else { return nil }
    return Diagnostic(
      "\(demand.what) \(Quantity(demand.value.value, unit)) exceeds the bench's limit of"
        + " \(Quantity(limit.value, unit))",
      at: demand.value.location,
      label: limit.location.map { "limit set in \($0.file):\($0.line)" } ?? "")
  }
}
