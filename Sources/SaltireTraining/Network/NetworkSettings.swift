import Foundation
import SaltireCore
import SaltireCrossbar
import SaltireDevices
import SaltireRecords

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
    _ = reader[ProtocolKeys.experiment]
    let text = reader.section(Keys.text)
    corpus = Self.corpus(text, files)
    let network = reader.section(Keys.network)
    hidden = Self.hidden(network)
    learning = LearningSettings(reader.section(LearningSettings.Keys.learning))
    // A digital network has no device; a device key for other variants is allowed.
    let device =
      learning.rule == .digital && !reader.has(Keys.device)
      ? DeviceModel(law: .constantStep, step: 1)
      : NetworkDevice.read(reader.section(Keys.device), files)
    self.device = device
    coreDevice =
      reader.optional(Keys.coreDevice).map { NetworkDevice.read($0, files) } ?? device
    let read = Self.periphery(reader)
    forward = learning.rule == .digital ? .perfect : read
    var back = forward
    back.boundManagement = .none
    backward = back

    let run = reader.section(Keys.run)
    let batch = network[Keys.batch]
    let unroll = network[Keys.unroll]
    var training = TextTraining.Settings(
      batch: batch.value, unroll: unroll.value,
      epochs: run[Keys.epochs].value,
      report: run[Keys.report].value, rates: learning.rates,
      finalRates: learning.finalRates)
    training.labelNoise = text[Keys.labelNoise].value
    training.windowDuration = run[Keys.window].value
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
    let path = reader[Keys.file]
    let train = reader[Keys.train]
    let test = reader[Keys.test]
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
    let sizes = reader[Keys.hidden]
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

  private static func periphery(_ reader: Reader) -> Periphery {
    guard let section = reader.optional(Keys.periphery) else { return .perfect }
    func converter(_ bound: Key<Double>, _ bits: Key<Int>) -> Periphery.Converter {
      Periphery.Converter(bound: section[bound].value, bits: section.optional(bits)?.value)
    }
    var periphery = Periphery(
      input: converter(PeripheryKeys.inputBound, PeripheryKeys.inputBits),
      output: converter(PeripheryKeys.outputBound, PeripheryKeys.outputBits))
    periphery.roundsAtRandom = section[PeripheryKeys.roundsAtRandom].value
    periphery.inputNoise = section[PeripheryKeys.inputNoise].value
    periphery.outputNoise = section[PeripheryKeys.outputNoise].value
    periphery.weightNoise = section[PeripheryKeys.weightNoise].value
    periphery.noiseManagement =
      switch section[PeripheryKeys.noiseManagement].value {
      case .none: .none
      case .largest: .largest()
      case .worstCase: .worstCase
      }
    periphery.assumedWeight = section[PeripheryKeys.assumedWeight].value
    periphery.boundManagement = section[PeripheryKeys.boundManagement].value
    return periphery
  }

  /// The weight to trace, chosen before training.
  private static func watch(
    _ reader: Reader, _ training: inout TextTraining.Settings, layers: [Int], _ classes: Int
  ) -> WeightTrace? {
    guard let section = reader.optional(Keys.watch) else { return nil }
    training.watchInterval = section[Keys.interval].value
    func index(_ key: Key<Int>, below count: Int) -> Int {
      let index = section[key]
      if index.value >= count {
        section.conclude(
          Diagnostic("\(key.name) is outside 0 … \(count - 1)", at: index.location))
      }
      return index.value
    }
    let layer = index(Keys.layer, below: layers.count + 1)
    let sizes = Self.layers(hidden: layers, classes: classes)[min(layer, layers.count)]
    return WeightTrace(
      layer: layer, row: index(Keys.row, below: sizes.rows),
      column: index(Keys.column, below: sizes.columns))
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
