import SaltireCore
import SaltireLearning

extension Program: CustomStringConvertible {
  /// One text line for each step, as the dry run and a divergence show it.
  public var description: String { Self.lines(steps, indent: "").joined(separator: "\n") }

  private static func lines(_ steps: [Step], indent: String) -> [String] {
    steps.flatMap { step -> [String] in
      switch step {
      case .train(let train):
        let lines = train.lines.map { line in
          "\(line.terminal) \(Quantity(line.level, .volt))\(fires(line.fires))"
        }
        return [
          indent + "pulse \(lines.joined(separator: ", "));"
            + " \(train.slots) × \(Quantity(train.width, .second))"
            + (train.gap > 0 ? " every \(Quantity(train.width + train.gap, .second))" : "")
        ]
      case .read(let reading):
        let drives = reading.drives.map { "\($0.terminal) \(Quantity($0.level, .volt))" }
        let measures = reading.measures.map(\.name).joined(separator: ", ")
        return [
          indent + "read \(measures) with \(drives.joined(separator: ", "))"
            + " for \(Quantity(reading.integration, .second))"
        ]
      case .rest(let seconds):
        return [indent + "rest \(Quantity(seconds, .second))"]
      case .repeat(let times, let body):
        return [indent + "repeat \(times) ×"] + Self.lines(body, indent: indent + "  ")
      }
    }
  }

  /// The slots as digits 1 and 0, slot 0 first.
  private static func fires(_ train: BitTrain?) -> String {
    guard let train else { return "" }
    return " [" + (0..<train.count).map { train[$0] ? "1" : "0" }.joined() + "]"
  }
}
