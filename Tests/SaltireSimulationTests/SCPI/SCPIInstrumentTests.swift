import SaltireSimulation
import Testing

@Suite struct SCPIInstrumentTests {
  @Test func aSourceMeterObeysOhmsLaw() {
    let lab = Shelf.lab("keithley/2400", ohms: 1e6)
    #expect(lab.ask("*IDN?").hasPrefix("KEITHLEY INSTRUMENTS INC.,MODEL 2400,"))
    #expect(lab.ask(":READ?") == "")
    #expect(lab.ask("SYST:ERR?") == "803,\"Not permitted with OUTPUT off\"")
    #expect(
      lab.ask(":SOUR:VOLT 2;:OUTP ON;:FORM:ELEM VOLT,CURR;:READ?") == "+2.000000E+00,+2.000000E-06")
    #expect(lab.ask(":SENS:CURR:PROT 1e-6;PROT:TRIP?") == "1")
    // Not measured, so as programmed.
    #expect(lab.ask(":READ?") == "+2.000000E+00,+1.000000E-06")
    #expect(lab.ask(":SENS:FUNC 'VOLT','CURR';:READ?") == "+1.000000E+00,+1.000000E-06")
    #expect(lab.ask("SYST:ERR?") == "0,\"No error\"")
  }

  @Test func everyLegalFormOfACommandIsTheSame() {
    let lab = Shelf.lab("keithley/2400")
    for form in [
      ":SOUR:VOLT", "sour:volt", ":SOURce1:VOLTage:LEVel:IMMediate:AMPLitude", ":SOUR1:VOLT:LEV",
      "SOURCE:VOLTAGE:IMM", ":Source:Volt:Ampl",
    ] {
      #expect(lab.ask("\(form) 1.5") == "")
      #expect(lab.ask("\(form)?") == "+1.500000E+00")
      #expect(lab.ask(":SOUR:VOLT 1500 mV;VOLT?") == "+1.500000E+00")
      #expect(lab.ask("SYST:ERR?") == "0,\"No error\"", "\(form)")
    }
    for wrong in ["SOURC:VOLT 1", ":SOUR:VOLTA 1", ":SOUR2:VOLT 1", ":VOLT 1", "SOUR:VOLT:LEVE 1"] {
      #expect(lab.ask("\(wrong);*ESR?") != "0")
      #expect(lab.ask("SYST:ERR?").hasPrefix("-11"), "\(wrong)")
    }
  }

  @Test func theGeneratorPulsesOnceATrigger() {
    let lab = Shelf.lab("keysight/33522b", ohms: 1e9)
    #expect(
      lab.ask("OUTP:LOAD INF;:FUNC PULS;:VOLT:HIGH 4;LOW 0;:OUTP ON;:SYST:ERR?")
        == "+0,\"No error\"")
    #expect(lab.ask("SOUR1:VOLT?;:VOLT:OFFS?") == "+4.000000000000000E+00;+2.000000000000000E+00")
  }
}

@Suite struct TSPInstrumentTests {
  @Test func aSourceMeterObeysOhmsLaw() {
    let lab = Shelf.lab("keithley/2636b", ohms: 1e6)
    #expect(lab.ask("*IDN?").hasPrefix("Keithley Instruments Inc., Model 2636B, "))
    #expect(
      lab.ask("smua.source.levelv = 2 smua.source.output = smua.OUTPUT_ON print(smua.measure.iv())")
        == "2.00000e-06\t2.00000e+00")
    #expect(
      lab.ask("smua.source.limiti = 1e-6 print(smua.source.compliance, smua.measure.v())")
        == "true\t1.00000e+00")
    #expect(lab.ask("print(errorqueue.count)") == "0.00000e+00")
    #expect(lab.ask("smua.source.nosuch = 1") == "")
    #expect(
      lab.ask("print(errorqueue.next())").hasPrefix("-2.86000e+02\tTSP Runtime error at line 1: "))
  }

  @Test func namesAndValuesAreTakenUpToTheFirstThatIsWrong() {
    let lab = Shelf.lab("siglent/sdg2042x")
    _ = lab.ask("C1:BSWV FRQ,100,NOSUCH,1,AMP,2")
    #expect(lab.ask("C1:BSWV?").contains(",FRQ,100HZ,PERI,0.01S,AMP,4V,"))
    _ = lab.ask("C1:BSWV AMP,2,FRQ")
    #expect(lab.ask("C1:BSWV?").contains(",FRQ,100HZ,PERI,0.01S,AMP,2V,"))
    // Channels are their own, and a setting without a name is one.
    #expect(lab.ask("C2:BSWV?").contains(",FRQ,1000HZ,"))
    #expect(
      lab.ask("c2:outp on,load,hz;:C1:OUTP?;:C2:OUTP?").hasSuffix("C2:OUTP ON,LOAD,HZ,PLRT,NOR"))
  }
}
