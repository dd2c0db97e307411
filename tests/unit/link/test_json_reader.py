"""The reader of requests: exactly what RFC 8259 allows, and fractions as they were sent."""

from pump.link import json_reader

REQUIREMENTS = ("C8",)


def _is_refused(text):
    try:
        json_reader.read(text)
    except json_reader.JsonError:
        return True
    return False


def test_values_of_all_kinds():
    for text, fields in (
        (b"{}", {}),
        (b" { } ", {}),
        (b'{"a":0,"b":-1,"c":-0,"d":1073741824}', {"a": 0, "b": -1, "c": 0, "d": 1073741824}),
        (b'{"a":true,"b":false,"c":null,"d":""}', {"a": True, "b": False, "c": None, "d": ""}),
        (b'{"a":[],"b":[ ],"c":[[1,2],[3]]}', {"a": [], "b": [], "c": [[1, 2], [3]]}),
        (b'{"a":{"a":{}},"b":[{"c":1}]}', {"a": {"a": {}}, "b": [{"c": 1}]}),
        (b' { "a" : 1 , "b" : [ 2 , 3 ] } ', {"a": 1, "b": [2, 3]}),
    ):
        assert json_reader.read(text) == fields, text


def test_texts_and_their_escapes():
    for sent, text in (
        (b"plain {}[]:,*~", "plain {}[]:,*~"),
        (b'\\"\\\\\\/\\b\\f\\n\\r\\t', '"\\/\b\f\n\r\t'),
        (b"a\\u0041\\u00b5\\uFFfFz", "aA\u00b5\uffffz"),
        (b"\\u0000", "\x00"),
        (b"\\ud800\\udc00\\uDBFF\\uDFFF", "\U00010000\U0010ffff"),
    ):
        assert json_reader.read(b'{"a":"' + sent + b'"}') == {"a": text}, sent


def test_a_number_with_a_fraction_or_an_exponent_is_given_as_it_was_sent():
    for text in ("0.5", "-1.25", "1e3", "10E+2", "1.0e-7", "0e0"):
        value = json_reader.read(b'{"a":' + text.encode() + b"}")["a"]
        assert isinstance(value, json_reader.NotWhole)
        assert str(value) == text


def test_numbers_of_any_length_are_whole():
    assert json_reader.read(b'{"a":' + b"9" * 400 + b"}") == {"a": 10**400 - 1}


def test_what_is_no_number_is_refused():
    for text in (b"01", b"-01", b"00", b"+1", b"-", b".5", b"1.", b"1e", b"1e+", b"1.e1", b"0x1", b"1_0", b"1 2"):
        assert _is_refused(b'{"a":' + text + b"}"), text


def test_what_is_no_value_is_refused():
    for text in (b"", b"tru", b"True", b"nul", b"NaN", b"Infinity", b"'a'", b"a", b"truefalse", b"[1,]", b"[,1]",
                 b"[1 2]", b"[", b"[1", b"]", b"{]", b"[}", b'{"b"}', b'{"b":}', b"{1:2}", b'{"b":1,}'):  # fmt: skip
        assert _is_refused(b'{"a":' + text + b"}"), text


def test_what_is_no_text_is_refused():
    for text in (b'"', b"a", b'"a', b'"\\"', b'"\\x41"', b'"\\u12"', b'"\\u12g4"', b'"\\u 123"', b'"\\U0041"', b'"\\',
                 b'"\\ud800"', b'"\\udc00"', b'"\\ud800\\u0041"', b'"\\ud800\\ud800"', b'"\\u:000"', b'"\\u/000"',
                 b'"\\u@000"', b'"\\u`000"'):  # fmt: skip
        assert _is_refused(b'{"a":' + text + b"}"), text


def test_what_is_not_one_object_is_refused():
    for text in (b"", b" ", b"1", b"[]", b'"a"', b"{", b"}", b"{}}", b"{}{}", b"{} 1", b'{"a":1', b'{"a":1}{',
                 b"{,}", b'{"a" 1}', b'{"a":1 "b":2}', b'{"a":1,,"b":2}', b"{:1}", b"{a:1}",
                 b'{"a"=1}', b'{"a"::1}'):  # fmt: skip
        assert _is_refused(text), text


def test_two_fields_with_one_name_are_refused_at_any_depth():
    for text in (b'{"a":1,"a":2}', b'{"a":1,"b":2,"a":1}', b'{"a":1,"\\u0061":2}', b'{"b":{"a":1,"a":2}}'):
        assert _is_refused(text), text


def test_nesting_ends_at_eight():
    assert json_reader.read(b'{"a":' + b"[" * 7 + b"]" * 7 + b"}")
    assert json_reader.read(b'{"a":' * 7 + b"{}" + b"}" * 7)
    for text in (b'{"a":' + b"[" * 8 + b"]" * 8 + b"}", b'{"a":' * 8 + b"{}" + b"}" * 8, b'{"a":' + b"[" * 400):
        assert _is_refused(text), text


def test_any_cut_object_is_refused():
    whole = b'{"id":12,"on":true,"none":null,"name":"a\\u00b5\\n","rows":[[0,100],[-1,2.5e3]],"in":{"x":[]}}'
    assert not _is_refused(whole)
    for length in range(len(whole)):
        assert _is_refused(whole[:length]), length
