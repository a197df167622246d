import Foundation
import SaltireInstruments
import SaltirePrograms

/// Operations on one instrument, sent together and answered together.
struct Exchange: Sendable {
  let instrument: Instrument
  private var lines: [Line] = []
  /// Duration of its measurements, in seconds.
  private var seconds = 0.0
  /// The queries and the number of lines in each reply.
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

  /// Groups operations by instrument, in the order of first use.
  static func byInstrument(_ operations: [Operation]) -> [Exchange] {
    var groups: [[Operation]] = []
    for operation in operations {
      let own = groups.firstIndex { $0[0].output.instrument === operation.output.instrument }
      if let own { groups[own].append(operation) } else { groups.append([operation]) }
    }
    return groups.map(Exchange.init)
  }

  /// Both in one round trip, in this order; nil if the result would differ or be too long.
  func followed(by next: Exchange) -> Exchange? {
    guard instrument === next.instrument, lines.count < Self.mostLines else { return nil }
    var both = self
    both.lines += next.lines
    both.seconds += next.seconds
    both.questions += next.questions
    return both
  }

  /// Instruments have short input buffers.
  private static let mostLines = 20

  /// - Returns: the measured currents, in amperes into the instrument.
  /// - Throws: `BenchError`; `limit` if an output is in compliance.
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
  /// The current in amperes into the instrument (which reports current out of it); nil if nothing
  /// was measured.
  ///
  /// - Throws: `BenchError.limit` if the output is in compliance.
  fileprivate func current(in answers: ArraySlice<String>) throws(BenchError) -> Double? {
    let measured: Double? = isMeasurement ? try number(answers.first ?? "") : nil
    // In compliance, a reading may also be out of range: compliance is the cause.
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

  /// Whether a reply says that the output is in compliance. A reply that is neither yes nor no must
  /// not count as no.
  private func isTripped(_ answer: String) throws(BenchError) -> Bool {
    let text = answer.trimmingCharacters(in: .whitespaces).lowercased()
    if let number = ReadBack.value(text) { return number != 0 }
    guard let flag = Bool(text) else {
      throw .unexpected(answer, to: "is the output in compliance?", from: output.instrument)
    }
    return flag
  }
}
