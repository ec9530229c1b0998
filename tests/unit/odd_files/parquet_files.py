"""Parquet: values of their own types, nested columns, names, and files that are none."""

from __future__ import annotations

from tests.unit.odd_files.odd_file import BAD_BYTES, DATED, NO_MERCHANT, NO_NUMBER, TOO_FINE, OddFile, Parquet

KEY = "orders.parquet"
TOO_LARGE = "The amount is too large"
LONDON, TOKYO = "timezone: Europe/London", "timezone: Asia/Tokyo"
NO_YEAR = "The date is not in 1970 to 2099"


def amounts(*values: str) -> Parquet:
    """A row for each value: a with the first, b with the second, …"""
    rows = " UNION ALL ".join(f"SELECT '{s}' AS shop, {v} AS amount" for s, v in zip("abcdefgh", values))  # noqa: B905
    return Parquet(rows)


def days(*values: str) -> Parquet:
    return Parquet(" UNION ALL ".join(f"SELECT 'a' AS shop, 1 AS amount, {value} AS day" for value in values))


NUMBERS = (
    OddFile(name="decimals", key=KEY, content=amounts("1.50::DECIMAL(9,2)", "-0.01::DECIMAL(9,2)"),
            sales={"a": "1.5", "b": "-0.01"}),
    OddFile(name="decimals of 38 digits", key=KEY, sales={"a": "1.5"}, rejects=((2, TOO_FINE), (3, TOO_LARGE)),
            content=amounts(*(f"{n}::DECIMAL(38,10)" for n in ("1.5", "0.00001", "100000000000000")))),
    OddFile(name="whole numbers", key=KEY, content=amounts("7::TINYINT", "-8::TINYINT"), sales={"a": "7", "b": "-8"}),
    OddFile(name="whole numbers without a sign", key=KEY, content=amounts("7::UBIGINT", "18446744073709551615::UBIGINT"),
            sales={"a": "7"}, rejects=((2, TOO_LARGE),)),
    OddFile(name="doubles", key=KEY, sales={"a": "4.35", "d": "123456789.1234", "e": "-0.1"},
            content=amounts(*(f"({n})::DOUBLE" for n in ("4.35", "0.1::DOUBLE + 0.2::DOUBLE", "1e-5", "123456789.1234", "-0.1", "1e20"))),
            rejects=((2, TOO_FINE), (3, TOO_FINE), (6, TOO_LARGE))),
    OddFile(name="doubles that are no numbers", key=KEY, content=amounts("'nan'::DOUBLE", "'inf'::DOUBLE", "NULL::DOUBLE"),
            rejects=((1, NO_NUMBER), (2, NO_NUMBER), (3, "The amount is blank"))),
    OddFile(name="floats of 32 bits", key=KEY, content=amounts("4.35::FLOAT", "16777216::FLOAT", "1e-7::FLOAT"),
            sales={"a": "4.35", "b": "16777216"}, rejects=((3, TOO_FINE),)),
    OddFile(name="numbers as texts", key=KEY, content=amounts("' 1.50 '", "'1,5'"), sales={"a": "1.5"},
            rejects=((2, "The amount has marks"),)),
    OddFile(name="numbers beside a decimal comma", key=KEY, sales={"a": "1234.5"},
            content=amounts("1234.5::DOUBLE"), also="numbers: {decimal: ',', thousands: '.'}"),
    OddFile(name="true is no amount", key=KEY, content=amounts("true"), rejects=((1, NO_NUMBER),)),
    OddFile(name="quantities", key=KEY, columns="merchant_id: shop, amount: amount, quantity: amount",
            content=amounts("17.0::DOUBLE", "17.5::DOUBLE", "1e19::DOUBLE"), sales={"a": "17"},
            rejects=((2, "The quantity is not a whole number"), (3, TOO_LARGE))),
    OddFile(name="an expression over typed columns", key=KEY, columns='merchant_id: shop, amount: "price * (1 - cut)"',
            content=Parquet("SELECT 'a' AS shop, 10.5::DOUBLE AS price, 0.1::DECIMAL(4,2) AS cut"), sales={"a": "9.45"}),
)  # fmt: skip

TEXTS = (
    OddFile(name="a dictionary", key=KEY, sales={f"m{i}": str(1000 * i) for i in range(3)},
            content=Parquet("SELECT 'm' || i % 3 AS shop, i % 3 AS amount FROM range(3000) t(i)")),
    OddFile(name="binary texts", key=KEY, content=Parquet("SELECT encode('caf\u00e9') AS shop, '1'::BLOB AS amount"),
            sales={"caf\u00e9": "1"}),
    OddFile(name="binary that is no text", key=KEY, content=Parquet("SELECT '\\xFF'::BLOB AS shop, 1 AS amount UNION ALL "
            "SELECT NULL, 2"), rejects=((1, BAD_BYTES), (2, NO_MERCHANT))),
    OddFile(name="ids that are numbers", key=KEY, sales={"17": "1", "12345678901234567000": "2"},
            content=Parquet("SELECT 17.0::DOUBLE AS shop, 1 AS amount UNION ALL SELECT 12345678901234567168, 2")),
    OddFile(name="nulls and blanks", key=KEY, rejects=((1, NO_MERCHANT), (2, NO_MERCHANT)), sales={"a": "3"},
            content=Parquet("SELECT NULL AS shop, 1 AS amount UNION ALL SELECT ' ', 2 UNION ALL SELECT 'a', 3")),
)  # fmt: skip

