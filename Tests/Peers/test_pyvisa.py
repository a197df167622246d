"""Plain PyVISA, as a user at a prompt would: the words themselves."""

import pytest
from conftest import OHMS

EMPTY = "0.00000e+00\tQueue Is Empty\t0.00000e+00\t0.00000e+00"


@pytest.fixture
def smu(connect):
    smu = connect("keithley/2400", end="\r")
    yield smu
    assert smu.query("SYST:ERR?") == '0,"No error"'


@pytest.fixture
def generator(connect):
    generator = connect("keysight/33522b")
    yield generator
    assert generator.query("SYST:ERR?") == '+0,"No error"'


@pytest.fixture
def tsp(connect):
    tsp = connect("keithley/2636b")
    yield tsp
    assert tsp.query("print(errorqueue.next())") == EMPTY


# SCPI: Keithley 2400


def test_every_form_of_a_command_is_one(smu):
    for form in ["SOUR:VOLT", ":SOURCE1:VOLTAGE:LEVEL", "source:voltage:immediate:amplitude"]:
        smu.write(f"{form} 1.25")
        assert float(smu.query(f"{form}?")) == 1.25
        smu.write("SOUR:VOLT 0")


def test_compound_messages_go_on_where_they_were(smu):
    smu.write(":SOUR:VOLT 1;VOLT:RANG 20;:SENS:CURR:PROT 1E-3;NPLC 0.1")
    assert smu.query(":SOUR:VOLT?;:SENS:CURR:PROT?;NPLC?") == (
        "+1.000000E+00;+1.000000E-03;+1.000000E-01"
    )
    # A common command does not move the place.
    assert smu.query(":SOUR:VOLT?;*OPC?;VOLT?") == "+1.000000E+00;1;+1.000000E+00"


def test_bounds_are_told(smu):
    assert float(smu.query("SENS:CURR:NPLC? MIN")) == 0.01
    assert float(smu.query("SENS:CURR:NPLC? MAX")) == 10
    assert float(smu.query("SENS:CURR:NPLC? DEF")) == 1
    smu.write("SENS:CURR:NPLC MAX")
    assert float(smu.query("SENS:CURR:NPLC?")) == 10
    assert float(smu.query("SOUR:VOLT? MAX")) == 210


def test_the_2400_obeys_ohms_law(smu):
    smu.write("*RST")
    smu.write(":SOUR:FUNC VOLT;:SOUR:VOLT 2.5;:SENS:CURR:PROT 0.01;:FORM:ELEM CURR")
    smu.write(":OUTP ON")
    assert smu.query(":OUTP?") == "1"
    assert float(smu.query(":READ?")) == pytest.approx(2.5 / OHMS, rel=1e-3)
    smu.write(":SENS:CURR:PROT 1E-4")
    assert smu.query(":SENS:CURR:PROT:TRIP?") == "1"
    assert float(smu.query(":READ?")) == pytest.approx(1e-4, rel=1e-3)
    smu.write(":OUTP OFF")
    assert smu.query(":OUTP?") == "0"


def test_wrong_commands_set_event_bits(smu):
    smu.write("*CLS")
    assert smu.query("*ESR?") == "0"
    for wrong, error, bit in [
        ("SOUR:FREQ 1", '-113,"Undefined header"', 32),
        ("SOUR:VOLT", '-109,"Missing parameter"', 32),
        ("SOUR:VOLT 1,2", '-108,"Parameter not allowed"', 32),
        (":READ?", '803,"Not permitted with OUTPUT off"', None),
    ]:
        smu.write(wrong)
        assert smu.query("SYST:ERR?") == error
        events = int(smu.query("*ESR?"))
        if bit:
            assert events == bit, wrong
    smu.write("*OPC")
    assert smu.query("*ESR?") == "1"
    assert smu.query("*OPC?") == "1"


def test_nothing_behind_a_wrong_command_is_done(smu):
    smu.write("SOUR:VOLT 3;NOSUCH 1;:SOUR:VOLT 4")
    assert smu.query("SYST:ERR?") == '-113,"Undefined header"'
    assert float(smu.query("SOUR:VOLT?")) == 3


def test_the_error_queue_is_ten_deep(smu):
    for _ in range(15):
        smu.write("NOSUCH")
    assert smu.query("SYST:ERR:COUN?") == "10"
    errors = [smu.query("SYST:ERR?") for _ in range(10)]
    assert set(errors[:9]) == {'-113,"Undefined header"'}
    # The 2400 writes 'Queue Overflow', SCPI-99 'Queue overflow'.
    assert errors[9].lower() == '-350,"queue overflow"'


