import SaltireCore
import SaltireFigures
import SaltireTraining

extension SessionReport {
  /// What came of each network.
  func networkTable(_ outcome: NetworkOutcome) -> HTMLReport.Block {
    func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 4) }
    return .table(
      HTMLTable(
        caption: "Cross-entropies in nat a character, \(outcome.vocabulary) kinds of bytes."
          + " Predicting every byte of the test by how often it occurs in the training part gives"
          + " \(number(outcome.unigramCrossEntropy)).",
        columns: [
          .init("network", alignment: .left), .init("rule", alignment: .left), .init("weights"),
          .init("characters"), .init("epochs"), .init("test"), .init("least test"),
          .init("training"), .init("right"), .init("pulses a device and character"),
        ],
        rows: outcome.networks.map { network in
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
