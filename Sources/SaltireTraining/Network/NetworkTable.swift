import SaltireCore
package import SaltireFigures

extension NetworkOutcome {
  private func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 4) }

  /// A line a network, and what its test is held against.
  package var summary: [String] {
    networks.map { network in
      "\(network.label.shownOnOneLine)  test \(number(network.testCrossEntropy)) nat, least"
        + " \(number(network.leastCrossEntropy)), training \(number(network.trainCrossEntropy)),"
        + " \(network.characters) characters, \(network.pulses) pulses"
    } + ["byte frequencies  test \(number(unigramCrossEntropy)) nat"]
  }

  /// What came of each network.
  package var table: HTMLReport.Block {
    return .table(
      HTMLTable(
        caption: "Cross-entropies in nat a character, \(vocabulary) kinds of bytes."
          + " Predicting every byte of the test by how often it occurs in the training part gives"
          + " \(number(unigramCrossEntropy)).",
        columns: [
          .init("network", alignment: .left), .init("rule", alignment: .left), .init("weights"),
          .init("characters"), .init("epochs"), .init("test"), .init("least test"),
          .init("training"), .init("right"), .init("pulses a device and character"),
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
