/// The enabled measurement functions of a source meter that switches them individually: the
/// settings `sense.functions.on` and `.off` (B2910-90030, SENSe:FUNCtion).
enum SenseFunctions {
  private static let all = ["voltage", "current", "resistance"]

  /// The resulting settings; nil if `name` is none of these.
  static func settings(
    of name: String, _ value: SettingValue, before: Settings
  ) -> [String: SettingValue]? {
    guard case .list(let named) = value else { return nil }
    var on = Set(before.list("sense.functions"))
    switch name {
    case "sense.functions.on": on.formUnion(named)
    case "sense.functions.off": on.subtract(named)
    default: return nil
    }
    return [
      "sense.functions": .list(all.filter(on.contains)),
      "sense.functions.on": .list(all.filter(on.contains)),
      "sense.functions.off": .list(all.filter { !on.contains($0) }),
    ]
  }
}
