"""Encodings, numbers and dates as people write them, and expressions."""

from __future__ import annotations

import codecs

from tests.unit.odd_files.odd_file import BAD_BYTES, DATED, NO_NUMBER, TOO_FINE, UNDECLARED, OddFile

CAFES = "shop,amount\ncaf\u00e9 \u20ac,1\nb,x\n"
CAFE = {"caf\u00e9 \u20ac": "1"}
X = ((3, NO_NUMBER),)

ENCODINGS = (
    OddFile(name="UTF-8 with its mark", content=codecs.BOM_UTF8 + CAFES.encode(), sales=CAFE, rejects=X),
    OddFile(name="UTF-8 with its mark, quoted", content=b'\xef\xbb\xbf"shop",amount\na,1\n', sales={"a": "1"}),
    OddFile(name="UTF-16 little end first", content=codecs.BOM_UTF16_LE + CAFES.encode("utf-16-le"), sales=CAFE,
            rejects=X),
    OddFile(name="UTF-16 big end first", content=codecs.BOM_UTF16_BE + CAFES.encode("utf-16-be"), sales=CAFE,
            rejects=X),
    OddFile(name="UTF-16 without its mark", content=CAFES.encode("utf-16-be"),
            also="csv: {encoding: utf-16-be}", sales=CAFE, rejects=X),
    OddFile(name="UTF-16 whose bytes look like line ends", sales={"\u0a0d\u0d0a": "1"},
            content="shop,amount\n\u0a0d\u0d0a,1\n".encode("utf-16")),
    OddFile(name="UTF-16 with half a letter", content="shop,amount\na,1\n".encode("utf-16") + b"\0\xd8b\0\n\0c",
            sales={"a": "1"}, rejects=((3, BAD_BYTES), (4, BAD_BYTES))),
    OddFile(name="UTF-32", content=CAFES.encode("utf-32"), also="csv: {encoding: utf-32}", sales=CAFE, rejects=X),
    OddFile(name="a mark against the format", content=CAFES.encode("utf-16"), also="csv: {encoding: utf-8}",
            sales=CAFE, rejects=X),
    OddFile(name="code page 1252", content=CAFES.encode("cp1252"), also="csv: {encoding: windows-1252}",
            sales=CAFE, rejects=X),
    OddFile(name="a byte that code page 1252 doesn't have", content=b"shop,amount\na,1\n\x81,2\n",
            also="csv: {encoding: windows-1252}", sales={"a": "1"}, rejects=((3, BAD_BYTES),)),
    OddFile(name="Latin-1", content="shop,amount\ncaf\u00e9,1\n".encode("latin-1"),
            also="csv: {encoding: latin-1}", sales={"caf\u00e9": "1"}),
    OddFile(name="auto, UTF-8", content=CAFES.encode(), also="csv: {encoding: auto}", sales=CAFE, rejects=X),
    OddFile(name="auto, code page 1252", content=CAFES.encode("cp1252"), also="csv: {encoding: auto}", sales=CAFE,
            rejects=X),
    OddFile(name="Shift JIS with bytes that are none", also="csv: {encoding: shift_jis}", sales={"\u5e97": "1"},
            content="shop,amount\n\u5e97,1\n".encode("shift_jis") + b"\x81 ,2\n\xa0,3\n",
            rejects=((3, BAD_BYTES), (4, BAD_BYTES))),
    OddFile(name="no UTF-8 and no encoding declared", content=CAFES.encode("utf-16-le"), error="is not a column"),
)  # fmt: skip

GERMAN = "csv: {delimiter: ;}\nnumbers: {decimal: ',', thousands: '.'}"
SIGNS = "numbers: {negative: %s, currency_sign: strip}"

