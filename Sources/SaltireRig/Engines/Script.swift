import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// Actions on one instrument as a script that runs inside it (TSP): the script does loops, delays
/// and readings, and one reply returns all readings.
///
/// A reading in compliance ends the script, with every level at 0 V.
struct Script {
  private let actions: [Action]
  /// The terminals whose readings are checked, by their number in the script.
  private var places: [Terminal] = []
  private var body: [String] = []
  private let statement: Double
  /// Approximate duration, in seconds.
  let seconds: Double

  /// - Parameters:
  ///   - actions: all on one instrument.
  ///   - safe: the commands that bring all its levels to 0 V.
  init(_ actions: [Action], safe: [Line], statement: Double) {
    self.actions = actions
    self.statement = statement
    seconds = actions.reduce(0) { $0 + $1.seconds(statement: statement) }
    let commands = safe.map(\.text)
    body = [
      "loadandrunscript", "saltire_r,saltire_n,saltire_x={},0,0",
      "local function m(i,c,k) saltire_n=saltire_n+1 saltire_r[saltire_n]=i"
        + " if c then saltire_x=k end return c end",
      "local function s() \(commands.joined(separator: " ")) end",
      "local function w(t) t=t-timer.measure.t() if t>0 then delay(t) end end",
    ]
    for action in actions.dropLast() { add(action) }
    if case .wait(let seconds)? = actions.last {
      body.append("delay(\(LiveBench.text(seconds)))")
    } else if let last = actions.last {
      add(last)
    }
    body.append("endscript")
  }

  var text: String { body.joined(separator: "\n") }

  /// Queries of the results: the number of readings, and where one was in compliance (0 for none).
  static let questions: [Line] = [.query("saltire_n"), .query("saltire_x")]

  /// The query that returns the first `count` readings as a block of 4-byte numbers.
  static func answer(_ count: Int) -> String {
    "format.data=format.REAL32 format.byteorder=format.LITTLEENDIAN"
      + " printbuffer(1,\(count),saltire_r) format.data=format.ASCII"
  }

  /// The number of places at which it may end early.
  var checks: Int { places.count }

  /// The terminal with this number in the script.
  func place(_ number: Int) -> Terminal? {
    places.indices.contains(number - 1) ? places[number - 1] : nil
  }

  /// The terminals of its readings, in order.
  var terminals: [Terminal] { actions.flatMap(\.measured) }

  // MARK: Text

  private mutating func add(_ action: Action) {
    switch action {
    // The following statement takes time too. A delay of 0 s is an error in TSP.
    case .wait(let seconds):
      if seconds > statement { body.append("delay(\(LiveBench.text(seconds - statement)))") }
    case .fire(let firing): body += (firing.line?.lines ?? []).map(\.text)
    case .mark: body.append("timer.reset()")
    case .until(let time, _): body.append("w(\(LiveBench.text(time)))")
    case .loop(let times, let actions, _):
      body.append("for _=1,\(times) do")
      for action in actions { add(action) }
      body.append("end")
    case .operations(let operations): for operation in operations { add(operation) }
    }
  }

  private mutating func add(_ operation: Operation) {
    let texts = operation.lines.map(\.text)
    switch operation.kind {
    case .measure:
      places.append(operation.output.terminal)
      body.append("if m(\(texts[0]),\(texts[1]),\(places.count)) then s() return end")
    case .compliance:
      places.append(operation.output.terminal)
      body.append("if \(texts[0]) then saltire_x=\(places.count) s() return end")
    default: body += texts
    }
  }
}

extension Action {
  /// Whether all of it uses only `instrument`.
  func belongs(to instrument: Instrument) -> Bool {
    switch self {
    case .wait, .mark, .until: true
    case .operations(let operations):
      operations.allSatisfy { $0.output.instrument === instrument }
    case .fire(let firing):
      firing.line.map { $0.fire != nil && $0.instrument === instrument } ?? false
    case .loop(_, let body, _): body.allSatisfy { $0.belongs(to: instrument) }
    }
  }

  /// The terminals that it measures, in order.
  var measured: [Terminal] {
    switch self {
    case .wait, .mark, .until, .fire: return []
    case .operations(let operations):
      return operations.filter(\.isMeasurement).map(\.output.terminal)
    case .loop(let times, let body, _):
      let once = body.flatMap(\.measured)
      return (0..<times).flatMap { _ in once }
    }
  }

  /// The number of readings.
  var readings: Int {
    switch self {
    case .wait, .mark, .until, .fire: 0
    case .operations(let operations): operations.count(where: \.isMeasurement)
    case .loop(let times, let body, _): times * body.reduce(0) { $0 + $1.readings }
    }
  }

  /// Whether it contains waits or loops.
  var isTimed: Bool {
    switch self {
    case .operations, .fire: false
    case .wait, .loop, .mark, .until: true
    }
  }

  /// The number of script lines.
  var lines: Int {
    switch self {
    case .wait, .mark, .until, .fire: 1
    case .operations(let operations): operations.reduce(0) { $0 + $1.lineCount }
    case .loop(_, let body, _): 2 + body.reduce(0) { $0 + $1.lines }
    }
  }

  /// The duration, for a given duration of a statement.
  func seconds(statement: Double) -> Double {
    switch self {
    case .wait(let seconds), .until(_, in: let seconds): seconds + statement
    case .mark, .fire: statement
    case .operations(let operations):
      operations.reduce(0) { $0 + $1.seconds + Double($1.lineCount) * statement }
    case .loop(let times, let body, _):
      Double(times) * body.reduce(statement) { $0 + $1.seconds(statement: statement) }
    }
  }
}

extension Line {
  fileprivate var text: String {
    switch self {
    case .command(let text), .query(let text): text
    }
  }
}
