/// What a switch keeps for all its relays; it drives nothing by itself.
final class SwitchChannel: ChannelModel {
  var settings = Settings()

  func drive(at time: Double) -> Drive { .open }

  func edge(after time: Double) -> Double? { nil }

  func hasReset() {}

  func set(_ name: String, _ value: SettingValue) { settings[name] = value }

  func act(_ name: String) -> Bool { false }

  func answer(_ query: String) -> [SettingValue]? { nil }
}
