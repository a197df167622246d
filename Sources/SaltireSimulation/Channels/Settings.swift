/// The value of a setting.
enum SettingValue: Equatable {
  case number(Double)
  /// The meaning, not an instrument's spelling.
  case word(String)
  case list([String])
  case text(String)
}

/// Why a channel rejects a setting or an action, independent of dialects.
enum ChannelFault: Error, Equatable {
  /// Beyond the range of the instrument.
  case outOfRange
  /// A limit that the present range cannot resolve.
  case belowRange
  /// In conflict with another setting, and which.
  case conflict(String)
  /// Requires the output to be on.
  case outputOff
  /// It waits for a trigger, without a reply, until it is aborted.
  case waiting
  /// Exceeds the work that one message may cause in a simulated lab.
  case exhausted
}

/// The settings of one channel or of the whole instrument.
struct Settings {
  private var values: [String: SettingValue] = [:]

  subscript(name: String) -> SettingValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// 0 if there is no such number.
  func number(_ name: String) -> Double {
    if case .number(let value)? = values[name] { value } else { 0 }
  }

  /// A number as a count, limited to 0 … `most`.
  func count(_ name: String, most: Int) -> Int { Int(min(max(number(name), 0), Double(most))) }

  func word(_ name: String) -> String {
    if case .word(let value)? = values[name] { value } else { "" }
  }

  func list(_ name: String) -> [String] {
    if case .list(let value)? = values[name] { value } else { [] }
  }

  func isOn(_ name: String) -> Bool { word(name) == "on" }
}

/// The state machine of one channel, the same for every dialect.
protocol ChannelModel: CircuitChannel {
  /// The settings after a reset.
  var settings: Settings { get set }

  /// Sets a value and everything that depends on it.
  func set(_ name: String, _ value: SettingValue) throws(ChannelFault)

  /// Performs an action; returns whether it exists.
  func act(_ name: String) throws(ChannelFault) -> Bool

  /// Answers a query that is not a setting; nil if there is none of this name.
  func answer(_ query: String) throws(ChannelFault) -> [SettingValue]?

  /// Updates dependent settings after a reset.
  func hasReset()

  /// Events since the last call: bits of a measurement event register.
  func takeEvents() -> Int

  /// A trigger at the external input of the instrument.
  func externalTrigger()
}

extension ChannelModel {
  func takeEvents() -> Int { 0 }

  func externalTrigger() {}
}
