import SaltireSimulation
import Testing

/// What drivers of other projects rely on; `make test-peers` runs these
/// drivers themselves.
@Suite struct ClientTests {
  private static func readings(_ reply: String) -> [Double] {
    reply.split(separator: ",").compactMap { Double($0) }
  }

  @Test func aTriggerTakesAsManyReadingsAsItCounts() {
    let lab = Shelf.lab("keithley/2400", ohms: 1e4)
    _ = lab.ask(":SENS:CURR:PROT 0.01;:SOUR:VOLT 2;:OUTP ON;:FORM:ELEM CURR,TIME")
    let reply = lab.ask(":TRIG:COUN 3;:ARM:COUN 2;:TRIG:DEL 0.5;:READ?")
    let values = Self.readings(reply)
    #expect(values.count == 12)
    #expect(stride(from: 0, to: 12, by: 2).allSatisfy { abs(values[$0] - 2e-4) < 1e-9 })
    #expect(abs(values[11] - values[1] - 5 * 0.52) < 1e-4)
    #expect(lab.ask(":FETC?") == reply)
    #expect(lab.ask("SYST:ERR?") == "0,\"No error\"")
  }

  @Test func aBufferFillsOnceAndTellsTheStatusByte() {
    let lab = Shelf.lab("keithley/2400", ohms: 1e4)
    _ = lab.ask(":SENS:CURR:PROT 0.01;:SOUR:VOLT 3;:OUTP ON;:FORM:ELEM CURR")
    _ = lab.ask(":STAT:PRES;*CLS;*SRE 1;:STAT:MEAS:ENAB 512")
    _ = lab.ask(":TRAC:CLE;POIN 4;:TRIG:COUN 3;:TRAC:FEED SENS;FEED:CONT NEXT;:INIT")
    #expect(lab.ask("*STB?") == "0")
    #expect(Self.readings(lab.ask(":TRAC:DATA?")).count == 3)
    _ = lab.ask(":INIT")
    #expect(lab.ask("*STB?") == "65")
    #expect(Self.readings(lab.ask(":TRAC:DATA?")) == [3e-4, 3e-4, 3e-4, 3e-4])
    #expect(lab.ask(":TRAC:FEED:CONT?") == "NEV")
    // Full, some in it, a reading: bits 9, 8 and 6, told once.
    #expect(lab.ask(":STAT:MEAS?") == "832")
    #expect(lab.ask(":STAT:MEAS?;*STB?") == "0;0")
    // Full: the next readings do not go there.
    _ = lab.ask(":SOUR:VOLT 1;:INIT")
    #expect(Self.readings(lab.ask(":TRAC:DATA?")) == [3e-4, 3e-4, 3e-4, 3e-4])
    _ = lab.ask("*CLS;:TRAC:CLE;FEED:CONT NEXT;:TRIG:COUN 4;:INIT")
    #expect(Self.readings(lab.ask(":TRAC:DATA?")) == [1e-4, 1e-4, 1e-4, 1e-4])
    #expect(lab.ask("*STB?") == "65")
    #expect(lab.ask(":STAT:PRES;*STB?") == "0")
    #expect(lab.ask("SYST:ERR?") == "0,\"No error\"")
  }

  @Test func initiatingNeedsTheOutputOn() {
    let lab = Shelf.lab("keithley/2400")
    _ = lab.ask(":INIT")
    #expect(lab.ask("SYST:ERR?") == "803,\"Not permitted with OUTPUT off\"")
  }

  @Test func measuringAFunctionSelectsIt() {
    let lab = Shelf.lab("keithley/2400", ohms: 1e4)
    _ = lab.ask(":SENS:CURR:PROT 0.01;:SOUR:VOLT 2;:TRIG:COUN 5;:FORM:ELEM RES")
    #expect(Self.readings(lab.ask(":MEAS:RES?")).map { ($0 / 1e4 * 1e6).rounded() } == [1e6])
    #expect(lab.ask(":OUTP?;:SENS:FUNC?") == "1;\"RES\"")
    _ = lab.ask(":FORM:ELEM CURR")
    #expect(lab.ask(":MEAS:CURR?") == "+2.000000E-04")
    #expect(lab.ask(":SENS:FUNC?").contains("CURR"))
  }

