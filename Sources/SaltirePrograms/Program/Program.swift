public import SaltireLearning

/// A finite sequence of pulse trains, reads, rests and repeats.
///
/// A program is a value without side effects. Its duration, extreme values and pulse counts follow
/// from the value, so every limit is checked before a byte is sent.
public struct Program: Sendable, Equatable {
  public var steps: [Step]

  public init(_ steps: [Step]) { self.steps = steps }
}

/// One step of a ``Program``.
public indirect enum Step: Sendable, Equatable {
  case train(PulseTrain)
  case read(Reading)
  /// Drives nothing for this many seconds; gates idle according to the bench's policy.
  case rest(Double)
  case `repeat`(Int, [Step])

  /// One pulse of `level` volts and `width` seconds on one terminal.
  public static func pulse(_ terminal: Terminal, level: Double, width: Double) -> Step {
    .train(
      PulseTrain(
        slots: 1, width: width, gap: 0, lines: [.init(terminal, level: level, fires: nil)]))
  }
}

/// Slot-aligned pulses on several terminals: in slot k, a line is at its level if its train fires
/// there, and at 0 V otherwise.
///
/// A device sees the level of its gate minus that of its row: a half-bias update names row lines
/// and gate lines together.
public struct PulseTrain: Sendable, Equatable {
  /// One terminal of the train.
  public struct Line: Sendable, Equatable {
    public var terminal: Terminal
    /// Volts while it fires.
    public var level: Double
    /// The slots in which it fires; nil for all slots.
    public var fires: BitTrain?

    public init(_ terminal: Terminal, level: Double, fires: BitTrain?) {
      self.terminal = terminal
      self.level = level
      self.fires = fires
    }
  }

  /// The number of slots.
  public var slots: Int
  /// Seconds a pulse lasts.
  public var width: Double
  /// Seconds between the end of one slot's pulse and the start of the next slot.
  public var gap: Double
  public var lines: [Line]

  /// A train; the bit trains of its lines must have the same number of slots.
  public init(slots: Int, width: Double, gap: Double, lines: [Line]) {
    precondition(lines.allSatisfy { $0.fires.map { $0.count == slots } ?? true })
    self.slots = slots
    self.width = width
    self.gap = gap
    self.lines = lines
  }

  /// Seconds.
  public var duration: Double { Double(slots) * (width + gap) }
}

/// Small voltages on some terminals, and currents measured on others.
///
/// The current of a row whose columns are driven is the sum of G·V: one read computes one dot
/// product.
public struct Reading: Sendable, Equatable {
  /// A terminal held at a voltage.
  public struct Drive: Sendable, Equatable {
    public var terminal: Terminal
    /// Volts.
    public var level: Double

    public init(_ terminal: Terminal, level: Double) {
      self.terminal = terminal
      self.level = level
    }
  }

  /// Terminals not named are at 0 V.
  public var drives: [Drive]
  /// The terminals whose currents are measured, in amperes, positive into the instrument.
  public var measures: [Terminal]
  /// Integration time of a current, in seconds.
  public var integration: Double

  public init(drives: [Drive], measures: [Terminal], integration: Double) {
    self.drives = drives
    self.measures = measures
    self.integration = integration
  }
}

/// What the bench measured while it performed a program.
public struct Observations: Sendable, Equatable {
  /// Lab time at the start of the program, in seconds since the session began.
  public var start: Double
  /// Lab time that the program took, in seconds.
  public var duration: Double
  /// The measured currents in amperes, in the order of the program, with repeats expanded.
  public var currents: [Double]

  public init(start: Double, duration: Double, currents: [Double]) {
    self.start = start
    self.duration = duration
    self.currents = currents
  }

  /// Lab time at the program's end.
  public var end: Double { start + duration }
}
