/// The skeleton of a definition and of its exchange file, for a new family.
///
/// Both are valid, and a simulated instrument gives the replies of the exchanges. The contents
/// follow the standard (SCPI-99) or a typical generator; every line that depends on the manual is
/// marked.
public struct Scaffold: Sendable {
  /// Marks a line that must be filled in.
  public static let mark = "FILL IN"

  /// The definition, as YAML.
  public let definition: String
  /// The exchanges.
  public let exchanges: String

  /// - Parameters:
  ///   - vendor: the folder.
  ///   - model: the first model, as its identity names it.
  ///   - role: a role of SCPI instruments; the result is nil for a switch.
  public init?(vendor: String, model: String, role: Definition.Role) {
    let head = """
      # \(vendor) \(model).
      # Source: \(Self.mark): the manual's title and part number; the lines of the
      # .exchanges file beside this one say which page.
      title: \(vendor) \(model) # \(Self.mark): as the maker calls the family
      dialect: scpi
      role: \(role.rawValue)
      terminator: LF # \(Self.mark): CR or LF on its serial port
      error_queue: 20 # \(Self.mark): how many errors it keeps

      # \(Self.mark): the vendor and product of its USB port, from 'saltire list':
      # usb: { ids: ["05E6:2450"] }

      identity:
        manufacturers: [\(vendor)] # \(Self.mark): the first field of its *IDN?
        model: "{model}" # \(Self.mark): its second field
        reply: "\(vendor),{model},{serial},1.0" # \(Self.mark): all of it

      """
    let citation = "[\(Self.mark), unverified: the page that says so]"
    switch role {
    case .sourceMeter:
      definition = head + Self.sourceMeter(model)
      exchanges = Self.sourceMeterExchanges(vendor, model, citation)
    case .pulseSource:
      definition = head + Self.pulseSource(model)
      exchanges = Self.pulseSourceExchanges(vendor, model, citation)
    case .switch: return nil
    }
  }

  private static func sourceMeter(_ model: String) -> String {
    """
    models:
      # \(mark): every model, its channels and its ranges
      \(model): { channels: ["1"], voltage_ranges: [2 V, 20 V], current_ranges: [1 uA, 10 uA, 100 uA, 1 mA], numbers: { volts: 20, amperes: 1e-3 } }

    # \(mark): what ends whatever it runs
    abort: [":ABOR"]

    # \(mark): whatever else a run depends on: how it is off, sense, filters, delays.
    arm:
      - { set: ":SOUR:FUNC VOLT", get: ":SOUR:FUNC?", is: "VOLT" }
      - { set: ":SOUR:VOLT:RANG {voltage_range}", get: ":SOUR:VOLT:RANG?", is: "{voltage_range}" }
      - { set: ":SOUR:VOLT 0", get: ":SOUR:VOLT?", is: "0" }
      - { set: ":SENS:CURR:RANG {current_range}", get: ":SENS:CURR:RANG?", is: "{current_range}" }
      - { set: ":SENS:CURR:PROT {current}", get: ":SENS:CURR:PROT?", is: "{current}" }

    verbs:
      on: ":OUTP ON"
      off: ":OUTP OFF"
      level: ":SOUR:VOLT {level}"
      integration: ":SENS:CURR:NPLC {cycles}"
      safe: ":SOUR:VOLT 0"

    queries:
      output: ":OUTP?"
      off: "0"
      current: ":MEAS:CURR?"
      tripped: ":SENS:CURR:PROT:TRIP?"

    # \(mark): its commands as the manual prints them, with bounds and the values after
    # a reset; some 60 or more.
    tree:
      ":SOURce:FUNCtion[:MODE]": { setting: source.function, words: { VOLTage: voltage, CURRent: current } }
      ":SOURce:VOLTage[:LEVel][:IMMediate][:AMPLitude]": { setting: source.level.voltage, min: -20, max: volts }
      ":SOURce:VOLTage:RANGe": { setting: source.range.voltage, min: 0, max: volts, initial: 2 }
      "[:SENSe]:CURRent[:DC]:RANGe[:UPPer]": { setting: measure.range.current, min: 0, max: amperes, initial: 1e-3 }
      "[:SENSe]:CURRent[:DC]:NPLCycles": { setting: measure.nplc, min: 0.01, max: 10, initial: 1 }
      "[:SENSe]:CURRent[:DC]:PROTection[:LEVel]": { setting: limit.current, min: 1e-9, max: amperes, initial: 1e-4 }
      "[:SENSe]:CURRent[:DC]:PROTection:TRIPped": { query: tripped }
      "[:SENSe]:FUNCtion[:ON]": { setting: sense.functions, list: quoted, words: { "CURRent:DC": current }, initial: current }
      ":OUTPut[:STATe]": { setting: output, flag: yes }
      ":MEASure:CURRent[:DC]": { query: spot, elements: { CURRent: current } }
      ":ABORt": { action: nothing }
      ":SYSTem:ERRor[:NEXT]": { query: next_error }

    """
  }

