public import SaltireCore
import SaltireLearning

/// The compact binary form of programs and observations in the journal.
///
/// Little-endian; lengths and counts as LEB128, numbers as IEEE 754 doubles, names as UTF-8 with a
/// length prefix. A step starts with its kind: 1 train, 2 read, 3 rest, 4 repeat. Two programs are
/// equal exactly if their records are equal.
extension Program {
  /// The program's record.
  public var record: [UInt8] {
    var writer = RecordWriter()
    writer.steps(steps)
    return writer.bytes
  }

  /// Reads a record.
  ///
  /// - Throws: `RecordError` if the bytes are not a program.
  public init(record: [UInt8]) throws(RecordError) {
    var reader = RecordReader(record)
    steps = try reader.steps(depth: 0)
    try reader.finish()
  }
}

extension Observations {
  /// The observations' record.
  public var record: [UInt8] {
    var writer = RecordWriter()
    writer.number(start)
    writer.number(duration)
    writer.numbers(currents)
    return writer.bytes
  }

  /// Reads a record.
  ///
  /// - Throws: `RecordError` if the bytes are not observations.
  public init(record: [UInt8]) throws(RecordError) {
    var reader = RecordReader(record)
    start = try reader.number()
    duration = try reader.number()
    currents = try reader.numbers()
    try reader.finish()
    // Instruments may report any current, including NaN, but the host sets the times.
    guard start.isFinite, duration >= 0, end.isFinite else {
      throw RecordError(expected: "a valid time")
    }
  }
}

extension Observations {
  /// Reads the record of the observations of `program`.
  ///
  /// - Throws: `RecordError` if `program` cannot have produced them.
  package init(record: [UInt8], of program: Program) throws(RecordError) {
    try self.init(record: record)
    guard currents.count == program.readings else {
      throw RecordError(expected: "\(program.readings) readings, not \(currents.count)")
    }
  }
}

extension RecordWriter {
  fileprivate mutating func steps(_ steps: [Step]) {
    count(steps.count)
    for step in steps {
      switch step {
      case .train(let train):
        byte(1)
        count(train.slots)
        number(train.width)
        number(train.gap)
        count(train.lines.count)
        for line in train.lines {
          text(line.terminal.name)
          number(line.level)
          if let fires = line.fires {
            count(fires.count + 1)
            for word in fires.words { self.word(word) }
          } else {
            count(0)
          }
        }
      case .read(let reading):
        byte(2)
        count(reading.drives.count)
        for drive in reading.drives {
          text(drive.terminal.name)
          number(drive.level)
        }
        count(reading.measures.count)
        for terminal in reading.measures { text(terminal.name) }
        number(reading.integration)
      case .rest(let seconds):
        byte(3)
        number(seconds)
      case .repeat(let times, let body):
        byte(4)
        count(times)
        self.steps(body)
      }
    }
  }
}

extension RecordReader {
  fileprivate mutating func steps(depth: Int) throws(RecordError) -> [Step] {
    guard depth < 16 else { throw RecordError(expected: "at most 16 nested repeats") }
    var steps: [Step] = []
    for _ in 0..<(try count()) { steps.append(try step(depth: depth)) }
    return steps
  }

  private mutating func step(depth: Int) throws(RecordError) -> Step {
    switch try byte() {
    case 1: return .train(try train())
    case 2: return .read(try reading())
    case 3: return .rest(try number())
    case 4: return .repeat(try count(), try steps(depth: depth + 1))
    default: throw RecordError(expected: "the kind of a step")
    }
  }

  private mutating func train() throws(RecordError) -> PulseTrain {
    let slots = try count()
    let width = try number()
    let gap = try number()
    var lines: [PulseTrain.Line] = []
    for _ in 0..<(try count()) {
      var line = PulseTrain.Line(Terminal(try text()), level: try number(), fires: nil)
      let length = try count()
      if length > 0 {
        var words: [UInt64] = []
        for _ in 0..<(length - 1 + 63) / 64 { words.append(try word()) }
        guard let fires = BitTrain(count: length - 1, recorded: words), fires.count == slots
        else { throw RecordError(expected: "a bit train of \(slots) slots") }
        line.fires = fires
      }
      lines.append(line)
    }
    return PulseTrain(slots: slots, width: width, gap: gap, lines: lines)
  }

  private mutating func reading() throws(RecordError) -> Reading {
    var reading = Reading(drives: [], measures: [], integration: 0)
    for _ in 0..<(try count()) {
      reading.drives.append(.init(Terminal(try text()), level: try number()))
    }
    for _ in 0..<(try count()) { reading.measures.append(Terminal(try text())) }
    reading.integration = try number()
    return reading
  }
}
