"""`formats infer`: the draft is YAML that the parser takes, reads the file, and speaks its doubts."""

import gzip
from pathlib import Path

import pytest

from cli import main
from cli.errors import CommandError
from lambdas.domain.errors import OrderFileError, OrderFormatError
from lambdas.domain.order_format import Columns, Numbers, parse_order_format
from tests.unit.cli.drafting import drafted, lines, runner, written

ROOT = Path(__file__).parents[3]


def test_the_supermarket_sample_is_drafted_as_people_wrote_it(tmp_path: Path) -> None:
    [sample] = (ROOT / "samples" / "complete_journey").iterdir()
    link = tmp_path / sample.name
    link.symlink_to(sample)
    found = drafted(link)
    by_hand = parse_order_format((ROOT / "formats" / "complete_journey.yaml").read_text(), "x.yaml")
    assert found.order_format.columns == by_hand.columns
    assert (found.order_format.csv, found.order_format.dates) == (by_hand.csv, by_hand.dates)
    assert found.checked["counts"] == {
        "lines": 75_000, "rejected": 1, "duplicates": 0, "ignored": 0, "counted": 74_999
    }  # fmt: skip
    assert "309             3.86" in found.shown


def one_file_of_each_heading() -> dict[str, Path]:
    """Birmingham's card payments have eight different headings."""
    files = sorted((ROOT / "samples" / "birmingham_pcard").iterdir())
    return {gzip.decompress(path.read_bytes()).decode("cp1252").splitlines()[0]: path for path in files}


@pytest.mark.parametrize("path", one_file_of_each_heading().values(), ids=lambda path: path.name)
def test_card_payments_of_each_heading_are_drafted_as_people_wrote_it(path: Path, tmp_path: Path) -> None:
    link = tmp_path / path.name
    link.symlink_to(path)
    found = drafted(link)
    assert found.columns["merchant_id"] == "MERCHANT NAME"
    assert found.columns["amount"] == "ORIGINAL GROSS AMT"
    assert found.columns["ordered_at"] == "TRANS DATE"
    assert found.order_format.dates == "%d/%m/%Y"
    assert set(found.columns) <= {"merchant_id", "amount", "ordered_at", "currency"}
    assert found.checked["counts"]["rejected"] <= 1


GERMAN = "Händler;Bestellnr.;Pos.;Menge;Umsatz;Datum;Währung\r\n" + lines(
    "Café {few};{half};{n};{few};1.{n:03d},{cent};{day:02d}.{month:02d}.2024;EUR\r\n"
)


def test_a_german_file_is_understood(tmp_path: Path) -> None:
    found = drafted(written(tmp_path, "Umsätze Jan.csv", GERMAN, "windows-1252"))
    assert found.order_format.prefix == "ums_tze_jan/"
    assert found.order_format.columns == Columns(
        merchant_id="Händler",
        amount="Umsatz",
        order_id="Bestellnr.",
        line_id="Pos.",
        quantity="Menge",
        ordered_at="Datum",
        currency="Währung",
    )
    assert found.order_format.numbers == Numbers(decimal=",", thousands=".")
    assert found.order_format.dates == "%d.%m.%Y"
    assert found.order_format.csv.encoding == "cp1252"
    assert 'dates: "%d.%m.%Y"    # day first: 13.01.2024 fits no other order' in found.text
    assert "windows-1252 is a guess" in found.text
    assert found.checked["counts"]["counted"] == 60
    assert found.checked["detected"]["delimiter"] == ";"
    assert "Café 0" in found.net_sales


@pytest.mark.parametrize(
    ("name", "content", "columns", "numbers", "currency"),
    [
        (
            "us.tsv",
            "vendor\ttotal\n" + lines("V{few}\t$1,{n:03d}.{cent}\n"),
            {"merchant_id": "vendor", "amount": "total"},
            Numbers(thousands=",", currency_sign="strip"),
            "USD",
        ),
        (
            "euro.csv",
            "boutique;montant\n" + lines("B{few};{n},{cent} €\n"),
            {"merchant_id": "boutique", "amount": "montant"},
            Numbers(decimal=",", currency_sign="strip"),
            "EUR",
        ),
        (
            "swiss.csv",
            "shop|betrag chf\n" + lines("S{few}|1'{n:03d}.{cent}\n"),
            {"merchant_id": "shop", "amount": "betrag chf"},
            Numbers(thousands="'"),
            "CHF",
        ),
        (
            "codes.csv",
            "shop,amount\n" + lines("S{few},SEK {n}.{cent}\n"),
            {"merchant_id": "shop", "amount": "replace(amount, 'SEK', '')"},
            Numbers(),
            "SEK",
        ),
        (
            "cents.csv",
            "sellerId,amountCents\n" + lines("S{few},{n}\n"),
            {"merchant_id": "sellerId", "amount": "amountCents * 0.01"},
            Numbers(),
            "USD",
        ),
        (
            "unit.csv",
            "store,unit price,qty\n" + lines("S{few},{n}.{cent},{few}\n"),
            {"merchant_id": "store", "amount": '"unit price" * qty', "quantity": "qty"},
            Numbers(),
            "USD",
        ),
        (
            "total.csv",
            "store,price,qty,line_total\n" + lines("S{few},{n}.{cent},{few},{n}\n"),
            {"merchant_id": "store", "amount": "line_total", "quantity": "qty"},
            Numbers(),
            "USD",
        ),
        (
            "order.csv",
            "store,price,order\n" + lines("S{few},{n}.{cent},{half}\n"),
            {"merchant_id": "store", "amount": "price", "order_id": "order"},
            Numbers(),
            "USD",
        ),
    ],
)
def test_amounts_are_found_however_they_are_written(
    name: str, content: str, columns: dict[str, str], numbers: Numbers, currency: str, tmp_path: Path
) -> None:
    found = drafted(written(tmp_path, name, content))
    assert found.columns == columns
    assert found.order_format.numbers == numbers
    assert found.order_format.currency == currency
    assert found.checked["counts"]["counted"] == 60


