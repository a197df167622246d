import SaltireSimulation
import Testing

/// Sweeps by the trigger model of a Series 2600B.
@Suite struct TriggerModelTests {
  private static let sweep = """
    smua.measure.nplc = 0.05 smua.source.limiti = 1e-3 smua.trigger.source.listv({1, 2, 3}) \
    smua.trigger.source.action = smua.ENABLE smua.trigger.count = 3 \
    smua.trigger.measure.action = smua.ENABLE smua.trigger.measure.i(smua.nvbuffer1) \
    smua.source.output = smua.OUTPUT_ON
    """

  @Test func aSweepWaitsForItsTriggerAndCountsAsRunningUntilItIsAskedAbout() {
    let lab = Shelf.lab("keithley/2612b", ohms: 1e4)
    _ = lab.ask(Self.sweep)
    _ = lab.ask("smua.trigger.arm.stimulus = trigger.EVENT_ID")
    _ = lab.ask("smua.trigger.initiate()")
    let question = "print(status.operation.sweeping.condition)"
    #expect(lab.ask(question) == "0.00000e+00")
    #expect(lab.ask("print(smua.nvbuffer1.n)") == "0.00000e+00")
    _ = lab.ask("*TRG")
    #expect(lab.ask("print(smua.nvbuffer1.n)") == "3.00000e+00")
    #expect(lab.ask(question) == "2.00000e+00")
    #expect(lab.ask(question) == "0.00000e+00")
    #expect(
      lab.ask("printbuffer(1, 3, smua.nvbuffer1)") == "1.00000e-04, 2.00000e-04, 3.00000e-04")
    #expect(lab.ask("print(errorqueue.count)") == "0.00000e+00")
  }

  /// A timer sets the period of the steps; the level goes back at the end.
  @Test func aTimerPacesTheSteps() {
    let lab = Shelf.lab("keithley/2612b", ohms: 1e4)
    _ = lab.ask(Self.sweep)
    _ = lab.ask(
      """
      trigger.timer[1].delay = 0.5 trigger.timer[1].count = 2 \
      trigger.timer[1].passthrough = true \
      trigger.timer[1].stimulus = smua.trigger.ARMED_EVENT_ID \
      smua.trigger.source.stimulus = trigger.timer[1].EVENT_ID
      """)
    _ = lab.ask("smua.trigger.initiate() waitcomplete()")
    let times = lab.ask("printbuffer(1, 3, smua.nvbuffer1.timestamps)").split(separator: ", ")
      .compactMap { Double($0) }
    #expect(times.count == 3)
    #expect(abs(times[1] - times[0] - 0.5) < 1e-5 && abs(times[2] - times[1] - 0.5) < 1e-5)
    #expect(lab.ask("print(smua.source.levelv)") == "0.00000e+00")
    #expect(lab.ask("print(status.operation.sweeping.condition)") == "0.00000e+00")
  }

  /// Without a trigger for it, a sweep waits for ever and holds nobody up.
  @Test func anAbortEndsWhatWaits() {
    let lab = Shelf.lab("keithley/2612b")
    _ = lab.ask(Self.sweep)
    _ = lab.ask("smua.trigger.source.stimulus = trigger.EVENT_ID smua.trigger.initiate()")
    _ = lab.ask("waitcomplete()")
    let question = "print(status.operation.sweeping.condition)"
    #expect(lab.ask(question) == "2.00000e+00")
    _ = lab.ask("abort")
    _ = lab.ask("*trg")
    #expect(lab.ask(question) == "0.00000e+00")
    #expect(lab.ask("print(smua.nvbuffer1.n)") == "0.00000e+00")
  }

  @Test func aBlenderWaitsForAllItsInputsOrForAny() {
    let lab = Shelf.lab("keithley/2612b")
    _ = lab.ask("b = trigger.blender[1] b.stimulus[1] = trigger.EVENT_ID")
    _ = lab.ask("b.stimulus[2] = smua.trigger.SWEEP_COMPLETE_EVENT_ID")
    _ = lab.ask("*TRG")
    #expect(lab.ask("print(b.wait(0))") == "false")
    _ = lab.ask(Self.sweep)
    _ = lab.ask("smua.trigger.initiate() waitcomplete()")
    #expect(lab.ask("print(b.wait(0))") == "true")
    _ = lab.ask("b.orenable = true")
    _ = lab.ask("*TRG")
    #expect(lab.ask("print(b.wait(0))") == "true")
    #expect(lab.ask("print(b.wait(0))") == "false")
  }
}
