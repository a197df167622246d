public import SaltireLearning

/// What is to be done to the devices, as a finite value: pulse trains, reads,
/// rests and repeats.
///
/// A program does nothing by itself. Its duration, extremes and pulse counts
/// follow from the value, so every limit is checked before a byte leaves.
public struct Program: Sendable, Equatable {
  public var steps: [Step]

  public init(_ steps: [Step]) { self.steps = steps }
}

/// One step of a ``Program``.
public indirect enum Step: Sendable, Equatable {
  case train(PulseTrain)
  case read(Reading)
  /// Nothing is driven for this many seconds; gates idle by the bench's policy.
  case rest(Double)
  case `repeat`(Int, [Step])

  /// One pulse of `level` volts and `width` seconds on one terminal.
  public static func pulse(_ terminal: Terminal, level: Double, width: Double) -> Step {
    .train(
      PulseTrain(
        slots: 1, width: width, gap: 0, lines: [.init(terminal, level: level, fires: nil)]))
  }
}

/// Slot-aligned pulses on several terminals at once: in slot k a line is at
/// its level if its train fires there, and at 0 V otherwise.
///
/// What a device sees is its gate's level minus its row's: a half-bias update
/// names row lines and gate lines together.
public struct PulseTrain: Sendable, Equatable {
  /// One terminal's part.
  public struct Line: Sendable, Equatable {
    public var terminal: Terminal
    /// Volts while it fires.
    public var level: Double
    /// The slots in which it fires; nil for all of them.
    public var fires: BitTrain?

    public init(_ terminal: Terminal, level: Double, fires: BitTrain?) {
      self.terminal = terminal
      self.level = level
      self.fires = fires
    }
  }

  /// How many slots there are.
  public var slots: Int
  /// Seconds a pulse lasts.
  public var width: Double
  /// Seconds from the end of one slot's pulse to the next slot.
  public var gap: Double
  public var lines: [Line]

  /// A train; the trains of its lines must have as many slots.
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
/// A row's current while its columns are driven is the sum of G·V: one read
/// is one vector product.
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
  /// Each gives one current, in amperes, positive into the instrument.
  public var measures: [Terminal]
  /// Seconds over which the current is averaged.
  public var integration: Double

  public init(drives: [Drive], measures: [Terminal], integration: Double) {
    self.drives = drives
    self.measures = measures
    self.integration = integration
  }
}

/// What the bench measured while it performed a program.
public struct Observations: Sendable, Equatable {
  /// Lab time at the program's beginning, in seconds since the session began.
  public var start: Double
  /// Lab seconds that the program took.
  public var duration: Double
  /// Amperes: the program's measures in order, repeats written out.
  public var currents: [Double]

  public init(start: Double, duration: Double, currents: [Double]) {
    self.start = start
    self.duration = duration
    self.currents = currents
  }

  /// Lab time at the program's end.
  public var end: Double { start + duration }
}
