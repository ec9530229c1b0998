"""The plain pass on JSON: what a value is read as, and which column is meant."""

import pytest

from cli.reconcile.errors import UncountableFileError
from cli.reconcile.json_values import path_of
from tests.unit.cli.plain_count import SHOP_AND_AMOUNT, Found, counted, found, lines_and_array

GOOD = '{"shop": "z", "amount": 1}'


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12.50", "12.5"), ("17.0", "17"), ("1e3", "1000"), ("0.1000000000000000055", "0.1"), ("-0.0", "0"),
        ("-2.5", "-2.5"), ("5", "5"), ("-0", "0"), ("1.5E+1", "15"), ("25e-2", "0.25"), ("1e-5", None),
        ("12345678901234", "12345678901234"), ("99999999999999", "99999999999999"),
        ("12345678901.2345", "12345678901.2345"), ("123456789012.3456", None), ("0.30000000000000004", None),
        ("9007199254740991.0", None), ("9007199254740992.0", None), ("1e16", None), ("1e999", None),
        ("1e-999", "0"), ("9" * 5000, None), ("0.00010", "0.0001"), ("0.00001", None),
        ('"12.50"', "12.5"), ('" 7 "', "7"), ('"1e3"', None), ('"123456789012.3456"', "123456789012.3456"),
        ("true", None), ("null", None), ('""', None), ("{}", None), ("[1]", None),
    ],
)  # fmt: skip
def test_an_amount_is_the_shortest_text_of_its_number(written: str, amount: str | None) -> None:
    expected: Found = ({"z": "1", "a": amount}, 0) if amount is not None else ({"z": "1"}, 1)
    for content, key in lines_and_array(GOOD, f'{{"shop": "a", "amount": {written}}}'):
        assert found(content, key=key) == expected


@pytest.mark.parametrize(
    ("written", "merchant"),
    [
        ("17.0", "17"), ("12.50", "12.5"), ("1e3", "1000"), ("12345678901234567890", "12345678901234567890"),
        ("9" * 256, "9" * 256), ("9" * 5000, None), ("true", "true"), ("false", "false"), ("null", None),
        ('"\\u00e9\\ud83d\\ude00"', "\u00e9\U0001f600"), ('"\\\\ud800"', "\\ud800"), ('"a\\/b\\n"', "a/b"),
        ('" \\u00a0x "', "x"), ('""', None), ("{}", None), ('["a"]', None), ("1e22", None),
        ("123456789.12345678", None), ("0.1000000000000000055", "0.1"), ("1E-7", "0.0000001"),
    ],
)  # fmt: skip
def test_an_id_is_the_text_of_its_value(written: str, merchant: str | None) -> None:
    expected: Found = ({"z": "1", merchant: "2"}, 0) if merchant is not None else ({"z": "1"}, 1)
    for content, key in lines_and_array(GOOD, f'{{"amount": 2, "shop": {written}}}'):
        assert found(content, key=key) == expected


def test_of_equal_keys_the_first_counts() -> None:
    objects = [
        '{"shop": "a", "amount": 1, "shop": "b", "in": {"id": "x", "id": "y"}, "amount": 2, "in": {}}',
        '{"shop": null, "amount": 1, "shop": "b"}',
    ]
    for content, key in lines_and_array(*objects):
        assert found(content, key=key) == ({"a": "1"}, 1)
        nested = "columns: {merchant_id: $.in.id, amount: amount}"
        assert found(content, nested, key=key) == ({"x": "1"}, 1)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("shop", ("shop",)), ("$shop", ("$shop",)), ("a.b", ("a.b",)), ("$.shop", ("shop",)),
        ("$.merchant.id", ("merchant", "id")), ('$.a."b c"', ("a", "b c")), ('$."a.b".c', ("a.b", "c")),
        ('$."say ""hi"""', ('say "hi"',)), ("$.\u00e9-1.$x", ("\u00e9-1", "$x")), ('$.""', ("",)),
        ("$.", None), ("$.a.", None), ("$.a..b", None), ("$.a b", None), ('$."a', None), ("$.a[0]", None),
        ("$.a.*", None), ('$."a"b', None),
    ],
)  # fmt: skip
def test_a_name_may_be_a_path(name: str, path: tuple[str, ...] | None) -> None:
    assert path_of(name) == path


def test_a_path_leads_into_nested_objects() -> None:
    objects = [
        '{"m": {"shop id": "a", "pay": {"sum": 1}}}',
        '{"m": {"shop id": "b", "pay": null}}',
        '{"m": {"shop id": {"x": 1}, "pay": {"sum": 1}}}',
        '{"m": [{"shop id": "c"}]}',
        '{"m": "d"}',
        '{"m": {"shop id": "e", "pay": {"sum": "2.50"}}, "$.m.pay": 9}',
    ]
    paths = """columns: {merchant_id: '$.m."shop id"', amount: $.m.pay.sum}"""
    doubled = """columns: {merchant_id: '$.m."shop id"', amount: '"$.m.pay.sum" * 2'}"""
    for content, key in lines_and_array(*objects):
        assert found(content, paths, key=key) == ({"a": "1", "e": "2.5"}, 4)
        assert found(content, doubled, key=key) == ({"a": "2", "e": "5"}, 4)