def test_a_service_request_tells_of_errors(smu):
    smu.write("*CLS;*ESE 32;*SRE 32")
    assert int(smu.query("*STB?")) & 0x64 == 0
    smu.write("NOSUCH")
    # Error available, event summary, master summary.
    assert int(smu.query("*STB?")) & 0x64 == 0x64
    smu.write("*CLS")
    assert int(smu.query("*STB?")) & 0x64 == 0


# SCPI: Keysight 33522B


def test_the_generator_tells_all_digits(generator):
    generator.write("SOUR1:FREQ 2.5 KHZ;:SOURCE2:VOLTAGE:OFFSET -100 MV")
    assert generator.query("SOUR1:FREQ?") == "+2.500000000000000E+03"
    assert float(generator.query("SOUR2:VOLT:OFFS?")) == -0.1
    assert generator.query("FUNC?;:OUTP?;:TRIG:SOUR?") == "SIN;0;IMM"


def test_the_generator_tells_its_bounds(generator):
    assert float(generator.query("FREQ? MAX")) == 30e6
    assert float(generator.query("FREQ? MIN")) == 1e-6
    assert float(generator.query("FREQ? DEF")) == 1e3
    generator.write("FREQ MAX")
    assert float(generator.query("FREQ?")) == 30e6


def test_the_generator_without_a_load_is_infinite(generator):
    generator.write("OUTP1:LOAD INF")
    assert float(generator.query("OUTP1:LOAD?")) == 9.9e37
    assert float(generator.query("OUTP2:LOAD?")) == 50
    generator.write("BURS:NCYC INF")
    assert float(generator.query("BURS:NCYC?")) == 9.9e37


def test_the_generator_refuses_wrong_commands(generator):
    generator.write("*CLS")
    for wrong, error, bit in [
        ("SOUR:NOSUCH 1", '-113,"Undefined header"', 32),
        ("SOUR3:FREQ 1", '-114,"Header suffix out of range"', 32),
        ("FUNC NOSUCH", '-224,"Illegal parameter value"', 16),
        ("FREQ 5 KG", '-131,"Invalid suffix"', 32),
    ]:
        generator.write(wrong)
        assert generator.query("SYST:ERR?") == error
        assert int(generator.query("*ESR?")) == bit, wrong
    generator.write("FREQ 1E12")
    assert generator.query("SYST:ERR?").startswith('-222,"Data out of range')
    assert int(generator.query("*ESR?")) == 16


def test_the_generators_error_queue_is_twenty_deep(generator):
    for _ in range(25):
        generator.write("NOSUCH")
    errors = [generator.query("SYST:ERR?") for _ in range(20)]
    assert errors[18] == '-113,"Undefined header"'
    assert errors[19] == '-350,"Queue overflow"'


def test_blocks_are_taken_with_any_bytes(generator):
    data = bytes(range(256)) * 2
    generator.write_raw(b"SOUR1:DATA:ARB:DAC bytes,#3512" + data + b";:FREQ 123\n")
    assert float(generator.query("FREQ?")) == 123
    # Codes of 16 bits, the more significant byte first unless it is told otherwise.
    assert generator.query("SOUR1:DATA:ARB:DAC?").strip('"').split(",")[1:3] == ["1", "515"]
    generator.write_binary_values(
        "FORM:BORD SWAP;:SOUR1:DATA:ARB:DAC swapped,", range(-4, 4), datatype="h"
    )
    codes = generator.query("SOUR1:DATA:ARB:DAC?").strip('"').split(",")[1:]
    assert [int(code) for code in codes] == list(range(-4, 4))


# TSP: Keithley 2636B


def test_values_are_printed_behind_tabs(tsp):
    assert tsp.query("print(1, 'two', true, nil, 2.5e-9)") == (
        "1.00000e+00\ttwo\ttrue\tnil\t2.50000e-09"
    )
    assert tsp.query("print(tostring(10))") == "10"
    tsp.write("format.asciiprecision = 10")
    assert tsp.query("print(math.pi)") == "3.141592654e+00"
    tsp.write("reset()")
    assert tsp.query("print(math.pi)") == "3.14159e+00"


def test_the_2636b_obeys_ohms_law(tsp):
    tsp.write("reset()")
    tsp.write("smua.source.func = smua.OUTPUT_DCVOLTS")
    tsp.write("smua.source.levelv = 2.5 smua.source.limiti = 1e-2")
    tsp.write("smua.source.output = smua.OUTPUT_ON")
    current, voltage = map(float, tsp.query("print(smua.measure.iv())").split("\t"))
    assert current == pytest.approx(2.5 / OHMS, rel=1e-3)
    assert voltage == pytest.approx(2.5, rel=1e-3)
    tsp.write("smua.source.limiti = 1e-4")
    assert tsp.query("print(smua.source.compliance)") == "true"
    assert float(tsp.query("print(smua.measure.i())")) == pytest.approx(1e-4, rel=1e-3)
    tsp.write("smua.source.output = 0")
    assert tsp.query("print(smua.source.output)") == "0.00000e+00"
    # High impedance is a way of being off.
    tsp.write("smua.source.output = smua.OUTPUT_HIGH_Z")
    assert tsp.query("print(smua.source.output)") == "0.00000e+00"