DATES = (
    OddFile(name="a date in a time zone", key=KEY, columns=DATED, also=TOKYO, content=days("'2024-02-01'::DATE"),
            sales={"a": "1"}, months={"2024-02": "1"}, moments=("2024-01-31T15:00:00Z", "2024-01-31T15:00:00Z")),
    OddFile(name="a timestamp without a zone", key=KEY, columns=DATED, also=LONDON, months={"2024-07": "1"},
            content=days("'2024-07-01 00:30'::TIMESTAMP"), sales={"a": "1"},
            moments=("2024-06-30T23:30:00Z", "2024-06-30T23:30:00Z")),
    OddFile(name="a timestamp with a zone", key=KEY, columns=DATED, also=LONDON, sales={"a": "2"},
            content=days("'2024-06-30 23:30+00'::TIMESTAMPTZ", "'2024-06-30 22:30+00'::TIMESTAMPTZ"),
            months={"2024-07": "1", "2024-06": "1"}, moments=("2024-06-30T22:30:00Z", "2024-06-30T23:30:00Z")),
    OddFile(name="timestamps in seconds, milliseconds and nanoseconds", key=KEY, columns=DATED, sales={"a": "1"},
            content=days("'2023-12-31 23:59:59.9999999'::TIMESTAMP_NS"), months={"2023-12": "1"},
            moments=("2023-12-31T23:59:59Z", "2023-12-31T23:59:59Z")),
    OddFile(name="timestamps far away", key=KEY, columns=DATED, also=TOKYO, sales={"a": "1"},
            content=days("'294247-01-10 04:00:54'::TIMESTAMPTZ", "'2024-01-01'::TIMESTAMPTZ", "'infinity'::TIMESTAMPTZ", "NULL"),
            rejects=((1, NO_YEAR), (3, NO_YEAR), (4, "The date is blank"))),
    OddFile(name="dates far away", key=KEY, columns=DATED, sales={"a": "1"}, rejects=((1, NO_YEAR), (3, NO_YEAR)),
            content=days("'5881580-07-10'::DATE", "'2024-01-01'::DATE", "'1969-12-31'::DATE")),
    OddFile(name="dates as texts go by the pattern", key=KEY, columns=DATED, also="dates: '%d/%m/%Y'", sales={"a": "1"},
            content=days("'29/02/2024'", "'2024-02-29'"), rejects=((2, "The date is not a date written as"),)),
)  # fmt: skip

THREE = Parquet("SELECT 1 AS amounx, 2 AS amount, 'a' AS shop").written()

COLUMNS = (
    OddFile(name="nested columns that nobody uses", key=KEY, sales={"a": "1"},
            content=Parquet("SELECT {'x': 1, 'y': [2]} AS s, 'a' AS shop, [1] AS l, 1 AS amount, MAP {'k': 1} AS m")),
    OddFile(name="a nested column that is used", key=KEY, content=Parquet("SELECT 'a' AS shop, {'net': 1} AS amount"),
            error="lists or structures"),
    OddFile(name="a list in an expression", key=KEY, content=Parquet("SELECT 'a' AS shop, [1] AS amount"),
            columns="merchant_id: shop, amount: amount * 2", error="lists or structures"),
    OddFile(name="a column whose name differs in case", key=KEY, sales={"a": "2"},
            content=THREE.replace(b"amounx", b"AMOUNT")),
    OddFile(name="a used name twice", key=KEY, content=THREE.replace(b"amounx", b"amount"), error="'amount' 2 times"),
    OddFile(name="an unused name twice", key=KEY, sales={"a": "2"}, content=Parquet(
            "SELECT 1 AS amounx, 1 AS amouny, 2 AS amount, 'a' AS shop").written().replace(b"amouny", b"amounx")),
    OddFile(name="a column that is missing", key=KEY, content=Parquet("SELECT 'a' AS shop, 1 AS net"), error="'shop', 'net'"),
    OddFile(name="Parquet without rows", key=KEY, content=Parquet("SELECT 'a' AS shop, 1 AS amount WHERE false")),
    OddFile(name="several row groups", key=KEY, sales={"a": "61440"}, rejects=((50_001, NO_MERCHANT),),
            content=Parquet("SELECT CASE WHEN i <> 50000 THEN 'a' END AS shop, 1 AS amount FROM range(61441) t(i)",
                            ", ROW_GROUP_SIZE 20480")),
    OddFile(name="Parquet by its first bytes", key="orders", content=Parquet("SELECT 'a' AS shop, 1 AS amount"), sales={"a": "1"}),
    OddFile(name="Parquet that is none", key=KEY, content=b"shop,amount\na,1\n", error="no Parquet file"),
    OddFile(name="Parquet that was cut off", key=KEY, content=Parquet("SELECT 'a' AS shop, 1 AS amount").written()[:-20],
            error="no Parquet file"),
    OddFile(name="Parquet pages by zstd", key=KEY, sales={"a": "1"},
            content=Parquet("SELECT 'a' AS shop, 1 AS amount", ", COMPRESSION zstd, PARQUET_VERSION v2")),
)  # fmt: skip

PARQUET_FILES = (*NUMBERS, *TEXTS, *DATES, *COLUMNS)
