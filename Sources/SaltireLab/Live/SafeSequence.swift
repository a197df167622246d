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
  public func makeSafe() async -> SafeReport {
    setArmed(false)
    guard isTouched else { return SafeReport(terminals: []) }
    let outputs = safeOrder
    let instruments = instruments.values
    for instrument in instruments { instrument.interrupt() }
    await withTaskGroup { group in
      for instrument in instruments { group.addTask { await instrument.abort() } }
    }
    for verb in ["safe", "off"] {
      for stage in safeStages { await tell(stage, verb) }
    }
    let lost = await withTaskGroup(of: (String, InstrumentError?).self) { group in
      for instrument in instruments {
        let safe = outputs.filter { $0.instrument === instrument }
          .flatMap { $0.lines("safe") + $0.lines("off") }
        group.addTask { (instrument.name, await instrument.recovered(attempting: safe)) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    var report = SafeReport(terminals: [])
    for output in outputs {
      let state: SafeReport.State
      if let error = lost[output.instrument.name] {
        state = .notConfirmed(error.message)
      } else {
        state = await confirmed(output)
      }
      report.terminals.append((terminal: output.terminal, state: state))
    }
    return report
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

extension Instrument {
  /// Finds its answers again; why that is impossible, if it is.
  fileprivate func recovered(attempting safe: [Line]) -> InstrumentError? {
    do throws(InstrumentError) {
      try recover(attempting: safe)
      return nil
    } catch {
      return error
    }
  }
}
