/// The digital filter of a meter: a reading is the mean or the median of several conversions.
struct AveragingFilter {
  enum Kind { case repeating, moving, median }

  private let kind: Kind
  private let count: Int
  /// The latest conversions, volts and amperes; of a repeating filter those of one reading.
  private var stack: [(volts: Double, amperes: Double)] = []

  /// Maximum number of conversions of a reading.
  private static let most = 100

  /// The filter that settings select, in the names of any family; nil if it is off.
  init?(_ settings: Settings) {
    let function = settings.list("sense.functions").first ?? "current"
    let suffix = settings["average.state"] == nil ? ".of_\(function)" : ""
    guard
      settings.isOn("average.state") || settings.isOn("average.of_\(function)")
        || settings.number("measure.filter.enable") == 1
    else { return nil }
    if settings["measure.filter.enable"] != nil {
      count = max(settings.count("measure.filter.count", most: Self.most), 1)
      kind =
        switch settings.number("measure.filter.type") {
        case 0: .moving
        case 2: .median
        default: .repeating
        }
    } else {
      count = max(settings.count("average.count\(suffix)", most: Self.most), 1)
      kind = settings.word("average.control\(suffix)") == "moving" ? .moving : .repeating
    }
  }

  /// The conversions that the next reading needs.
  var conversions: Int { kind == .repeating ? count : 1 }

  /// The reading after these conversions.
  mutating func reading(
    _ conversions: [(volts: Double, amperes: Double)]
  ) -> (volts: Double, amperes: Double) {
    if kind == .repeating { stack = [] }
    stack = (stack + conversions).suffix(count)
    return (of(stack.map(\.volts)), of(stack.map(\.amperes)))
  }

  private func of(_ values: [Double]) -> Double {
    kind == .median
      ? values.sorted()[values.count / 2] : values.reduce(0, +) / Double(values.count)
  }
}
