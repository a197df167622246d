/// The settings common to all relays of a switch; it drives nothing.
final class SwitchChannel: ChannelModel {
  var settings = Settings()

  func drive(at time: Double) -> Drive { .open }

  func edge(after time: Double) -> Double? { nil }

  func hasReset() {}

  func set(_ name: String, _ value: SettingValue) { settings[name] = value }

  func act(_ name: String) -> Bool { false }

  func answer(_ query: String) -> [SettingValue]? { nil }
}
