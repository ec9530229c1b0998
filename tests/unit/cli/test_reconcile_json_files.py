"""The plain pass on JSON: which lines and elements are objects, and which files are JSON at all."""

import json

import pytest

from cli.reconcile.errors import UncountableFileError
from cli.reconcile.json_array import elements_of
from tests.unit.cli.plain_count import JSON, JSONL, SHOP_AND_AMOUNT, counted, found, lines_and_array

GOOD = '{"shop": "z", "amount": 1}'


BROKEN = [
    "{", '{"shop": "a", "amount": 2', '{"shop": "a", "amount": 2}}', '{"shop": "a", "amount": 2,}',
    '{"shop": "a" "amount": 2}', '{"shop": "a", "amount": NaN}', '{"shop": "a", "amount": 2, "x": Infinity}',
    '{"shop": "a", "amount": 02}', '{"shop": "a", "amount": 2.}', '{"shop": "a", "amount": .5}',
    '{"shop": "a", "amount": +2}', '{"shop": "a", "amount": 2, "x": [1,]}', "{'shop': 'a', 'amount': 2}",
    '{shop: "a", "amount": 2}', '{"shop": "a\\x", "amount": 2}', '{"shop": "a\tb", "amount": 2}', "x",
    '{"shop": "a", "amount": 2, "x": "\x01"}', '{"shop": "a", "amount": 2} 3', '{"shop": "a", "amount": 0x2}',
    '{"shop": "a", "amount": 2, "x": tru}', '/*x*/{"shop": "a", "amount": 2}', " ",
    '{"shop": "a", "amount": 1_0}',
]  # fmt: skip
NO_ORDERS = ["17", '"a"', "null", "true", "[]", '[{"shop": "a", "amount": 2}]', "-0.5e1"]
NO_TEXTS = [
    '{"shop": "a", "amount": 2, "x": "\\ud800"}', '{"shop": "a\\udc00", "amount": 2}',
    '{"shop": "a", "amount": 2, "\\ud83d": 1}', '{"shop": "a", "amount": 2, "x": "\\ud83d\\ud83d\\ude00"}',
]  # fmt: skip


@pytest.mark.parametrize("line", BROKEN + NO_ORDERS + NO_TEXTS)
def test_a_line_that_is_no_json_object_is_rejected(line: str) -> None:
    for content in (f"{GOOD}\n{line}\n", f"{line}\n{GOOD}", f"\n\n{line}\r\n\n{GOOD}\r\n"):
        assert found(content.encode(), key=JSONL) == ({"z": "1"}, 1)


@pytest.mark.parametrize("element", NO_ORDERS + NO_TEXTS)
def test_an_element_that_is_no_object_is_rejected(element: str) -> None:
    for content in (f"[{GOOD},{element}]", f" [\n{element}\n,\n{GOOD}\n]\n"):
        assert found(content.encode(), key=JSON) == ({"z": "1"}, 1)


@pytest.mark.parametrize(
    "content",
    [
        *(f"[{GOOD}, {element}]" for element in BROKEN), *(f"[{element}, {GOOD}]" for element in BROKEN),
        f"[{GOOD}", f"[{GOOD},]", f"[,{GOOD}]", f"[{GOOD},,{GOOD}]", f"[{GOOD} {GOOD}]", f"[{GOOD}]]",
        f"[{GOOD}] x", f"[{GOOD}][{GOOD}]", f"[{GOOD}]\n{GOOD}", f"[{GOOD}}}", f'[{GOOD}, "',
        f'[{GOOD}, "\\"]', f"[{GOOD}],", f"[{GOOD}, {{]}}]",
    ],
)  # fmt: skip
def test_a_file_that_is_not_one_array_can_not_be_counted(content: str) -> None:
    with pytest.raises(UncountableFileError):
        found(content.encode(), key=JSON)


@pytest.mark.parametrize("content", [GOOD, "", "  \n", "17", '"[1]"', "x", f"{GOOD}\n{GOOD}", "]", ","])
def test_anything_but_an_array_at_the_top_can_not_be_counted(content: str) -> None:
    with pytest.raises(UncountableFileError):
        found(content.encode(), f"{SHOP_AND_AMOUNT}\nfile: json", key=JSON)


def test_invalid_bytes_reject_their_line_or_element() -> None:
    bad = b'{"shop": "a\xff", "amount": 2}'
    assert found(bad + b"\n" + GOOD.encode(), key=JSONL) == ({"z": "1"}, 1)
    assert found(b"[" + bad + b"," + GOOD.encode() + b"]", key=JSON) == ({"z": "1"}, 1)


def test_what_is_above_2_mb_is_rejected() -> None:
    fits = json.dumps({"shop": "a", "amount": 2, "x": "\u00e9" * 500_000}, ensure_ascii=False)
    above = json.dumps({"shop": "b", "amount": 2, "x": "\u00e9" * 1_050_000}, ensure_ascii=False)
    deep = '{"shop": "c", "amount": 3, "x": [' + '"\\"],[", ' * 500_000 + "1]}"
    for content, key in lines_and_array(above, GOOD, deep, fits, above):
        assert found(content, key=key) == ({"z": "1", "a": "2"}, 3)
    spaces = " \n" * 1_500_000
    assert found(f"[{spaces}{GOOD}{spaces},{fits}{spaces}]".encode(), key=JSON) == ({"z": "1", "a": "2"}, 0)


def test_what_is_nested_too_deeply_to_be_read_is_rejected() -> None:
    deep = f'{{"shop": "a", "amount": 2, "x": {"[" * 100_000}{"]" * 100_000}}}'
    for content, key in lines_and_array(GOOD, deep):
        assert found(content, key=key) == ({"z": "1"}, 1)


def test_a_file_without_objects_holds_no_order_lines() -> None:
    for content, key in ((b"[]", JSON), (b" [ \n ]\n", JSON), (b"\n\n", JSONL)):
        result = counted(content, key=key)
        assert (result.lines, result.rejected, result.sales) == (0, 0, {})


def test_json_is_utf_8_or_utf_16_with_its_mark_whatever_the_format_says() -> None:
    latin = f"{SHOP_AND_AMOUNT}\ncsv: {{encoding: windows-1252}}"
    text = '{"shop": "\u00e9", "amount": 1}'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        for content, key in ((text, JSONL), (f"[{text}]", JSON)):
            assert found(content.encode(encoding), latin, key=key) == ({"\u00e9": "1"}, 0)


ODD = '[{"a":"x\\\\","b":[1,{"c":"],[}{"}]} , "q\\"," ,17,{"d":"\\\\\\""},[],{}, "\u00e9"]'


@pytest.mark.parametrize("size", range(1, 30))
def test_elements_are_found_wherever_the_text_is_cut(size: int) -> None:
    pieces = (ODD[at : at + size] for at in range(0, len(ODD), size))
    found_elements = [json.loads(element) for element in elements_of(pieces) if isinstance(element, str)]
    assert found_elements == json.loads(ODD)
