import SaltireInstruments
import SaltireLinks
public import SaltirePrograms

extension LiveBench {
  /// Aborts what the instruments are running, brings gates to idle and rows and drains to 0 V,
  /// switches all outputs off and reads each state back.
  ///
  /// The commands go to all instruments first, without waiting for replies: an instrument that does
  /// not respond must not keep others on. Then the links are resynchronised and the outputs
  /// confirmed; an output that is still on gets the commands once more. A bench that has sent only
  /// queries is left alone.
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

  /// Makes safe what another program left on: sends the commands to every instrument as soon as its
  /// link is open, and queries its identity meanwhile. Instruments do not wait for each other.
  /// Outputs of an unexpected instrument are not confirmed.
  public func takeOver() async -> SafeReport {
    touch()
    return await report { own, instrument in
      await instrument.open(toMakeSafe: own.flatMap { $0.lines(.safe) + $0.lines(.off) })
      return await self.confirmed(own, of: instrument)
    }
  }

  /// The state of the outputs of every instrument. Each instrument is handled separately:
  /// confirmation does not wait for the recovery of others.
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

  /// Sends the safe commands of these outputs to all instruments concurrently: a blocked instrument
  /// must not delay the others.
  private func tell(_ outputs: [Output], _ operation: Operation.Kind) async {
    await withTaskGroup { group in
      for instrument in Set(outputs.map(\.instrument.name)) {
        let own = outputs.filter { $0.instrument.name == instrument }
        group.addTask { await own[0].instrument.sendUnasked(own.flatMap { $0.lines(operation) }) }
      }
    }
  }

  /// Resynchronises an instrument and reads back each of its outputs, twice if one does not read
  /// back as off, because a single message may be lost or answered wrongly.
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
