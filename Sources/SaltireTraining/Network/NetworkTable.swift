import SaltireCore
package import SaltireFigures

extension NetworkOutcome {
  private func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 4) }

  /// One text line for each network, and the baseline for its test.
  package var summary: [String] {
    networks.map { network in
      "\(network.label.shownOnOneLine)  test \(number(network.testCrossEntropy)) nat, lowest"
        + " \(number(network.leastCrossEntropy)), training \(number(network.trainCrossEntropy)),"
        + " \(network.characters) characters, \(network.pulses) pulses"
    } + ["byte frequencies  test \(number(unigramCrossEntropy)) nat"]
  }

  /// A table with the results of each network.
  package var table: HTMLReport.Block {
    return .table(
      HTMLTable(
        caption: "Cross-entropies in nat per character, with \(vocabulary) distinct bytes."
          + " Prediction of every test byte from the byte frequencies of the training text"
          + " gives \(number(unigramCrossEntropy)).",
        columns: [
          .init("network", alignment: .left), .init("rule", alignment: .left), .init("weights"),
          .init("characters"), .init("epochs"), .init("test"), .init("lowest test"),
          .init("training"), .init("right"), .init("pulses per device and character"),
        ],
        rows: networks.map { network in
          let devices = Double(network.weights) * Double(max(network.characters, 1))
          return [
            network.label, network.rule, "\(network.weights)", "\(network.characters)",
            number(network.epochs), number(network.testCrossEntropy),
            number(network.leastCrossEntropy), number(network.trainCrossEntropy),
            "\(number(network.accuracy * 100)) %",
            network.pulses == 0 ? "–" : number(Double(network.pulses) / devices),
          ]
        }, hasRowHeaders: true))
  }
}