  private static func sourceMeterExchanges(
    _ vendor: String, _ model: String, _ citation: String
  ) -> String {
    """
    # \(vendor) \(model) on the wire, one megohm on its terminals. \(mark): at least twenty
    # exchanges that a manual prints.

    model \(model)
    \(citation)
    > *IDN?
    < \(vendor),\(model),{serial},{firmware}
    > :SYST:ERR?
    < 0,"No error"
    verb arm voltage_range=2 current_range=1e-05 current=5e-06
    > :SOUR:FUNC VOLT
    > :SOUR:FUNC?
    < VOLT
    > :SOUR:VOLT:RANG 2
    > :SOUR:VOLT:RANG?
    <~ 2
    > :SOUR:VOLT 0
    > :SOUR:VOLT?
    <~ 0
    > :SENS:CURR:RANG 1e-05
    > :SENS:CURR:RANG?
    <~ 1e-5
    > :SENS:CURR:PROT 5e-06
    > :SENS:CURR:PROT?
    <~ 5e-6
    verb integration cycles=1
    > :SENS:CURR:NPLC 1
    verb on
    > :OUTP ON
    verb output
    > :OUTP?
    < 1
    verb level level=0.5
    > :SOUR:VOLT 0.5
    verb current
    > :MEAS:CURR?
    <~ 5e-7
    verb tripped
    > :SENS:CURR:PROT:TRIP?
    < 0
    verb safe
    > :SOUR:VOLT 0
    verb off
    > :OUTP OFF

    """
  }

  private static func pulseSource(_ model: String) -> String {
    """
    models:
      # \(mark): every model, its channels, and what it puts out into an open circuit
      \(model): { channels: ["1"], voltage_ranges: [10 V], numbers: { width_min: 16e-9, least: 0.05 } }

    # \(mark): what ends whatever it runs
    abort: [":ABOR"]

    # The load before any level: a gate takes no current. \(mark): its own limits of
    # voltage, which every line below them is held to; how a burst idles.
    arm:
      - { set: ":SOUR{ch}:BURS:STAT OFF", get: ":SOUR{ch}:BURS:STAT?", is: "0" }
      - { set: ":OUTP{ch}:LOAD INF", get: ":OUTP{ch}:LOAD?", is: "+9.900000E+37" }
      - { set: ":SOUR{ch}:FUNC PULS", get: ":SOUR{ch}:FUNC?", is: "PULS" }
      - { set: ":SOUR{ch}:VOLT:LOW 0", get: ":SOUR{ch}:VOLT:LOW?", is: "0" }
      - { set: ":SOUR{ch}:VOLT:LIM:HIGH {voltage}", get: ":SOUR{ch}:VOLT:LIM:HIGH?", is: "{voltage}" }
      - { set: ":SOUR{ch}:PULS:PER {period}", get: ":SOUR{ch}:PULS:PER?", is: "{period}" }
      - { set: ":SOUR{ch}:PULS:WIDT {width}", get: ":SOUR{ch}:PULS:WIDT?", is: "{width}" }
      - { set: ":SOUR{ch}:BURS:STAT ON", get: ":SOUR{ch}:BURS:STAT?", is: "1" }

    verbs:
      on: ":OUTP{ch} ON"
      off: ":OUTP{ch} OFF"
      up: [":SOUR{ch}:VOLT:LOW -{least}", ":OUTP{ch}:POL NORM", ":SOUR{ch}:VOLT:HIGH {level}", ":SOUR{ch}:VOLT:LOW 0"]
      down: [":SOUR{ch}:VOLT:HIGH {least}", ":OUTP{ch}:POL INV", ":SOUR{ch}:VOLT:LOW {level}", ":SOUR{ch}:VOLT:HIGH 0"]
      width: [":SOUR{ch}:PULS:WIDT MIN", ":SOUR{ch}:PULS:PER {period}", ":SOUR{ch}:PULS:WIDT {width}"]
      trigger: ":TRIG{ch}"
      safe: ":SOUR{ch}:BURS:STAT ON"

    queries:
      output: ":OUTP{ch}?"
      off: "0"

    # \(mark): its commands as the manual prints them, with bounds and the values after
    # a reset; some 60 or more.
    tree:
      "[:SOURce[1|2]]:FUNCtion[:SHAPe]": { setting: function, words: { SINusoid: sinusoid, SQUare: square, PULSe: pulse, DC: dc } }
      "[:SOURce[1|2]]:PULSe:PERiod": { setting: period, min: 1e-7, max: 1e6, initial: 1e-3 }
      "[:SOURce[1|2]]:PULSe:WIDTh": { setting: pulse.width, min: width_min, max: 1e6, initial: 1e-4 }
      "[:SOURce[1|2]]:VOLTage[:LEVel][:IMMediate]:HIGH": { setting: level.high, min: -10, max: 10, initial: 0.05 }
      "[:SOURce[1|2]]:VOLTage[:LEVel][:IMMediate]:LOW": { setting: level.low, min: -10, max: 10, initial: -0.05 }
      "[:SOURce[1|2]]:VOLTage:LIMit:HIGH": { setting: limit.high, min: -10, max: 10, initial: 10 }
      "[:SOURce[1|2]]:BURSt:STATe": { setting: burst.state, flag: yes }
      "[:SOURce[1|2]]:BURSt:NCYCles": { setting: burst.cycles, min: 1, max: 1e6, initial: 1 }
      ":OUTPut[1|2][:STATe]": { setting: output, flag: yes }
      ":OUTPut[1|2]:LOAD": { setting: load, min: 1, max: 10e3, infinite: yes, initial: 50 }
      ":OUTPut[1|2]:POLarity": { setting: polarity, words: { NORMal: normal, INVerted: inverted } }
      ":TRIGger[1|2]": { action: trigger }
      ":ABORt": { action: abort }
      ":SYSTem:ERRor[:NEXT]": { query: next_error }

    """
  }

