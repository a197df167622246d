/// What a setting holds.
enum SettingValue: Equatable {
  case number(Double)
  /// By its meaning, not by an instrument's spelling.
  case word(String)
  case list([String])
  case text(String)
}

/// Why a channel refuses a setting or an action, in the words of no dialect.
enum ChannelFault: Error, Equatable {
  /// Beyond what the instrument can do.
  case outOfRange
  /// A limit that the range in use cannot resolve.
  case belowRange
  /// Contradicts another setting, and what it is about.
  case conflict(String)
  /// Needs the output on.
  case outputOff
  /// More than one message may ask of a simulated lab.
  case exhausted
}

/// The settings of one channel, or of an instrument as a whole.
struct Settings {
  private var values: [String: SettingValue] = [:]

  subscript(name: String) -> SettingValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// 0 where there is no such number.
  func number(_ name: String) -> Double {
    if case .number(let value)? = values[name] { value } else { 0 }
  }

  /// A number as a count: 0 below, and no more than `most`.
  func count(_ name: String, most: Int) -> Int { Int(min(max(number(name), 0), Double(most))) }

  func word(_ name: String) -> String {
    if case .word(let value)? = values[name] { value } else { "" }
  }

  func list(_ name: String) -> [String] {
    if case .list(let value)? = values[name] { value } else { [] }
  }

  func isOn(_ name: String) -> Bool { word(name) == "on" }
}

/// The state machine behind one channel, the same for every dialect.
protocol ChannelModel: CircuitChannel {
  /// As a reset leaves it.
  var settings: Settings { get set }

  /// Brings a setting to a value, with all that follows from it.
  func set(_ name: String, _ value: SettingValue) throws(ChannelFault)

  /// Does something by name; whether there is such an action.
  func act(_ name: String) throws(ChannelFault) -> Bool

  /// Answers something that is no setting; nil where there is none of the name.
  func answer(_ query: String) throws(ChannelFault) -> [SettingValue]?

  /// What the settings become together after a reset.
  func hasReset()

  /// What it measured since this was asked last: bits of a measurement event
  /// register.
  func takeEvents() -> Int

  /// A trigger at the instrument's external input.
  func externalTrigger()
}

extension ChannelModel {
  func takeEvents() -> Int { 0 }

  func externalTrigger() {}
}
