"""JSON Lines and JSON arrays: values of all kinds, paths, and texts that are no JSON."""

from __future__ import annotations

import codecs

from tests.unit.odd_files.odd_file import BAD_BYTES, NO_MERCHANT, NO_NUMBER, TOO_FINE, OddFile

NO_JSON, NO_OBJECT = "The line is not valid JSON", "The line is not a JSON object"
NESTED = "The amount is an object or a list, not a value"
TOO_LONG = "The amount has more digits than a JSON number keeps: write it as a text"
TWO = b'{"shop":"a","amount":1}\n{"shop":"b","amount":2}\n'
A_AND_B = {"a": "1", "b": "2"}
DEEP = 100_000


def lines(*amounts: str) -> bytes:
    return "".join(f'{{"shop":"{letter}","amount":{a}}}\n' for letter, a in zip("abcdefgh", amounts)).encode()  # noqa: B905


LINES = (
    OddFile(name="ndjson", key="orders.ndjson", content=TWO, sales=A_AND_B),
    OddFile(name="json that begins with an object", key="orders.json", content=TWO, sales=A_AND_B),
    OddFile(name="JSON Lines by the format", key="orders.log", also="file: jsonl", content=TWO, sales=A_AND_B),
    OddFile(name="numbers and texts", key="o.jsonl", content=lines("12.50", '" 12.50 "', "-3", '"x"', '"1e3"'),
            sales={"a": "12.5", "b": "12.5", "c": "-3"}, rejects=((4, NO_NUMBER), (5, NO_NUMBER))),
    OddFile(name="exponents", key="o.jsonl", content=lines("1e2", "1.5E+3", "25e-1", "1e-5"),
            sales={"a": "100", "b": "1500", "c": "2.5"}, rejects=((4, TOO_FINE),)),
    OddFile(name="more digits than a double keeps", key="o.jsonl", content=lines("4.35", "12345678901234.5678",
            '"12345678901234.5678"', "0.30000000000000004", "99999999999999"),
            sales={"a": "4.35", "c": "12345678901234.5678", "e": "99999999999999"},
            rejects=((2, TOO_LONG), (4, TOO_FINE))),
    OddFile(name="long ids", key="o.jsonl", sales={"12345678901234567890123": "1", "9007199254740993": "1"},
            content=b'{"shop":12345678901234567890123,"amount":1}\n{"shop":9007199254740993,"amount":1}\n'),
    OddFile(name="a decimal comma in texts only", key="o.jsonl", content=lines('"1.234,5"', "1234.5", '"1.5"'),
            also="numbers: {decimal: ',', thousands: '.'}", sales={"a": "1234.5", "b": "1234.5"},
            rejects=((3, "The amount has marks"),)),
    OddFile(name="null, true and keys that aren't there", key="o.jsonl", sales={"true": "1", "x": "2"},
            content=b'{"shop":null,"amount":1}\n{"amount":1}\n{"shop":true,"amount":1}\n{"amount":2,"shop":"x"}\n',
            rejects=((1, NO_MERCHANT), (2, NO_MERCHANT))),
    OddFile(name="values that are objects and lists", key="o.jsonl", content=lines("1", '{"net":1}', "[1]"),
            sales={"a": "1"}, rejects=((2, NESTED), (3, NESTED))),
    OddFile(name="a key twice", key="o.jsonl", content=b'{"shop":"a","amount":"x","amount":1}\n',
            rejects=((1, NO_NUMBER + ": x"),)),
    OddFile(name="paths", key="o.jsonl", sales={"a": "1", "c": "3"},
            columns="merchant_id: '$.seller.\"shop id\"', amount: $.sum.net", rejects=((2, NO_MERCHANT), (4, NESTED)),
            content=b'{"seller":{"shop id":"a"},"sum":{"net":1}}\n{"seller":"b","sum":{"net":2}}\n'
                    b'{"sum":{"net":"3"},"seller":{"shop id":"c"}}\n{"seller":{"shop id":"d"},"sum":{"net":[]}}\n'),
    OddFile(name="an expression over values", key="o.jsonl", columns='merchant_id: upper(shop), amount: "amount * q"',
            content=b'{"shop":"a","amount":1.5,"q":2}\n{"shop":"b","amount":"x","q":2}\n', sales={"A": "3"},
            rejects=((2, "A number that the amount is computed from"),)),
    OddFile(name="keys with marks in them", key="o.jsonl", columns="merchant_id: a/b~c, amount: 'net (%)'",
            content=b'{"a/b~c":"a","net (%)":1}\n', sales={"a": "1"}),
    OddFile(name="lines that are no objects", key="o.jsonl", content=TWO + b'[1]\n"x"\n1\nnull\n', sales=A_AND_B,
            rejects=tuple((line, NO_OBJECT) for line in (3, 4, 5, 6))),
    OddFile(name="lines that are no JSON", key="o.jsonl", sales=A_AND_B, rejects=tuple((n, NO_JSON) for n in range(3, 11)),
            content=TWO + b'{"shop":"c"\n{"shop":"c",}\n{"amount":NaN}\n{"amount":+1}\n{"amount":01}\n{"a":"\t"}\n'
                          b'{"a":1} {"b":1}\n{\'a\':1}\n'),
    OddFile(name="a line of blanks and one of nothing", key="o.jsonl", content=b'{"shop":"a","amount":1}\n\n  \n',
            sales={"a": "1"}, rejects=((3, NO_JSON),)),
    OddFile(name="CR LF after objects", key="o.jsonl", content=lines("1", '"x"', "3").replace(b"\n", b"\r\n"),
            sales={"a": "1", "c": "3"}, rejects=((2, NO_NUMBER),)),
    OddFile(name="JSON in UTF-16", key="o.jsonl", content=codecs.BOM_UTF16_BE + TWO.decode().encode("utf-16-be"),
            sales=A_AND_B),
    OddFile(name="letters that are escaped", key="o.jsonl", sales={"\u20ac": "1", "\U0001f600": "2", 'a"\\\nb': "3"},
            content=b'{"shop":"\\u20ac","amount":1}\n{"shop":"\\ud83d\\ude00","amount":2}\n{"shop":"a\\"\\\\\\nb","amount":3}\n'
                    b'{"shop":"\\ud83d","amount":4}\n', rejects=((4, NO_JSON),)),
    OddFile(name="invalid UTF-8 in JSON", key="o.jsonl", content=b'{"shop":"\xff","amount":1}\n' + TWO, sales=A_AND_B,
            rejects=((1, BAD_BYTES),)),
    OddFile(name="a value in a hundred thousand lists", key="o.jsonl", sales=A_AND_B, rejects=((3, NESTED), (4, NO_OBJECT)),
            content=TWO + b'{"shop":"c","amount":' + b"[" * DEEP + b"]" * DEEP + b"}\n" + b"[" * DEEP + b"]" * DEEP),
    OddFile(name="a column that no object has", key="o.jsonl", content=b'{"shop":"a","net":1}\n', error="'amount'"),
    OddFile(name="a column that only a late object has", key="o.jsonl", sales={"a": "1"},
            content=b'{"x":"yyyyyyy"}\n' * 80_000 + b'{"shop":"a","amount":1}\n',
            columns="merchant_id: shop, amount: amount",
            rejects=tuple((line, NO_MERCHANT) for line in range(1, 80_001))),
)  # fmt: skip

