internal import SaltireInstruments
internal import SaltireLinks

extension LiveBench {
  /// Ends what runs, brings gates to idle, rows and drains to 0 V, switches
  /// all outputs off and asks every one whether it is.
  ///
  /// The commands go out to all instruments first, without waiting for any:
  /// one that does not answer must not keep the others on. Only then answers
  /// are found again and outputs confirmed; one that is still on is told once
  /// more. A bench that has sent no more than questions is left alone.
  public func makeSafe() async -> SafeReport { await makeSafe(without: [:]) }

  /// - Parameter strangers: why instruments are left alone, by name: another answers
  ///   at the address of each.
  private func makeSafe(without strangers: [String: String]) async -> SafeReport {
    setArmed(false)
    guard isTouched else { return SafeReport(terminals: []) }
    let stages = safeStages.map { $0.filter { strangers[$0.instrument.name] == nil } }
    let instruments = instruments.values.filter { strangers[$0.name] == nil }
    for instrument in instruments { instrument.interrupt() }
    await withTaskGroup { group in
      for instrument in instruments { group.addTask { await instrument.abort() } }
    }
    for verb in ["safe", "off"] {
      for stage in stages { await tell(stage, verb) }
    }
    // Each by itself: who can be confirmed at once waits for nobody's recovery.
    let states = await withTaskGroup(of: [Terminal: SafeReport.State].self) { group in
      for instrument in instruments {
        let own = stages.flatMap(\.self).filter { $0.instrument === instrument }
        group.addTask { await self.confirmed(own, of: instrument) }
      }
      return await group.reduce(into: [:]) { $0.merge($1) { $1 } }
    }
    return SafeReport(
      terminals: safeOrder.map { output in
        let unasked = strangers[output.instrument.name] ?? "it was not asked"
        return (output.terminal, states[output.terminal] ?? .notConfirmed(unasked))
      })
  }

  /// Makes safe what somebody else has left on: connects to whoever answers, and
  /// does as ``makeSafe()`` does. What one instrument does keeps no other
  /// waiting; strangers at an address are told nothing.
  public func takeOver() async -> SafeReport {
    touch()
    let strangers = await withTaskGroup(of: (String, String)?.self) { group -> [String: String] in
      for instrument in instruments.values {
        group.addTask {
          do throws(InstrumentError) {
            _ = try await instrument.connect()
          } catch .wrongIdentity(let found, let expected) {
            await instrument.disconnect()
            return (
              instrument.name,
              InstrumentError.wrongIdentity(found, expected: expected).message
            )
          } catch {
            // It may still hear, and be found again.
          }
          return nil
        }
      }
      var found: [String: String] = [:]
      for await case let (name, reason)? in group { found[name] = reason }
      return found
    }
    return await makeSafe(without: strangers)
  }

  /// Sends what these outputs are to do, to all instruments at once: one that
  /// takes nothing must not keep the others waiting for their turn.
  private func tell(_ outputs: [Output], _ verb: String) async {
    await withTaskGroup { group in
      for instrument in Set(outputs.map(\.instrument.name)) {
        let own = outputs.filter { $0.instrument.name == instrument }
        group.addTask { await own[0].instrument.sendUnasked(own.flatMap { $0.lines(verb) }) }
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
          attempting: outputs.flatMap { $0.lines("safe") + $0.lines("off") })
      } catch {
        for output in outputs { states[output.terminal] = .notConfirmed(error.message) }
        if case .wrongIdentity = error { break }
        continue
      }
      for output in outputs { states[output.terminal] = await confirmed(output) }
      if states.values.allSatisfy({ $0 == .confirmed }) { break }
    }
    return states
  }

  private func confirmed(_ output: Output) async -> SafeReport.State {
    do throws(InstrumentError) {
      let query = [output.query("output")]
      var answer = try await output.instrument.perform(query)[0]
      if !output.isOff(answer) {
        _ = try await output.instrument.perform(output.lines("safe") + output.lines("off"))
        answer = try await output.instrument.perform(query)[0]
      }
      return output.isOff(answer)
        ? .confirmed : .notConfirmed("its output reads back as \(answer)")
    } catch {
      return .notConfirmed(error.message)
    }
  }
}
