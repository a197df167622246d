internal import SaltireInstruments
internal import SaltireLinks

extension LiveBench {
  /// Ends what runs, gates to idle, rows and drains to 0 V, outputs off, and
  /// every output asked whether it is.
  ///
  /// An instrument that does not answer is sent its commands all the same,
  /// and its terminals are reported as not confirmed. Instruments that this
  /// bench has not touched are left alone.
  public func makeSafe() async -> SafeReport {
    setArmed(false)
    let touched = self.touched
    let outputs = safeOrder.filter { touched.contains($0.instrument.name) }
    var lost: [String: String] = [:]
    for name in touched { instruments[name]?.interrupt() }
    for name in touched.sorted() {
      if let problem = await instruments[name]?.recovered() { lost[name] = problem }
    }
    // Levels first, of gates, rows and drains in turn; the outputs likewise.
    for verb in ["safe", "off"] {
      for output in outputs where lost[output.instrument.name] == nil {
        do throws(InstrumentError) {
          _ = try await output.instrument.perform(output.lines(verb))
        } catch {
          lost[output.instrument.name] = error.message
        }
      }
    }
    for output in outputs where lost[output.instrument.name] != nil {
      await output.instrument.sendBlindly(output.lines("safe") + output.lines("off"))
    }
    var states: [(Terminal, SafeReport.State)] = []
    for output in outputs {
      states.append((output.terminal, await state(of: output, lost)))
    }
    return SafeReport(terminals: states.map { (terminal: $0.0, state: $0.1) })
  }

  private func state(of output: Output, _ lost: [String: String]) async -> SafeReport.State {
    if let problem = lost[output.instrument.name] { return .notConfirmed(problem) }
    do throws(InstrumentError) {
      let answer = try await output.instrument.perform([output.query("output")])[0]
      return output.isOff(answer)
        ? .confirmed : .notConfirmed("its output reads back as \(answer)")
    } catch {
      return .notConfirmed(error.message)
    }
  }
}

extension Instrument {
  /// Ends what it does and finds its answers again; what went wrong, if
  /// anything.
  fileprivate func recovered() -> String? {
    do throws(InstrumentError) {
      try recover()
      return nil
    } catch {
      return error.message
    }
  }

  /// Sends commands to an instrument that does not answer.
  fileprivate func sendBlindly(_ lines: [Line]) {
    for case .command(let text) in lines { _ = try? ask(text, expectsReply: false) }
  }
}