def test_several_currency_signs_become_several_currencies(tmp_path: Path) -> None:
    content = "shop,amount\n" + lines("S{few},€{n}.{cent}\nS{few},£{n}.{cent}\n")
    found = drafted(written(tmp_path, "signs.csv", content))
    assert set(found.checked["money"]) == {"EUR", "GBP"}
    assert found.checked["counts"]["counted"] == 120
    assert "€ is EUR, £ is GBP" in found.text


def test_what_may_be_thousands_or_decimals_is_said(tmp_path: Path) -> None:
    found = drafted(written(tmp_path, "thousands.csv", "store;sales\n" + lines("S{few};{day}.{n:03d}\n")))
    assert found.order_format.numbers == Numbers()
    assert "# 1.000 is read as 1. If it is 1000, write:" in found.text
    assert '# numbers: {decimal: ",", thousands: "."}' in found.text
    told = drafted(written(tmp_path, "x.csv", "store;sales;cost\n" + lines("S{few};{day}.{n:03d};{n},5\n")))
    assert told.order_format.numbers == Numbers(decimal=",", thousands=".")
    assert "is read as" not in told.text


def test_day_and_month_that_both_fit_are_left_to_decide(tmp_path: Path) -> None:
    content = "shop,amount,date\n" + lines("S{few},{n},{month:02d}/{month:02d}/2024\n") + "S1,1,02/01/2024\n"
    found = drafted(written(tmp_path, "dates.csv", content))
    assert "ordered_at" not in found.columns
    assert "# ordered_at: date" in found.text
    assert '# dates: "%d/%m/%Y"    # day first' in found.text
    assert '# dates: "%m/%d/%Y"    # month first' in found.text
    assert "such as 02/01/2024" in found.text
    assert found.checked["counts"]["counted"] == 61


@pytest.mark.parametrize(
    ("date", "pattern"),
    [
        ("2024-{month:02d}-{day:02d}", "auto"),
        ("2024-{month:02d}-{day:02d}T10:00:{cent}Z", None),
        ("2024-{month:02d}-{day:02d} 10:00:00+02:00", "auto"),
        ("{month}/{day}/2024 {few}:05 PM", "%m/%d/%Y %I:%M %p"),
        ("{day:02d}-Mar-24", "%d-%b-%y"),
        ("March {day}, 2024", "%B %d, %Y"),
        ("2024{month:02d}{day:02d}", "%Y%m%d"),
        ("{day}.{month}.2024 1{few}:30", "%d.%m.%Y %H:%M"),
    ],
)
def test_dates_are_found_by_their_values(date: str, pattern: str | None, tmp_path: Path) -> None:
    written_as = date.replace("{few}", "4") if "PM" in date else date
    content = "shop;amount;date\n" + lines(f"S{{few}};{{n}};{written_as}\n")
    if pattern is None:  # seconds above 59: not a date, and said so
        found = drafted(written(tmp_path, "dates.csv", content))
        assert "ordered_at" not in found.columns
        assert "no dates that a format can read" in found.text
        return
    found = drafted(written(tmp_path, "dates.csv", content))
    assert found.order_format.dates == pattern
    assert found.columns["ordered_at"] == "date"
    assert found.checked["counts"]["counted"] == 60


def test_all_statuses_are_listed_and_none_is_used(tmp_path: Path) -> None:
    content = "shop,amount,order status\n" + lines("A,{n},paid\nB,{n},Refunded\nC,1,cancelled\nD,1,'no'\n")
    found = drafted(written(tmp_path, "states.csv", content))
    assert found.order_format.status is None
    assert "  # status: order status" in found.text
    active = found.text.replace("  # status: order", "  status: order")
    for line in ("# status:\n", "#   sale: ", "#   refund: ", "#   ignore: "):
        active = active.replace(f"\n{line}", f"\n{line.removeprefix('# ').replace('#   ', '  ')}")
    rules = parse_order_format(active, "x.yaml").status
    assert rules is not None
    assert (rules.sale, rules.refund, rules.ignore) == (("'no'", "paid"), ("Refunded",), ("cancelled",))