ARRAYS = (
    OddFile(name="an array", key="o.json", content=b'[{"shop":"a","amount":1},{"shop":"b","amount":2}]', sales=A_AND_B),
    OddFile(name="a pretty array", key="o.json", sales={"a": "1"}, rejects=((2, NO_NUMBER),),
            content=b' [\n  {\n    "shop": "a",\n    "amount": 1\n  },\n  {\n    "shop": "b",\n    "amount": "x"\n  }\n]\n'),
    OddFile(name="an array by the format", key="orders", also="file: json", content=b"[" + TWO.strip().replace(b"\n", b",") + b"]",
            sales=A_AND_B),
    OddFile(name="an array of arrays, objects and scalars", key="o.json", sales={"a": "1"},
            content=b'[[1,{"shop":"x","amount":9}], {"shop":"a","amount":1,"of":[{"x":"]}"}]}, 7, "a,b]", null]',
            rejects=tuple((row, NO_OBJECT) for row in (1, 3, 4, 5))),
    OddFile(name="an empty array", key="o.json", content=b" [ ] \n"),
    OddFile(name="an array of 5,000 whose last is wrong", key="o.json", sales={"a": "5000"}, rejects=((5001, NO_NUMBER),),
            content=b"[" + b'{"shop": "a",\n "amount": 1},' * 5000 + b'{"shop":"a","amount":"x"}]'),
    OddFile(name="an array in UTF-16", key="o.json", content='[{"shop":"a","amount":1}]'.encode("utf-16"), sales={"a": "1"}),
    OddFile(name="an array that ends early", key="o.json", content=b'[{"shop":"a","amount":1},{"shop":', error="ends within an element"),
    OddFile(name="an array without its end", key="o.json", content=b'[{"shop":"a","amount":1}', error="a comma or the end"),
    OddFile(name="an array without a comma", key="o.json", content=b'[{"shop":"a","amount":1}{"shop":"b"}]', error="after 1 elements"),
    OddFile(name="an array with a comma too many", key="o.json", content=b'[{"shop":"a","amount":1},]', error="a value is missing"),
    OddFile(name="an array and more", key="o.json", content=b'[{"shop":"a","amount":1}] x', error="something follows"),
    OddFile(name="no array", key="orders", also="file: json", content=TWO, error="doesn't begin with ["),
    OddFile(name="an element that is no JSON", key="o.json", content=b'[{"shop":"a","amount":1},{"shop" "b"}]', error="not valid JSON"),
    OddFile(name="a word that is no JSON", key="o.json", content=b'[{"shop":"a","amount":1},nul]', error="not valid JSON"),
    OddFile(name="a line end within a text", key="o.json", content=b'[{"shop":"a\nb","amount":1}]', error="a line end in it"),
)  # fmt: skip

JSON_FILES = (*LINES, *ARRAYS)