  @Test func aDelayThatIsSetIsNotTheAutomaticOne() {
    let lab = Shelf.lab("keithley/2400")
    #expect(lab.ask(":SOUR:DEL:AUTO?;:SOUR:DEL 0.25;DEL:AUTO?") == "1;0")
  }

  @Test func widthAndDutyCycleOfAPulseAreOne() {
    let lab = Shelf.lab("keysight/33522b")
    _ = lab.ask("FUNC PULS;:FUNC:PULS:PER 0.01;WIDT 0.002")
    #expect(Self.readings(lab.ask("FUNC:PULS:DCYC?")).map { ($0 * 1e6).rounded() } == [20e6])
    #expect(lab.ask("FUNC:PULS:DCYC 50;WIDT?") == "+5.000000000000000E-03")
  }

  @Test func aClearedDisplayShowsNothing() {
    let lab = Shelf.lab("keysight/33522b")
    #expect(lab.ask("DISP:TEXT 'hello';TEXT?") == "\"hello\"")
    #expect(lab.ask("DISP:TEXT:CLE;:DISP:TEXT?") == "\"\"")
  }

  @Test func scriptsHaveNamesAndRunAgain() {
    let lab = Shelf.lab("keithley/2636b")
    _ = lab.ask("loadscript double\nvalue = (value or 1) * 2 -- twice\nendscript")
    #expect(lab.ask("print(value)") == "nil")
    #expect(lab.ask("double() double.run() print(value)") == "4.00000e+00")
    #expect(lab.ask("loadandrunscript hello\nprint('one')\nprint('two')\nendscript") == "one\ntwo")
    #expect(lab.ask("hello()") == "one\ntwo")
    #expect(lab.ask("loadscript\nprint('nameless')\nendscript\nscript.run()") == "nameless")
    _ = lab.ask("script.delete('hello')")
    #expect(lab.ask("print(hello, errorqueue.count)") == "nil\t0.00000e+00")
    _ = lab.ask("loadscript 1st\nendscript")
    #expect(lab.ask("print(errorqueue.next())").hasPrefix("-2.82000e+02\tIllegal program name"))
    _ = lab.ask("loadandrunscript wrong\nlocal a = 1\nnosuch()\nendscript")
    #expect(lab.ask("print(errorqueue.next())").contains("at line 2: "))
    _ = lab.ask("loadandrunscript half\nfor i = 1, 3 do\nendscript")
    #expect(lab.ask("print(errorqueue.next())").hasPrefix("-2.85000e+02\t"))
  }

  @Test func oneCallFillsABufferAtItsInterval() {
    let lab = Shelf.lab("keithley/2636b", ohms: 1e4)
    _ = lab.ask("smua.source.levelv = 1 smua.source.output = 1 smua.measure.nplc = 0.1")
    _ = lab.ask("smua.measure.count = 5 smua.measure.interval = 0.25")
    _ = lab.ask("smua.measure.i(smua.nvbuffer1) smua.measure.i(smua.nvbuffer1)")
    #expect(lab.ask("print(smua.nvbuffer1.n)") == "5.00000e+00")
    #expect(
      lab.ask("local t = smua.nvbuffer1.timestamps print(t[2] - t[1], t[5] - t[1])")
        == "2.50000e-01\t1.00000e+00")
    _ = lab.ask("smua.nvbuffer1.appendmode = 1 smua.measure.i(smua.nvbuffer1)")
    #expect(lab.ask("print(smua.nvbuffer1.n)") == "1.00000e+01")
  }
}