def test_a_line_id_under_which_money_would_be_lost_is_not_used(tmp_path: Path) -> None:
    content = "shop,amount,order_id,sku\n" + lines("A,{n},{half},p1\n")
    found = drafted(written(tmp_path, "lines.csv", content))
    assert "line_id" not in found.columns
    assert "merchant, order and sku only the last counts, and 30 in the" in found.text
    assert found.checked["counts"]["counted"] == 60


def test_lines_that_come_twice_whole_are_duplicates(tmp_path: Path) -> None:
    content = "shop,amount,order_id,line_no\n" + lines("A,{n},{half},{n}\n") + "A,0,0,0\n"
    found = drafted(written(tmp_path, "lines.csv", content))
    assert found.columns["line_id"] == "line_no"
    assert "1 in the sample equal another line" in found.text
    assert found.checked["counts"]["duplicates"] == 1


def test_an_orders_total_on_each_of_its_lines_is_doubted(tmp_path: Path) -> None:
    content = "shop,order_id,order_total\n" + lines("A,{half},{half}.5\n")
    found = drafted(written(tmp_path, "totals.csv", content))
    assert "All lines of an order have the same amount" in found.text


def test_a_file_without_a_heading_gets_names(tmp_path: Path) -> None:
    content = lines("Shop {few}|{n}.{cent}|2024-01-{day:02d}|x|\n")
    found = drafted(written(tmp_path, "plain.csv", content.replace("|\n", "\n")))
    assert found.order_format.csv.header == ("merchant_id", "amount", "ordered_at", "column4")
    assert found.checked["counts"] == {
        "lines": 60, "rejected": 0, "duplicates": 0, "ignored": 0, "counted": 60
    }  # fmt: skip
    assert "Guessed from its values only." in found.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found(encoding: str, tmp_path: Path) -> None:
    content = "shop,amount\n" + lines("Schön {few},{n}\n")
    found = drafted(written(tmp_path, "encoded.csv", content, encoding))
    assert set(found.net_sales) == {f"Schön {n}" for n in range(5)}
    assert found.order_format.csv.encoding == encoding


def test_headings_that_are_no_plain_yaml_are_quoted(tmp_path: Path) -> None:
    names = ("# shop: a", "'amount' \"x\"", "yes order", "@date\tat")
    cells = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    found = drafted(written(tmp_path, "odd.csv", f"{cells}\n" + lines("A{few},{n},o{n},2024-01-01\n")))
    assert tuple(found.columns.values()) == names


def test_a_column_is_listed_as_unused_even_if_another_name_holds_its_own(tmp_path: Path) -> None:
    found = drafted(written(tmp_path, "x.csv", "shop_note,shop,amount,note\n" + lines("n,A{few},{n},x\n")))
    assert "  # Not used: shop_note, note.\n" in found.text


def test_a_heading_without_lines_is_drafted_from_its_words(tmp_path: Path) -> None:
    found = drafted(written(tmp_path, "x.csv", "Date,Seller ID,Net amount,Order no\n"))
    assert found.columns == {
        "merchant_id": "Seller ID", "amount": "Net amount", "order_id": "Order no", "ordered_at": "Date"
    }  # fmt: skip
    assert "its heading only" in found.text


def test_name_and_prefix_may_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "shop,amount\n" + lines("A,{n}\n"))
    found = drafted(path, "--name", "my_shop", "--prefix", "")
    assert found.order_format.prefix == ""
    assert f"#   merchant-sales formats check my_shop {path}" in found.text
    answer = runner.invoke(main.app, ["formats", "infer", str(path), "--name", "a/b"])
    assert isinstance(answer.exception, CommandError)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("region,customer,value\n" + lines("R{few},C{n},{n}.5\n"), "looks like a merchant;"),
        ("shop,note\n" + lines("S{few},n\n"), "looks like an amount;"),
        ("shop,amount\n" + lines("S{few},n{n}\n"), "looks like an amount;"),
        ("region,note\n" + lines("R{few},n\n"), "looks like a merchant or an amount;"),
    ],
)
def test_without_merchant_or_amount_the_draft_has_a_hole_and_the_command_fails(
    content: str, told: str, tmp_path: Path
) -> None:
    answer = runner.invoke(main.app, ["formats", "infer", str(written(tmp_path, "x.csv", content))])
    assert answer.exit_code == 1
    assert told in answer.stderr
    assert "Its columns are: '" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert "# MISSING: no column looks like" in answer.stdout
    with pytest.raises(OrderFormatError, match="missing"):
        parse_order_format(answer.stdout, "x.yaml")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"Sales of May\n\n" + b"shop,amount,date\nA,1,2024-01-01\n" * 20, "take what stands before it away"),
        (b"just words\n" * 20, "no two columns"),
        (b"\x1f\x8b\x08\x00\x00", "ends before its gzip data does"),
    ],
)
def test_a_file_without_columns_is_a_sentence(content: bytes, told: str, tmp_path: Path) -> None:
    answer = runner.invoke(main.app, ["formats", "infer", str(written(tmp_path, "x.csv", content))])
    assert isinstance(answer.exception, CommandError | OrderFileError)
    assert told in str(answer.exception)
