import Foundation
import SaltireCore
public import SaltireLinks
import Synchronization

/// One instrument: a link and a definition, on a thread that may block.
///
/// Connecting queries the identity and changes nothing. Everything else is a batch of lines
/// followed by a read of the error queue, so an error is attributed to the batch that caused it.
public actor Instrument {
  /// Its name in the bench file.
  public nonisolated let name: String
  public nonisolated let definition: Definition
  /// The model in the bench file.
  public nonisolated let model: Definition.Model
  /// The serial number that it must have; nil for any.
  nonisolated let serial: String?
  private let executor: InstrumentExecutor
  private let open: @Sendable () throws(LinkError) -> any Link
  let dialogue: Dialogue
  let reply: Reply
  let stepping: Stepping?
  private let reach = Mutex<LinkInterrupt?>(nil)
  var link: (any Link)?
  var identity: Identity?
  /// The bytes before the terminator of its replies.
  var padding: [UInt8] = []
  /// The host time before which no message may follow the last setting, in seconds.
  var silence = 0.0

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// An instrument that is not connected yet.
  ///
  /// - Parameters:
  ///   - name: its name in the bench file.
  ///   - definition: its family.
  ///   - model: its model.
  ///   - serial: the serial number that it must have; nil for any.
  ///   - stepping: receives the maximum duration of each wait.
  ///   - open: opens its link, on its thread.
  public init(
    name: String, definition: Definition, model: Definition.Model, serial: String? = nil,
    stepping: Stepping? = nil,
    open: @escaping @Sendable () throws(LinkError) -> any Link
  ) {
    self.name = name
    self.definition = definition
    self.model = model
    self.serial = serial
    self.open = open
    executor = InstrumentExecutor(name: name)
    dialogue = Dialogue(dialect: definition.dialect)
    reply = Reply(in: definition.dialect)
    self.stepping = stepping
  }

  // MARK: Connecting

  /// Opens the link and checks the identity and the requirements of the definition. Changes
  /// nothing.
  ///
  /// - Returns: the identity.
  /// - Throws: ``InstrumentError``, also for an unexpected instrument or an unmet requirement.
  @discardableResult
  public func connect() throws(InstrumentError) -> Identity {
    if let identity { return identity }
    try openLink()
    let identity = try identify(asking: ["*IDN?"], within: definition.patience, isPatient: true)
    for requirement in definition.requirements {
      let found = try ask([dialogue.question(requirement.question)])[0].trimming(\.isWhitespace)
      guard found.lowercased() == requirement.expected.lowercased() else {
        throw .unfit(
          question: requirement.question, expected: requirement.expected, found: found,
          advice: requirement.advice)
      }
    }
    self.identity = identity
    return identity
  }

  /// Opens the link without a query, for an instrument that has no identity.
  ///
  /// - Throws: ``InstrumentError/link(_:)``.
  public func openLink() throws(InstrumentError) {
    let link = try linked(within: Self.opening) { () throws(LinkError) in try open() }
    self.link = link
    reach.withLock { $0 = link.interrupt }
  }

  /// Closes the link.
  public func disconnect() {
    link?.close()
    link = nil
    identity = nil
    reach.withLock { $0 = nil }
  }

  /// Makes a call that is blocked on this instrument throw at once. Thread-safe. Calls are allowed
  /// again after ``abort()``.
  public nonisolated func interrupt() { reach.withLock { $0?.fire() } }

  // MARK: Working

  /// Sends a batch, waits until it is complete and reads the error queue.
  ///
  /// - Parameters:
  ///   - lines: commands and queries, in order.
  ///   - seconds: the time it may take in addition to the usual.
  /// - Returns: the replies to the queries.
  /// - Throws: ``InstrumentError/reported(_:after:)`` if the error queue was not empty; other
  ///   errors for missing or unexpected replies.
  public func perform(_ lines: [Line], taking seconds: Double = 0) throws(InstrumentError)
    -> [String]
  {
    guard definition.pace > 0, lines.count > 1 else {
      return try performTogether(lines, taking: seconds)
    }
    // An error in one message does not prevent the following ones.
    var values: [String] = []
    var reports: [ErrorReport] = []
    for line in lines {
      do throws(InstrumentError) {
        values += try performTogether([line], taking: seconds)
      } catch .reported(let found, _) {
        reports += found
      }
    }
    guard reports.isEmpty else {
      throw .reported(reports, after: dialogue.messages(lines)[0])
    }
    return values
  }

  private func performTogether(
    _ lines: [Line], taking seconds: Double
  ) throws(InstrumentError) -> [String] {
    let messages = dialogue.messages(lines)
    let count = lines.count(where: \.isQuery)
    var received: [String] = []
    var reports: [ErrorReport] = []
    var failure: InstrumentError?
    if link?.isMessageBased == true {
      (received, failure) = try exchange(
        messages.dropLast(), answers: count, within: definition.patience + seconds)
      try send(messages.suffix(1))
    } else {
      try send(messages)
    }
    let answered = received.count
    // Unsolicited lines must not shift later replies.
    reading: while received.count <= count + 8 {
      let line: String
      do throws(InstrumentError) {
        line = try receive(within: definition.patience + seconds)
      } catch .link(.timeout) where received.count > answered {
        // The received lines are more informative than the timeout.
        throw .unexpectedReply(received.joined(separator: "\n"), to: messages[0])
      }
      switch dialogue.answer(line) {
      case .clean: break reading
      case .value(let value): received.append(value)
      case .report(let report):
        reports = [report] + (try takeReports())
        break reading
      case .reports:
        reports = try takeReports()
        break reading
      }
    }
    guard reports.isEmpty else { throw .reported(reports, after: messages[0]) }
    if let failure { throw failure }
    guard let values = dialogue.values(received, count: count) else {
      throw .unexpectedReply(received.joined(separator: "\n"), to: messages[0])
    }
    return values
  }

  /// Sends messages one by one, over a link on which replies must be read before the next message,
  /// and reads `count` replies.
  ///
  /// - Returns: the received lines, and the timeout if some are missing: then the batch failed, and
  ///   the error queue tells why.
  private func exchange(
    _ messages: [String], answers count: Int, within seconds: Double
  ) throws(InstrumentError) -> ([String], InstrumentError?) {
    var received: [String] = []
    do throws(InstrumentError) {
      for message in messages {
        try send([message])
        for _ in 0..<dialogue.lineCount(answering: count) {
          received.append(try receive(within: seconds))
        }
      }
    } catch .link(.timeout(let bytes)) {
      return (received, .link(.timeout(received: bytes)))
    }
    return (received, nil)
  }

  /// Sends queries one after another and returns the reply to each. Does not read the error queue.
  ///
  /// - Throws: ``InstrumentError/link(_:)``.
  public func ask(_ questions: [String]) throws(InstrumentError) -> [String] {
    var answers: [String] = []
    for question in questions {
      try send([question])
      answers.append(try receive(within: definition.patience))
    }
    return answers
  }

  /// Reads and clears the error queue.
  ///
  /// - Throws: ``InstrumentError``.
  public func takeErrors() throws(InstrumentError) -> [ErrorReport] {
    do throws(InstrumentError) {
      _ = try perform([])
      return []
    } catch .reported(let reports, _) {
      return reports
    }
  }

  // MARK: Inside

  /// Reads the error queue until it is empty.
  private func takeReports() throws(InstrumentError) -> [ErrorReport] {
    var reports: [ErrorReport] = []
    // Bounded, in case the queue never reports empty.
    let (most, end) = (definition.errorQueue + 100, Deadline.after(Self.draining))
    while reports.count < most, end.remaining > 0, let report = try nextReport() {
      reports.append(report)
    }
    return reports
  }

  private func nextReport() throws(InstrumentError) -> ErrorReport? {
    try send([dialogue.nextError])
    let line = try receive(within: definition.patience)
    guard let report = dialogue.report(line) else {
      throw .unexpectedReply(line, to: dialogue.nextError)
    }
    return report.code == 0 ? nil : report
  }
}
