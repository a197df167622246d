import Foundation
import SaltireCore
import SaltireCrossbar
import SaltireDevices

/// The settings of one network, its text and its training.
struct NetworkSettings: Sendable {
  let corpus: TextCorpus
  /// The number of memory cells of each layer.
  let hidden: [Int]
  let device: DeviceModel
  let coreDevice: DeviceModel
  let learning: LearningSettings
  let forward: Periphery
  let backward: Periphery
  let training: TextTraining.Settings
  let watch: WeightTrace?

  /// Reads every key, reporting faults to the reader.
  init(_ reader: Reader, _ files: NetworkFiles) {
    _ = reader.text("experiment")
    let text = reader.section("text", required: true)
    corpus = Self.corpus(text, files)
    let network = reader.section("network", required: true)
    hidden = Self.hidden(network)
    learning = LearningSettings(reader.section("learning", required: true))
    // A digital network has no device; a device key for other variants is allowed.
    let device =
      learning.rule == .digital && !reader.has("device")
      ? DeviceModel(law: .constantStep, step: 1)
      : NetworkDevice.read(reader.section("device", required: true), files)
    self.device = device
    coreDevice =
      reader.has("core_device")
      ? NetworkDevice.read(reader.section("core_device"), files) : device
    let read = Self.periphery(reader)
    forward = learning.rule == .digital ? .perfect : read
    var back = forward
    back.boundManagement = .none
    backward = back

    let run = reader.section("run", required: true)
    let batch = network.count("batch", default: 1, in: 1...4096)
    let unroll = network.count("unroll", default: 100, in: 1...100_000)
    var training = TextTraining.Settings(
      batch: batch.value, unroll: unroll.value,
      epochs: run.count("epochs", in: 1...1_000_000).value,
      report: run.count("report", in: 1...1_000_000_000).value, rates: learning.rates,
      finalRates: learning.finalRates)
    training.labelNoise = text.number("label_noise", default: 0, in: 0...1).value
    training.windowDuration = run.quantity("window", .second, default: 0, in: 0...1e9).value
    if corpus.train.count / batch.value <= unroll.value {
      reader.conclude(
        Diagnostic(
          "\(corpus.train.count) characters are too few for \(batch.value) sequences of"
            + " \(unroll.value) steps",
          at: unroll.location,
          hints: [
            "one window of every sequence must fit: shorten the windows, or train on more text"
          ]))
    }
    watch = Self.watch(reader, &training, layers: hidden, corpus.vocabulary.count)
    self.training = training
  }

  private static func corpus(_ reader: Reader, _ files: NetworkFiles) -> TextCorpus {
    let path = reader.text("file")
    let train = reader.count("train", in: 2...1_000_000_000)
    let test = reader.count("test", in: 2...1_000_000_000)
    guard !path.value.isEmpty else { return .placeholder }
    guard let bytes = files.bytes(path, for: "text") else {
      reader.report(
        Diagnostic(
          "cannot read the text '\(path.file.path)'", at: path.location,
          hints: [
            "saltire does not include texts: give the path of yours with --set text.file=PATH",
            "the paper uses War and Peace as in Karpathy, Johnson and Li (2015), 3258246 bytes",
          ]))
      return .placeholder
    }
    do throws(TextCorpus.TooShort) {
      return try TextCorpus(bytes, train: train.value, test: test.value)
    } catch {
      reader.report(
        Diagnostic(
          "\(path.value) has \(error.bytes) bytes; text.train and text.test need \(error.needed)",
          at: train.location, hints: ["lower text.train or text.test"]))
      return .placeholder
    }
  }

  private static func hidden(_ reader: Reader) -> [Int] {
    let sizes = reader.numbers("hidden")
    for size in sizes.value where !(16...4096).contains(size) || size / 16 != (size / 16).rounded()
    {
      reader.conclude(
        Diagnostic(
          "invalid layer size: \(Quantity(size, .one)) memory cells", at: sizes.location,
          hints: ["a layer has 16 to 4096 cells, a multiple of 16"]))
      return sizes.value.map { _ in 16 }
    }
    if sizes.value.isEmpty {
      reader.conclude(Diagnostic("a network needs a hidden layer", at: sizes.location))
    }
    return sizes.value.map { Int($0) }
  }

  private enum Management: String, CaseIterable, Sendable {
    case none
    case largest
    case worstCase = "worst-case"
  }

  private static func periphery(_ reader: Reader) -> Periphery {
    guard reader.has("periphery") else { return .perfect }
    let section = reader.section("periphery")
    func converter(_ name: String) -> Periphery.Converter {
      Periphery.Converter(
        bound: section.number("\(name)_bound", in: 1e-6...1e9).value,
        bits: section.has("\(name)_bits")
          ? section.count("\(name)_bits", in: 2...24).value : nil)
    }
    var periphery = Periphery(input: converter("input"), output: converter("output"))
    periphery.roundsAtRandom = section.flag("stochastic_rounding", default: false).value
    periphery.inputNoise = section.number("input_noise", default: 0, in: 0...1e3).value
    periphery.outputNoise = section.number("output_noise", default: 0, in: 0...1e3).value
    periphery.weightNoise = section.number("weight_noise", default: 0, in: 0...1e3).value
    let management = section.choice("noise_management", default: Management.largest).value
    periphery.noiseManagement =
      switch management {
      case .none: .none
      case .largest: .largest()
      case .worstCase: .worstCase
      }
    periphery.assumedWeight = section.number("assumed_weight", default: 0.6, in: 1e-6...1e6).value
    periphery.boundManagement =
      section.choice("bound_management", default: Periphery.BoundManagement.iterative).value
    return periphery
  }

  /// The weight to trace, chosen before training.
  private static func watch(
    _ reader: Reader, _ training: inout TextTraining.Settings, layers: [Int], _ classes: Int
  ) -> WeightTrace? {
    guard reader.has("watch") else { return nil }
    let section = reader.section("watch")
    training.watchInterval = section.count("interval", default: 1, in: 1...1_000_000).value
    func index(_ key: String, below count: Int) -> Int {
      let index = section.count(key)
      if index.value >= count {
        section.conclude(
          Diagnostic("\(key) is outside 0 … \(count - 1)", at: index.location))
      }
      return index.value
    }
    let layer = index("layer", below: layers.count + 1)
    let sizes = Self.layers(hidden: layers, classes: classes)[min(layer, layers.count)]
    return WeightTrace(
      layer: layer, row: index("row", below: sizes.rows),
      column: index("column", below: sizes.columns))
  }

  static func layers(hidden: [Int], classes: Int) -> [Layer] {
    var inputs = classes
    var layers: [Layer] = []
    for size in hidden {
      layers.append(Layer(.longShortTermMemory, inputs: inputs, outputs: size))
      inputs = size
    }
    return layers + [Layer(.dense(.identity), inputs: inputs, outputs: classes)]
  }
}