NUMBERS = (
    OddFile(name="a decimal comma", content=b"shop;amount\na;1.234,50\nb;-0,99\nc;1.5\nd;12.34,5\n", also=GERMAN,
            sales={"a": "1234.5", "b": "-0.99"}, rejects=((4, UNDECLARED), (5, UNDECLARED))),
    OddFile(name="a decimal comma that nobody declared", content=b"shop;amount\na;1,50\n", rejects=((2, UNDECLARED),)),
    OddFile(name="commas between thousands", content=b'shop,amount\na,"1,234.5"\nb,"12,34"\nc,"1,234,567"\n',
            also="numbers: {thousands: ','}", sales={"a": "1234.5", "c": "1234567"}, rejects=((3, UNDECLARED),)),
    OddFile(name="spaces of all kinds between thousands", also="numbers: {thousands: ' '}",
            content="shop,amount\na,1 234.5\nb,1\u00a0234\nc,1\u202f234\nd,1  234\n".encode(),
            sales={"a": "1234.5", "b": "1234", "c": "1234"}, rejects=((5, NO_NUMBER),)),
    OddFile(name="apostrophes between thousands", content=b"shop,amount\na,1'234.50\nb,1'23\n",
            also='numbers: {thousands: "\'"}', sales={"a": "1234.5"}, rejects=((3, UNDECLARED),)),
    OddFile(name="currency signs", content="shop,amount\na,\u20ac12.50\nb,-$ 1\nc,12.50 \u00a3\nd,$$1\ne,USD 1\n".encode(),
            also="numbers: {currency_sign: strip}", sales={"a": "12.5", "b": "-1", "c": "12.5"},
            rejects=((5, NO_NUMBER), (6, NO_NUMBER))),
    OddFile(name="a currency sign that nobody declared", content="shop,amount\na,\u20ac1\n".encode(),
            rejects=((2, "The amount has a currency sign (numbers.currency_sign"),)),
    OddFile(name="brackets for a minus", content=b"shop,amount\na,(12.50)\nb,($1)\nc,$(1)\nd,(-1)\ne,()\nf,-1\n",
            also=SIGNS % "parentheses", sales={"a": "-12.5", "b": "-1", "c": "-1", "f": "-1"},
            rejects=((5, NO_NUMBER), (6, NO_NUMBER))),
    OddFile(name="a minus behind", content=b"shop,amount\na,12.50-\nb,1- $\nc,1 $-\nd,-1-\ne,-1\n",
            also=SIGNS % "trailing_minus", sales={"a": "-12.5", "b": "-1", "c": "-1", "e": "-1"},
            rejects=((5, NO_NUMBER),)),
    OddFile(name="brackets that nobody declared", content=b"shop,amount\na,(12.50)\n",
            rejects=((2, "The amount is in parentheses (numbers.negative"),)),
    OddFile(name="a minus behind that nobody declared", content=b"shop,amount\na,12.50-\n",
            rejects=((2, "The amount ends in a minus (numbers.negative"),)),
    OddFile(name="numbers that only look like some", content=b"shop,amount\na,1e3\nb,1_000\nc,0x10\nd,--1\ne,NaN\n",
            rejects=tuple((line, NO_NUMBER) for line in range(2, 7))),
    OddFile(name="decimals to their limit", sales={"a": "0.0001", "b": "0.5", "c": "5", "d": "99999999999999.9999"},
            content=b"shop,amount\na,0.00010000\nb,.5\nc,+5.\nd,99999999999999.9999\ne,0.00001\nf,100000000000000\n",
            rejects=((6, TOO_FINE), (7, "The amount is too large"))),
)  # fmt: skip

LONDON, NEW_YORK = "timezone: Europe/London", "timezone: America/New_York"


def days(*written: str) -> bytes:
    return "".join(["shop,amount,day\n", *(f"a,1,{day}\n" for day in written)]).encode()


