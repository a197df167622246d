import Foundation
import SaltireInstruments
import SaltirePrograms

/// Operations on one instrument, sent together and answered together.
struct Exchange: Sendable {
  let instrument: Instrument
  private var lines: [Line] = []
  /// How long its measurements take, seconds.
  private var seconds = 0.0
  /// The operations that are answered, and by how many lines.
  private var questions: [(operation: Operation, answers: Int)] = []

  /// - Parameter operations: all on one instrument, at least one.
  init(_ operations: [Operation]) {
    instrument = operations[0].output.instrument
    for operation in operations {
      let own = operation.lines
      lines += own
      seconds += operation.seconds
      if operation.kind.isQuestion { questions.append((operation, own.count)) }
    }
  }

  /// Operations by instrument, each as soon as its first is.
  static func byInstrument(_ operations: [Operation]) -> [Exchange] {
    var groups: [[Operation]] = []
    for operation in operations {
      let own = groups.firstIndex { $0[0].output.instrument === operation.output.instrument }
      if let own { groups[own].append(operation) } else { groups.append([operation]) }
    }
    return groups.map(Exchange.init)
  }

  /// Both in one round trip, in this order; nil where that is not the same, or too long.
  func followed(by next: Exchange) -> Exchange? {
    guard instrument === next.instrument, lines.count < Self.mostLines else { return nil }
    var both = self
    both.lines += next.lines
    both.seconds += next.seconds
    both.questions += next.questions
    return both
  }

  /// Instruments' input buffers are short.
  private static let mostLines = 20

  /// - Returns: what it measured, amperes into the instrument.
  /// - Throws: `BenchError`; `limit` where an output is at its limit.
  func perform() async throws(BenchError) -> [Double] {
    var answers = try await instrument.run(lines, taking: seconds)[...]
    var currents: [Double] = []
    for (operation, count) in questions {
      if let current = try operation.current(in: answers.prefix(count)) {
        currents.append(current)
      }
      answers = answers.dropFirst(count)
    }
    return currents
  }
}

extension Operation {
  /// Amperes into the instrument, which tells those out of it; nil where it
  /// measured none.
  ///
  /// - Throws: `BenchError.limit` where the output is at its limit.
  fileprivate func current(in answers: ArraySlice<String>) throws(BenchError) -> Double? {
    let measured: Double? = isMeasurement ? try number(answers.first ?? "") : nil
    // At its limit a reading may also be beyond its range: the limit is why.
    if try isTripped(answers.last ?? "") {
      throw .reading(.compliance, measured.map(abs) ?? .nan, at: output.terminal)
    }
    if let measured, !ReadBack.isValue(measured) {
      throw .reading(.overflow, measured, at: output.terminal)
    }
    return measured.map { -$0 }
  }

  private func number(_ answer: String) throws(BenchError) -> Double {
    guard let number = Double(answer.trimmingCharacters(in: .whitespaces)) else {
      throw .unexpected(answer, to: "a current", from: output.instrument)
    }
    return number
  }

  /// Whether an answer says that the output is at its limit; what is neither
  /// yes nor no must not pass for no.
  private func isTripped(_ answer: String) throws(BenchError) -> Bool {
    let text = answer.trimmingCharacters(in: .whitespaces).lowercased()
    if let number = ReadBack.value(text) { return number != 0 }
    guard let flag = Bool(text) else {
      throw .unexpected(answer, to: "is the limit reached?", from: output.instrument)
    }
    return flag
  }
}
