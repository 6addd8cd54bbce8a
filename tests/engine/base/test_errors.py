"""Messages of errors can be read: one line, nothing that a terminal obeys, the middle of long ones left out."""

import pickle

import pytest

from fqi_theory.base.errors import FormatError, FqiTheoryError, ModelError


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("s\nt", "s t"),
        ("two lines\r\n", "two lines"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\udc93 and \u202e", r"\udc93 and \u202e"),
        ("é, 机, γ and 'a  b'", "é, 机, γ and 'a  b'"),
    ],
)
def test_a_message_is_one_printable_line(given, shown):
    assert str(ModelError(given)) == shown


def test_a_long_message_keeps_its_place_and_its_remedy():
    message = str(FormatError("a.json: line 3: found " + "9" * 100_000 + "; use --discount"))
    assert message.startswith("a.json: line 3: found 999")
    assert message.endswith("999; use --discount")
    assert " ... " in message
    assert len(message) <= 1000


def test_an_error_goes_between_processes():
    again = pickle.loads(pickle.dumps(FormatError("a.json: torn\n")))
    assert (type(again), str(again), str(FqiTheoryError())) == (FormatError, "a.json: torn", "")
