public import SaltireCore
import SaltireCrossbar
import SaltireDevices
import SaltireRecords

extension NetworkProtocol {
  /// The keys of a protocol that trains networks.
  public static let keys: [any DeclaredKey] =
    [ProtocolKeys.experiment] + NetworkSettings.Keys.all + [VariantKeys.variants]

  enum VariantKeys {
    static let variants = SectionKey.list(
      "variants", absent: "one network",
      "Networks that differ by settings, trained one after the other.", [label, set])
    static let label = Key.text(
      "label", "Name of the curve, and of `--variant`; once a protocol.")
    static let set = SectionKey(
      "set", "What `--set` would set: `{ learning.rule: sgd, device.asymmetry: 0 }`.", [setting])
    static let setting = Key.text("PATH", form: "value", absent: "", "The value of the key there.")
  }
}

extension NetworkSettings {
  enum Keys {
    static let all: [any DeclaredKey] = [
      text, network, device, coreDevice, periphery, LearningSettings.Keys.learning, run, watch,
    ]

    static let text = SectionKey(
      "text", "What the network learns.", [file, train, test, labelNoise])
    static let file = Key.text("file", form: "path", "The text, at most 1 GiB.")
    static let train = Key.count("train", in: 2...1_000_000_000, "Its first bytes, to learn.")
    static let test = Key.count("test", in: 2...1_000_000_000, "Bytes after them, to test.")
    static let labelNoise = Key.number(
      "label_noise", in: 0...1, default: 0, "Fraction of targets that are replaced by any byte.")

    static let network = SectionKey("network", "The network.", [hidden, unroll, batch])
    static let hidden = Key.numbers(
      "hidden", form: "list of 16 … 4096, multiples of 16", "Memory cells of each layer.")
    static let unroll = Key.count(
      "unroll", in: 1...100_000, default: 100, "Steps that errors go back through.")
    static let batch = Key.count("batch", in: 1...4096, default: 1, "Sequences at once.")

    static let device = SectionKey(
      "device", when: "with rules other than `digital`", "What the arrays are made of.",
      NetworkDevice.keys)
    static let coreDevice = SectionKey(
      "core_device", absent: "`device`", "What array C is made of, where it differs.",
      NetworkDevice.keys)

    static let periphery = SectionKey(
      "periphery", absent: "perfect reads",
      "Converters and noise of forward and backward reads, in weight units.", PeripheryKeys.all)

    static let run = SectionKey("run", "How long it learns.", [epochs, report, window])
    static let epochs = Key.count(
      "epochs", in: 1...1_000_000, "Passes over the training bytes.")
    static let report = Key.count(
      "report", in: 1...1_000_000_000, "Bytes between points of the learning curve.")
    static let window = Key.quantity(
      "window", .second, in: 0...1e9, default: 0,
      "Time that a window of training takes, for devices that age.")

    static let watch = SectionKey(
      "watch", absent: "none",
      "One weight to record while the network learns, chosen beforehand.",
      [layer, row, column, interval])
    static let layer = Key.count("layer", "Hidden layers from 0, then the output layer.")
    static let row = Key.count("row", "Its row in the layer's array, from 0.")
    static let column = Key.count("column", "Its column in the layer's array, from 0.")
    static let interval = Key.count(
      "interval", in: 1...1_000_000, default: 1, "Windows between two records.")
  }

  /// Converters and noise, in weight units.
  enum PeripheryKeys {
    static let all: [any DeclaredKey] = [
      inputBound, outputBound, inputBits, outputBits, roundsAtRandom, inputNoise, outputNoise,
      weightNoise, noiseManagement, assumedWeight, boundManagement,
    ]
    static let inputBound = bound("input")
    static let outputBound = bound("output")
    static let inputBits = bits("input")
    static let outputBits = bits("output")
    static let roundsAtRandom = Key.flag(
      "stochastic_rounding", default: false, "Inputs are rounded up or down at random.")
    static let inputNoise = noise("input")
    static let outputNoise = noise("output")
    static let weightNoise = noise("weight")
    static let noiseManagement = Key.choice(
      "noise_management", default: Management.largest, "What inputs are divided by.")
    static let assumedWeight = Key.number(
      "assumed_weight", in: 1e-6...1e6, default: 0.6, when: "with `noise_management: worst-case`",
      "Largest weight that is assumed.")
    static let boundManagement = Key.choice(
      "bound_management", default: Periphery.BoundManagement.iterative,
      "What is done about outputs beyond the bound.")

    private static func bound(_ side: String) -> Key<Double> {
      .number("\(side)_bound", in: 1e-6...1e9, "An \(side) beyond is clipped.")
    }

    private static func bits(_ side: String) -> Key<Int> {
      .count(
        "\(side)_bits", in: 2...24, absent: "unlimited", "Resolution of the \(side) converter.")
    }

    private static func noise(_ what: String) -> Key<Double> {
      .number(
        "\(what)_noise", in: 0...1e3, default: 0, "Standard deviation of the \(what) noise.")
    }
  }

  enum Management: String, CaseIterable, Sendable {
    case none
    case largest
    case worstCase = "worst-case"
  }
}