  private static func pulseSourceExchanges(
    _ vendor: String, _ model: String, _ citation: String
  ) -> String {
    """
    # \(vendor) \(model) on the wire. \(mark): at least twenty exchanges that a manual prints.

    model \(model)
    \(citation)
    > *IDN?
    < \(vendor),\(model),{serial},{firmware}
    > :SYST:ERR?
    < 0,"No error"
    verb arm ch=1 voltage=5 width=0.001 period=0.002
    > :SOUR1:BURS:STAT OFF
    > :SOUR1:BURS:STAT?
    < 0
    > :OUTP1:LOAD INF
    > :OUTP1:LOAD?
    < +9.900000E+37
    > :SOUR1:FUNC PULS
    > :SOUR1:FUNC?
    < PULS
    > :SOUR1:VOLT:LOW 0
    > :SOUR1:VOLT:LOW?
    <~ 0
    > :SOUR1:VOLT:LIM:HIGH 5
    > :SOUR1:VOLT:LIM:HIGH?
    <~ 5
    > :SOUR1:PULS:PER 0.002
    > :SOUR1:PULS:PER?
    <~ 0.002
    > :SOUR1:PULS:WIDT 0.001
    > :SOUR1:PULS:WIDT?
    <~ 0.001
    > :SOUR1:BURS:STAT ON
    > :SOUR1:BURS:STAT?
    < 1
    verb safe ch=1
    > :SOUR1:BURS:STAT ON
    verb on ch=1
    > :OUTP1 ON
    verb output ch=1
    > :OUTP1?
    < 1
    verb width ch=1 width=0.01 period=0.0101
    > :SOUR1:PULS:WIDT MIN
    > :SOUR1:PULS:PER 0.0101
    > :SOUR1:PULS:WIDT 0.01
    verb up ch=1 level=3 least=0.05
    > :SOUR1:VOLT:LOW -0.05
    > :OUTP1:POL NORM
    > :SOUR1:VOLT:HIGH 3
    > :SOUR1:VOLT:LOW 0
    verb down ch=1 level=-3 least=0.05
    > :SOUR1:VOLT:HIGH 0.05
    > :OUTP1:POL INV
    > :SOUR1:VOLT:LOW -3
    > :SOUR1:VOLT:HIGH 0
    verb trigger ch=1
    > :TRIG1
    verb off ch=1
    > :OUTP1 OFF

    """
  }
}