NO_DATE = "The date is not a date "
DATES = (
    OddFile(name="ISO dates", columns=DATED, sales={"a": "5"}, months={"2024-02": "5"},
            content=days("2024-02-29", "2024-02-29 13:45", "2024-02-29T13:45:10.25Z", "2024-02-29T23:59:59-00:00",
                         "2024-03-01T01:00:00+02:00")),
    OddFile(name="dates that don't exist", columns=DATED, content=days("2023-02-29", "2024-13-01", "24-01-01", ""),
            rejects=((2, NO_DATE + "in ISO 8601, such as 2024-01-31"), (3, NO_DATE + "in ISO 8601, such as 2024-01-31"),
                     (4, NO_DATE + "in ISO 8601, such as 2024-01-31"), (5, "The date is blank"))),
    OddFile(name="dates outside the years", columns=DATED, content=days("1969-12-31", "1970-01-01", "2100-01-01"),
            sales={"a": "1"}, rejects=((2, "The date is not in 1970 to 2099"), (4, "The date is not in 1970 to 2099"))),
    OddFile(name="day before month", columns=DATED, also="dates: '%d/%m/%Y'", sales={"a": "2"},
            content=days("29/02/2024", "1/2/2024", "02/29/2024"), months={"2024-02": "2"},
            rejects=((4, NO_DATE + "written as %d/%m/%Y"),)),
    OddFile(name="an offset by pattern", columns=DATED, also=f"dates: '%d.%m.%Y %H:%M %z'\n{LONDON}",
            content=days("01.07.2024 00:30 +0100", "01.07.2024 00:30 +0200"), sales={"a": "2"},
            months={"2024-07": "1", "2024-06": "1"}, moments=("2024-06-30T22:30:00Z", "2024-06-30T23:30:00Z")),
    OddFile(name="the month in the format's time zone", columns=DATED, also=NEW_YORK, sales={"a": "3"},
            content=days("2024-02-01T04:59:59Z", "2024-02-01T05:00:00Z", "2024-01-31 23:59"),
            months={"2024-01": "2", "2024-02": "1"}, moments=("2024-02-01T04:59:00Z", "2024-02-01T05:00:00Z")),
    OddFile(name="nanoseconds before midnight", columns=DATED, sales={"a": "2"}, months={"2023-12": "2"},
            content=days("2023-12-31 23:59:59.999999999", "2023-12-31T23:59:59.999999999Z")),
    OddFile(name="the hour that a spring day hasn't", columns=DATED, also=LONDON, sales={"a": "1"},
            content=days("2024-03-31 01:30"), moments=("2024-03-31T01:30:00Z", "2024-03-31T01:30:00Z")),
    OddFile(name="the hour that an autumn day has twice", columns=DATED, also=LONDON, sales={"a": "1"},
            content=days("2024-10-27 01:30"), moments=("2024-10-27T01:30:00Z", "2024-10-27T01:30:00Z")),
    OddFile(name="midnight on the day the clock goes back", columns=DATED, also="timezone: America/Havana",
            content=days("2020-11-01 00:30"), sales={"a": "1"}, months={"2020-11": "1"}),
)  # fmt: skip

PRICED = b"shop,price,cut\na,10.50,0.1\nb,1.2345,0.5\nc,,0.1\n"
EXPRESSIONS = (
    OddFile(name="an amount that is computed", content=PRICED, columns='merchant_id: shop, amount: "price * (1 - cut)"',
            sales={"a": "9.45"}, rejects=((3, TOO_FINE), (4, "The amount can't be computed from this line"))),
    OddFile(name="an amount that is rounded on purpose", content=PRICED, sales={"a": "9.45", "b": "0.62"},
            columns='merchant_id: shop, amount: "round(price * (1 - cut), 2)"',
            rejects=((4, "The amount can't be computed from this line"),)),
    OddFile(name="a division", content=PRICED, columns='merchant_id: shop, amount: "price / 100"',
            error="multiply by 0.01"),
    OddFile(name="an exponent", content=PRICED, columns='merchant_id: shop, amount: "price * 1e-2"',
            error="write 0.01"),
    OddFile(name="a cast to a float", content=PRICED, columns='merchant_id: shop, amount: "CAST(price AS DOUBLE)"',
            error="cast to DOUBLE is not allowed"),
    OddFile(name="a column that isn't there", content=PRICED, columns='merchant_id: shop, amount: "prize * 2"',
            error="'prize'"),
    OddFile(name="a name in quotes", content=b"shop,Sale (Dollars)\na,1.5\n", sales={"a": "3"},
            columns="merchant_id: shop, amount: '\"Sale (Dollars)\" * 2'"),
    OddFile(name="a file that an expression wants", content=PRICED, error="not allowed",
            columns="merchant_id: shop, amount: \"read_text('/etc/passwd')\""),
    OddFile(name="a merchant that is computed", content=b"shop,amount\nDE-17,1\nFR-17,2\n-,3\n",
            columns='merchant_id: "split_part(shop, \'-\', 2)", amount: amount', sales={"17": "3"},
            rejects=((4, "The merchant is blank"),)),
)  # fmt: skip

TEXT_FILES = (*ENCODINGS, *NUMBERS, *DATES, *EXPRESSIONS)
