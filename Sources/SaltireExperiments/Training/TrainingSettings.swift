import SaltireAnalysis
import SaltireCore
import SaltireLearning
import SaltirePrograms

/// How samples are drawn and used for training: the settings that SHD and SGD have in common.
struct TrainingSettings: Sendable {
  /// How inputs are drawn.
  enum Inputs: String, CaseIterable, Sendable {
    /// Uniform in (−1, 1).
    case uniform
    /// −1 or 1.
    case sign

    /// ⟨x²⟩.
    var power: Double { self == .uniform ? 1.0 / 3 : 1 }
  }

  /// The conductance that represents weight zero.
  enum Reference: String, CaseIterable, Sendable {
    /// The symmetry point from zero-shifting.
    case zeroShift = "zero-shift"
    /// The middle of the window that the swords covered, for devices without a symmetry point.
    case midWindow = "mid-window"
  }

  let pulses: PulseSettings
  let swords: SwordsSettings
  let zeroShift: ZeroShiftSettings
  let reference: Reference
  /// Optima, weight units.
  let targets: [Double]
  private let targetLocation: SourceLocation?
  /// σ_γ: standard deviation of the label noise, weight units.
  let noise: Double
  let inputs: Inputs
  let samples: Int
  /// The number of samples between monitoring reads.
  let monitor: Int

  enum Keys {
    static let all: [any DeclaredKey] =
      PulseSettings.Keys.all + [
        SwordsSettings.Keys.swords, ZeroShiftSettings.Keys.zeroShift, targets, noise, samples,
        inputs, monitor, reference,
      ]
    static let targets = Key.numbers(
      "target",
      "Optima in weight units: one per device of `core`, or with one parameter as many as you like."
    )
    static let noise = Key.number(
      "noise", in: 0...100, "Standard deviation of the labels' noise, weight units.")
    static let samples = Key.count("samples", in: 1...100_000_000, "Training samples.")
    static let inputs = Key.choice(
      "inputs", default: Inputs.uniform, "Inputs are drawn from (−1, 1), or are −1 or 1.")
    static let monitor = Key.count(
      "monitor", in: 1...1_000_000, default: 10,
      "Samples between reads of all devices; training never sees them.")
    static let reference = Key.choice(
      "reference", default: Reference.zeroShift,
      "What a weight of zero is; `mid-window` for devices without a symmetry point.")
  }

  init(_ reader: Reader) {
    pulses = PulseSettings(reader)
    swords = SwordsSettings(reader)
    zeroShift = ZeroShiftSettings(reader)
    reference = reader[Keys.reference].value
    let targets = reader[Keys.targets]
    self.targets = targets.value
    targetLocation = targets.location
    noise = reader[Keys.noise].value
    inputs = reader[Keys.inputs].value
    samples = reader[Keys.samples].value
    monitor = reader[Keys.monitor].value
  }

  /// The demands of a run that are known in advance. The number of training pulses is not, because
  /// it depends on the samples.
  func demands(on sites: [Wiring.Site]) -> [Demand] {
    // Half of each pulse is applied to the rows.
    let halves = [pulses.up, pulses.down].map {
      Demand(.terminalVoltage, Located($0.value / 2, at: $0.location), "half of the pulse")
    }
    return pulses.demands(on: sites) + pulses.trainDemands(on: sites) + halves
      + [swords.demand(devices: sites.count)]
  }

  /// Reports an error if the number of targets differs from the number of devices.
  func expectTargets(for devices: [Wiring.Site], _ reader: Reader) {
    guard targets.count != devices.count else { return }
    reader.conclude(
      Diagnostic(
        "\(targets.count) targets for \(devices.count) devices in array C", at: targetLocation,
        hints: ["give one target for each device"]))
  }

  /// Draws a sample: inputs and the noise of its label.
  func draw(_ count: Int, _ random: inout RandomStream) -> (inputs: [Double], noise: Double) {
    let x = (0..<count).map { _ in
      switch inputs {
      case .uniform: random.uniform(-1, 1)
      case .sign: random.uniform() < 0.5 ? -1.0 : 1.0
      }
    }
    return (x, noise > 0 ? noise * random.normal() : 0)
  }
}

/// A learning rate and its pulse trains: a protocol's `fast` or `core` section.
struct ArraySettings: Sendable {
  /// The devices, one for each parameter.
  let sites: [Wiring.Site]
  let rate: Double
  let management: UpdateManagement

  enum Keys {
    static let fast = SectionKey("fast", "Array A, which gathers the gradient.", array)
    static let core = SectionKey("core", "Array C, which holds the weights.", array)
    static let array: [any DeclaredKey] = [devices, rate, train]
    static let devices = Key.texts(
      "devices", form: "list", "The array's devices, one per parameter; they must share a row.")
    static let rate = Key.number("rate", in: 1e-9...1e3, "Learning rate.")
    static let train = Key.count("train", in: 1...1_000_000, "Longest pulse train, in slots.")
  }

  /// Reads the section `key`, whose devices must share a row.
  init(_ reader: Reader, _ key: SectionKey, wiring: Wiring) {
    let section = reader.section(key)
    let names = section[Keys.devices]
    sites = names.value.compactMap { section.site(named: $0, in: wiring) }
    rate = section[Keys.rate].value
    management = UpdateManagement(maximumLength: section[Keys.train].value)
    if names.value.isEmpty {
      section.conclude(Diagnostic("an array needs at least one device", at: names.location))
    }
    for (index, name) in names.value.enumerated()
    where names.value[..<index].contains(where: { $0.value == name.value }) {
      section.report(
        Diagnostic("the device \(name.value) is used twice in its array", at: name.location))
    }
    if Set(sites.map(\.row)).count > 1 {
      section.conclude(
        Diagnostic(
          "the devices of an array must share a row", at: names.location,
          hints: ["an update pulses one row line and the gates of its columns"]))
    }
  }
}