@pytest.mark.parametrize(
    ("columns", "objects", "expected"),
    [
        ("merchant_id: shop, amount: price * 2", ['{"shop": "a", "price": 1.25}'], ({"a": "2.5"}, 0)),
        ("merchant_id: shop, amount: price * 2",
         ['{"shop": "a", "price": 1.25}', '{"shop": "b", "price * 2": 7}'], ({"b": "7"}, 1)),
        ("merchant_id: shop, amount: price - cost",
         ['{"shop": "a", "price": "3.5", "cost": 0.000001}',
          '{"shop": "b", "price": 2.000001, "cost": 0.000001}',
          '{"shop": "c", "price": 2.0000001, "cost": 0}', '{"shop": "d", "price": [], "cost": 0}',
          '{"shop": "e", "price": 2}', '{"shop": "f", "price": true, "cost": 1}'],
         ({"b": "2"}, 5)),
        ("merchant_id: 'concat(shop, town)', amount: 'coalesce(amount, 0)'",
         ['{"shop": 17.0, "town": null, "amount": 1e1}', '{"shop": true, "town": "x"}'],
         ({"17": "10", "truex": "0"}, 0)),
        ("merchant_id: upper(shop), amount: amount",
         ['{"shop": "a", "amount": 1}', '{"shop": "A", "amount": 2}'],
         ({"A": "3"}, 0)),
        ("merchant_id: '\"shop id\"', amount: amount", ['{"shop id": "a", "amount": 1}'], ({"a": "1"}, 0)),
        ("merchant_id: shop id, amount: amount", ['{"shop id": "a", "amount": 1}'], ({"a": "1"}, 0)),
        ("merchant_id: shop, amount: 'CASE kind WHEN ''refund'' THEN -amount ELSE amount END'",
         ['{"shop": "a", "amount": 5, "kind": "sale"}', '{"shop": "a", "amount": 1.5, "kind": "refund"}'],
         ({"a": "3.5"}, 0)),
    ],
)  # fmt: skip
def test_a_column_is_a_key_or_an_expression_over_keys(
    columns: str, objects: list[str], expected: Found
) -> None:
    for content, key in lines_and_array(*objects):
        assert found(content, f"columns: {{{columns}}}", key=key) == expected


@pytest.mark.parametrize(
    "columns",
    [
        "merchant_id: Shop, amount: amount", "merchant_id: shop, amount: amount, order_id: order",
        "merchant_id: shop, amount: price * 2", "merchant_id: shop, amount: Amount * 2",
        "merchant_id: $.shop.id, amount: amount", "merchant_id: '$.shop[0]', amount: amount",
        "merchant_id: shop id, amount: amount", "merchant_id: shop, amount: amount * 0.5e0",
    ],
)  # fmt: skip
def test_a_column_that_no_object_has_is_an_error_of_the_file(columns: str) -> None:
    for content, key in lines_and_array(GOOD, '{"amount": 2}', "17"):
        with pytest.raises(UncountableFileError):
            found(content, f"columns: {{{columns}}}", key=key)


def test_a_key_that_only_the_last_object_has_is_a_column() -> None:
    ids = "columns: {merchant_id: shop, amount: amount, order_id: order, line_id: line}"
    objects = [
        GOOD,
        GOOD,
        '{"shop": "z", "amount": 4, "order": 17.0, "line": "l"}',
        '{"line": "l", "shop": "z", "amount": 8, "order": "17"}',
    ]
    for content, key in lines_and_array(*objects):
        result = counted(content, ids, key=key)
        assert (result.lines, result.rejected, result.duplicates) == (4, 0, 1)
        assert result.sales["z", "USD"].total.attributes()["net_sales"] == 10
        assert result.sales["z", "USD"].total.attributes()["orders"] == 3


def test_texts_are_read_as_cells_and_numbers_are_not() -> None:
    comma = SHOP_AND_AMOUNT + "\nnumbers: {decimal: ',', thousands: '.', negative: parentheses}"
    objects = [
        '{"shop": "a", "amount": "1.234,50"}',
        '{"shop": "b", "amount": 1.234}',
        '{"shop": "c", "amount": "(1,5)"}',
        '{"shop": "d", "amount": "1.5"}',
        '{"shop": "e", "amount": 1234}',
    ]
    for content, key in lines_and_array(*objects):
        assert found(content, comma, key=key) == (
            {"a": "1234.5", "b": "1.234", "c": "-1.5", "e": "1234"},
            1,
        )
        doubled = comma.replace("amount: amount", "amount: amount * 2")
        assert found(content, doubled, key=key) == ({"a": "2469", "b": "2.468", "c": "-3", "e": "2468"}, 1)


def test_quantities_dates_statuses_and_currencies_are_read_from_values() -> None:
    full = """
columns: {merchant_id: shop, amount: amount, quantity: n, ordered_at: at, status: open, currency: cur}
status: {sale: ['false'], ignore: ['true']}
dates: '%Y%m%d'"""
    objects = [
        '{"shop": "a", "amount": 1, "n": 17.0, "at": 20240229, "open": false, "cur": "eur"}',
        '{"shop": "a", "amount": 1, "n": "3", "at": "20240301", "open": false, "cur": null}',
        '{"shop": "a", "amount": 1, "n": 1, "at": "20240301", "open": true}',
        '{"shop": "a", "amount": 1, "n": 1.5, "at": "20240301", "open": false}',
        '{"shop": "a", "amount": 1, "n": 1, "at": 20240230, "open": false}',
        '{"shop": "a", "amount": 1, "n": 9223372036854775808, "at": 20240229, "open": false}',
        '{"shop": "a", "amount": 1, "n": 1, "at": 20240229}',
    ]
    for content, key in lines_and_array(*objects):
        result = counted(content, full, key=key)
        assert (result.lines, result.rejected, result.ignored) == (7, 4, 1)
        euro, dollar = result.sales["a", "EUR"], result.sales["a", "USD"]
        assert euro.attributes()["units"] == 17
        assert euro.attributes()["first_order_at"] == "2024-02-29T00:00:00Z"
        assert dollar.attributes()["months.2024-03.units"] == 3