def test_common_commands_work_beside_lua(tsp):
    assert tsp.query("*IDN?").startswith("Keithley Instruments Inc., Model 2636B, ")
    assert tsp.query("*OPC?") == "1"
    tsp.write("*CLS")
    assert tsp.query("*ESR?") == "0"
    tsp.write("opc()")
    assert tsp.query("*ESR?") == "1"
    tsp.write("smua.measure.nplc = 5")
    tsp.write("*RST")
    assert tsp.query("print(smua.measure.nplc)") == "1.00000e+00"


def test_lua_says_what_is_wrong(tsp):
    for wrong, code, text in [
        (
            "nosuch()",
            -286,
            "TSP Runtime error at line 1: attempt to call global `nosuch' (a nil value)",
        ),
        (
            "print(smua.nosuch.thing)",
            -286,
            "TSP Runtime error at line 1: attempt to index field `nosuch' (a nil value)",
        ),
        ("x = = 1", -285, "TSP Syntax error at line 1: unexpected symbol near `='"),
        ("for i = 1, 3 do", -285, "TSP Syntax error at line 1: `end' expected near `<eof>'"),
        ("smua.source.limiti = 100", 1101, "Parameter too big"),
    ]:
        tsp.write(wrong)
        error = tsp.query("print(errorqueue.next())").split("\t")
        assert (float(error[0]), error[1]) == (code, text)


def test_an_error_ends_a_line_but_not_the_instrument(tsp):
    tsp.write("a = 1 nosuch() a = 2")
    assert tsp.query("print(a)") == "1.00000e+00"
    assert tsp.query("print(errorqueue.count)") == "1.00000e+00"
    tsp.write("errorqueue.clear()")


def test_a_script_is_run_when_it_is_whole(tsp):
    tsp.write("loadandrunscript")
    tsp.write("sum = 0")
    tsp.write("for i = 1, 10 do")
    tsp.write("  sum = sum + i")
    tsp.write("end")
    tsp.write("print(sum)")
    tsp.write("endscript")
    assert tsp.read() == "5.50000e+01"


def test_a_script_has_a_name_and_is_run_again(tsp):
    tsp.write("loadscript double")
    tsp.write("value = (value or 1) * 2")
    tsp.write("endscript")
    assert tsp.query("print(value)") == "nil"
    tsp.write("double()")
    assert tsp.query("print(value)") == "2.00000e+00"
    tsp.write("double.run()")
    assert tsp.query("print(value)") == "4.00000e+00"
    tsp.write("double()")
    assert tsp.query("print(value)") == "8.00000e+00"


def test_an_error_in_a_script_tells_its_line(tsp):
    tsp.write("loadandrunscript")
    tsp.write("local a = 1")
    tsp.write("nosuch()")
    tsp.write("endscript")
    error = tsp.query("print(errorqueue.next())").split("\t")
    assert float(error[0]) == -286
    assert error[1].startswith("TSP Runtime error at line 2: ")


def test_a_buffer_is_printed_as_asked(tsp):
    tsp.write("smua.source.levelv = 1 smua.source.output = 1")
    tsp.write("smua.nvbuffer1.clear() smua.nvbuffer1.appendmode = 1")
    tsp.write("smua.measure.count = 3")
    tsp.write("smua.measure.v(smua.nvbuffer1)")
    assert tsp.query("print(smua.nvbuffer1.n)") == "3.00000e+00"
    assert tsp.query("printbuffer(1, 3, smua.nvbuffer1)") == ", ".join(["1.00000e+00"] * 3)
    assert tsp.query("printbuffer(1, smua.nvbuffer1.n, smua.nvbuffer1.readings)") == (
        ", ".join(["1.00000e+00"] * 3)
    )
    tsp.write("format.data = format.REAL64")
    values = tsp.query_binary_values(
        "printbuffer(1, 3, smua.nvbuffer1.readings)",
        datatype="d",
        expect_termination=True,
        # '#0' has no length: pyvisa reads to the terminator, which may be a
        # byte of a number, so the count is given.
        data_points=3,
    )
    assert values == pytest.approx([1, 1, 1], rel=1e-3)
