"""QCoDeS's Keithley_3706A against a simulated Series 3700A switch with three matrix cards."""

import pytest
from qcodes.instrument_drivers.Keithley import Keithley3706A
from qcodes.instrument_drivers.Keithley.Keithley_3706A import Keithley3706AInvalidValue


@pytest.fixture
def switch(serve):
    switch = Keithley3706A("switch", serve("keithley/3706a-snfp", device=None), visalib="@py", timeout=5)
    try:
        yield switch
        assert switch.ask("errorqueue.count") == "0.00000e+00"
    finally:
        switch.close()


def test_it_says_what_it_is_and_what_is_in_it(switch):
    assert switch.get_idn()["model"] == "3706A-SNFP"
    cards = switch.get_switch_cards()
    assert [card["slot_no"] for card in cards] == ["1", "2", "3"]
    assert {card["model"] for card in cards} == {"3730"}
    assert len(switch.get_channels()) == 3 * 6 * 16


def test_channels_are_closed_and_opened(switch):
    assert switch.get_closed_channels("allslots") is None
    switch.close_channel("1101")
    for channel in ["2206", "2204", "2205"]:
        switch.close_channel(channel)
    assert switch.get_closed_channels("allslots") == ["1101", "2204", "2205", "2206"]
    assert switch.get_closed_channels("slot2") == ["2204", "2205", "2206"]
    switch.open_channel("2205")
    assert switch.get_closed_channels("slot2") == ["2204", "2206"]
    switch.exclusive_slot_close("2101")
    assert switch.get_closed_channels("allslots") == ["1101", "2101"]
    switch.exclusive_close("3616")
    assert switch.get_closed_channels("allslots") == ["3616"]
    switch.open_channel("allslots")
    assert switch.get_closed_channels("allslots") is None


def test_rows_are_connected_to_columns(switch):
    channels = switch.connect_row_to_columns(1, 2, [3, 5])
    # It says which, and switches nothing.
    assert channels == ["1203", "1205"]
    for channel in channels:
        switch.close_channel(channel)
    assert switch.get_closed_channels("slot1") == ["1203", "1205"]


def test_what_is_forbidden_stays_open(switch):
    switch.set_forbidden_channels("1101")
    assert switch.get_forbidden_channels("allslots") == "1101"
    switch.write("channel.close('1101')")
    assert switch.ask("errorqueue.count") == "1.00000e+00"
    switch.write("errorqueue.clear()")
    assert switch.get_closed_channels("allslots") is None
    switch.clear_forbidden_channels("1101")


def test_settings_come_back_as_they_were_made(switch):
    assert switch.channel_connect_rule() == "BREAK_BEFORE_MAKE"
    switch.channel_connect_rule("MAKE_BEFORE_BREAK")
    assert switch.channel_connect_rule() == "MAKE_BEFORE_BREAK"
    switch.set_delay("1101:1103", 0.01)
    assert switch.get_delay("1101:1103") == pytest.approx([0.01] * 3)
    assert switch.gpib_address() == 16


def test_what_is_no_channel_is_refused(switch):
    with pytest.raises(Keithley3706AInvalidValue):
        switch.close_channel("9101")
