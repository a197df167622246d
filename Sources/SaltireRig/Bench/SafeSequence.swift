import SaltireInstruments
import SaltireLinks
public import SaltirePrograms

extension LiveBench {
  /// Ends what runs, brings gates to idle, rows and drains to 0 V, switches
  /// all outputs off and asks every one whether it is.
  ///
  /// The commands go out to all instruments first, without waiting for any:
  /// one that does not answer must not keep the others on. Only then answers
  /// are found again and outputs confirmed; one that is still on is told once
  /// more. A bench that has sent no more than questions is left alone.
  public func makeSafe() async -> SafeReport {
    setArmed(false)
    guard isTouched else { return SafeReport(terminals: []) }
    let instruments = instruments.values
    for instrument in instruments { instrument.interrupt() }
    await withTaskGroup { group in
      for instrument in instruments { group.addTask { await instrument.abort() } }
    }
    for operation in [Operation.Kind.safe, .off] {
      for stage in safeStages { await tell(stage, operation) }
    }
    return await report { own, instrument in await self.confirmed(own, of: instrument) }
  }

  /// Makes safe what somebody else has left on: sends the commands to every instrument
  /// as soon as its link is open, and asks meanwhile who it is. What one does keeps
  /// no other waiting. Where a stranger is found nothing is confirmed.
  public func takeOver() async -> SafeReport {
    touch()
    return await report { own, instrument in
      await instrument.open(toMakeSafe: own.flatMap { $0.lines(.safe) + $0.lines(.off) })
      return await self.confirmed(own, of: instrument)
    }
  }

  /// What becomes of the outputs of every instrument. Each by itself: who can be
  /// confirmed at once waits for nobody's recovery.
  private func report(
    _ body: @escaping @Sendable ([Output], Instrument) async -> [Terminal: SafeReport.State]
  ) async -> SafeReport {
    let order = safeOrder
    let states = await withTaskGroup(of: [Terminal: SafeReport.State].self) { group in
      for instrument in instruments.values {
        let own = order.filter { $0.instrument === instrument }
        group.addTask { await body(own, instrument) }
      }
      return await group.reduce(into: [:]) { $0.merge($1) { $1 } }
    }
    return SafeReport(
      terminals: order.map {
        ($0.terminal, states[$0.terminal] ?? .notConfirmed("it was not asked"))
      })
  }

  /// Sends what these outputs are to do, to all instruments at once: one that
  /// takes nothing must not keep the others waiting for their turn.
  private func tell(_ outputs: [Output], _ operation: Operation.Kind) async {
    await withTaskGroup { group in
      for instrument in Set(outputs.map(\.instrument.name)) {
        let own = outputs.filter { $0.instrument.name == instrument }
        group.addTask { await own[0].instrument.sendUnasked(own.flatMap { $0.lines(operation) }) }
      }
    }
  }

  /// Finds an instrument's answers again, and asks of each of its outputs
  /// whether it is off; once more where one does not say so, because any
  /// single message may be lost or answered with something else.
  private func confirmed(
    _ outputs: [Output], of instrument: Instrument
  ) async -> [Terminal: SafeReport.State] {
    var states: [Terminal: SafeReport.State] = [:]
    for _ in 0..<2 {
      do throws(InstrumentError) {
        try await instrument.recover(
          attempting: outputs.flatMap { $0.lines(.safe) + $0.lines(.off) })
      } catch {
        if case .wrongIdentity = error {
          for output in outputs { states[output.terminal] = .refused(error.message) }
          break
        }
        for output in outputs { states[output.terminal] = .notConfirmed(error.message) }
        continue
      }
      for output in outputs { states[output.terminal] = await confirmed(output) }
      if states.values.allSatisfy({ $0 == .confirmed }) { break }
    }
    return states
  }

  private func confirmed(_ output: Output) async -> SafeReport.State {
    do throws(InstrumentError) {
      let query = output.lines(.output)
      var answer = try await output.instrument.perform(query)[0]
      if !output.isOff(answer) {
        _ = try await output.instrument.perform(output.lines(.safe) + output.lines(.off))
        answer = try await output.instrument.perform(query)[0]
      }
      return output.isOff(answer)
        ? .confirmed : .refused("its output reads back as \(answer)")
    } catch {
      return .notConfirmed(error.message)
    }
  }
}
