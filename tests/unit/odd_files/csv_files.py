"""CSV: delimiters, quotes, line ends, headings, and lines that don't fit them."""

from __future__ import annotations

from tests.unit.odd_files.odd_file import (
    BAD_BYTES,
    BAD_QUOTES,
    NO_MERCHANT,
    NO_NUMBER,
    TOO_FEW,
    TOO_MANY,
    OddFile,
)

A_AND_B = {"a": "1", "b": "2"}
BY_POSITION = "merchant_id: column1, amount: column2"

DELIMITERS = (
    OddFile(name="comma", content=b"shop,amount\na,1\nb,2\n", sales=A_AND_B),
    OddFile(name="semicolon", content=b"shop;amount;note\na;1;x,y\nb;2;,\n", sales=A_AND_B),
    OddFile(name="tab", content=b"shop\tamount\na\t1\nb\t2\n", sales=A_AND_B, key="orders.tsv"),
    OddFile(name="pipe", content=b"shop|amount\na|1\nb|2\n", sales=A_AND_B, key="orders.txt"),
    OddFile(name="any other character", content=b"shop^amount\na^1\n\"b\"^2\n", also="csv: {delimiter: ^}",
            sales=A_AND_B),
    OddFile(name="the one that finds the columns of the format", content=b"a,b,c;shop;amount\n1,2,3;a;1\n",
            sales={"a": "1"}),
    OddFile(name="none of those known", content=b"shop:amount\na:1\n", error="'shop:amount'"),
    OddFile(name="another one than the format says", content=b"shop,amount\na,1\n",
            also="csv: {delimiter: ;}", error="The file has: 'shop,amount'"),
)  # fmt: skip

QUOTES = (
    OddFile(name="delimiters in quotes", content=b'shop,amount\n"a,b",1\n"c,","2"\n',
            sales={"a,b": "1", "c,": "2"}),
    OddFile(name="doubled quotes", content=b'shop,amount\n"a ""b"" c",1\n"""",2\n""d,3\n""""",4\n',
            sales={'a "b" c': "1", '"': "2"}, rejects=((4, BAD_QUOTES), (5, BAD_QUOTES))),
    OddFile(name="line ends in quotes", content=b'shop,amount\n"a\n\nb",1\nc,x\n"d\n",y\ne,5\n',
            sales={"a\n\nb": "1", "e": "5"}, rejects=((5, NO_NUMBER), (6, NO_NUMBER))),
    OddFile(name="CR LF in quotes", content=b'shop,amount\r\n"a\r\nb",1\r\nc,x\r\n', sales={"a\nb": "1"},
            rejects=((4, NO_NUMBER),)),
    OddFile(name="a quote within a bare value", content=b'shop,amount\n5" pipe,1\nb"c",2\n',
            sales={'5" pipe': "1", 'b"c"': "2"}),
    OddFile(name="text after a quote", content=b'shop,amount\na,1\n"b"c,2\nd,3\n',
            sales={"a": "1", "d": "3"}, rejects=((3, BAD_QUOTES),)),
    OddFile(name="a quote that never closes", content=b'shop,amount\na,1\n"b,2\nc,3\n', sales={"a": "1"},
            rejects=((3, BAD_QUOTES),)),
    OddFile(name="blanks beside quotes", content=b'shop,amount\n "a" , "1" \n"b"  ,"2"\n', sales=A_AND_B),
    OddFile(name="quoted and empty", content=b'shop,amount\n"",1\n"b",""\n',
            rejects=((2, NO_MERCHANT), (3, "The amount is blank"))),
)  # fmt: skip

LINES = (
    OddFile(name="CR LF", content=b"shop,amount\r\na,1\r\nb,x\r\n", sales={"a": "1"},
            rejects=((3, NO_NUMBER),)),
    OddFile(name="CR", content=b"shop,amount\ra,1\r\rb,x\rc,3", sales={"a": "1", "c": "3"},
            rejects=((4, NO_NUMBER),)),
    OddFile(name="all line ends together", content=b"shop,amount\r\na,1\nb,2\r\n\rc,x\n\n\r\nd,y",
            sales=A_AND_B, rejects=((5, NO_NUMBER), (8, NO_NUMBER))),
    OddFile(name="no line end at the end", content=b"shop,amount\na,1\nb,2", sales=A_AND_B),
    OddFile(name="blank lines between lines", content=b"shop,amount\na,1\n\nb,2\n\nc,3\n\nd,x\ne,1\n",
            sales={"a": "1", "b": "2", "c": "3", "e": "1"}, rejects=((8, NO_NUMBER),)),
    OddFile(name="blank lines between rejected ones", content=b"shop,amount\n\na\n\n\nb,x\n\nc,1,\n\n\nd,4\n",
            sales={"d": "4"}, rejects=((3, TOO_FEW), (6, NO_NUMBER), (8, TOO_MANY))),
    OddFile(name="blank lines before the heading", content=b"\n\nshop,amount\na,1\nb,x\n", sales={"a": "1"},
            rejects=((5, NO_NUMBER),)),
    OddFile(name="a line of blanks", content=b"shop,amount\na,1\n  \n,\nb,2\n", sales=A_AND_B,
            rejects=((3, TOO_FEW), (4, NO_MERCHANT))),
    OddFile(name="ragged lines", content=b"shop,amount,note\na,1,\nb,2\nc,3,x,y\nd,4,x\n,,\n",
            sales={"a": "1", "d": "4"}, rejects=((3, TOO_FEW), (4, TOO_MANY), (6, NO_MERCHANT))),
    OddFile(name="blank columns too many", content=b"shop,amount\na,1,\nb,2,,\nc,3\n", sales={"c": "3"},
            rejects=((2, TOO_MANY), (3, TOO_MANY))),
    OddFile(name="zero bytes in a value", content=b"shop,amount\na\0b,1\n\0,2\n",
            sales={"a\0b": "1", "\0": "2"}),
    OddFile(name="marks that other readers take for comments", content=b"shop,amount\n#a,1\n--b,2\n",
            sales={"#a": "1", "--b": "2"}),
    OddFile(name="invalid UTF-8", content=b"shop,amount\ncaf\xe9,1\nb,2\n", sales={"b": "2"},
            rejects=((2, BAD_BYTES),)),
)  # fmt: skip

HEADINGS = (
    OddFile(name="columns in another order", content=b"amount,note,shop\n1,x,a\n2,y,b\n", sales=A_AND_B),
    OddFile(name="columns that nobody uses, unnamed and twice", content=b"x,shop,,amount,x,\n1,a,2,1,3,4\n",
            sales={"a": "1"}),
    OddFile(name="a used column twice", content=b"shop,amount,shop\na,1,b\n", error="'shop' 2 times"),
    OddFile(name="a used column missing", content=b"store,amount\na,1\n", error="test takes columns.merchant_id from 'shop', which is not a column of this file. The file has: 'store', 'amount'"),
    OddFile(name="other letters, one column of that name", content=b"Shop,AMOUNT\na,1\n", sales={"a": "1"}),
    OddFile(name="other letters, two of that name", content=b"Shop,SHOP,amount\na,b,1\n", error="'shop'"),
    OddFile(name="blanks within a name", content=b" shop,amount\na,1\n", error="'shop'"),
    OddFile(name="a name of two lines", content=b'shop,"amount\n(net)"\na,1\nb,x\n',
            columns='merchant_id: shop, amount: "amount\\n(net)"', sales={"a": "1"}, rejects=((4, NO_NUMBER),)),
    OddFile(name="every line ends in a delimiter", content=b"shop,amount,\na,1,\nb,2,\n", sales=A_AND_B),
    OddFile(name="only the heading ends in a delimiter", content=b"shop,amount,\na,1\n", rejects=((2, TOO_FEW),)),
    OddFile(name="a heading alone", content=b"shop,amount"),
    OddFile(name="no heading, names from the format", content=b"1,a\n2,b\nx,c\n",
            also="csv: {header: [amount, shop]}", sales=A_AND_B, rejects=((3, NO_NUMBER),)),
    OddFile(name="no heading, no names", content=b"\n\na,1\nb,x\n", columns=BY_POSITION,
            also="csv: {header: false}", sales={"a": "1"}, rejects=((4, NO_NUMBER),)),
    OddFile(name="no heading, too few names", content=b"a,1,x\n", columns=BY_POSITION,
            also="csv: {header: [column1, column2]}", rejects=((1, TOO_MANY),)),
    OddFile(name="tbl of TPC-H", content=b"1|a|10.5|\n2|b|x|\n3|c|1|y\n4|d|1\n5|e|1||\n", key="lineitem.tbl",
            columns="merchant_id: supplier, amount: price", also="csv: {header: [line, supplier, price]}",
            sales={"a": "10.5"}, rejects=((2, NO_NUMBER), (3, TOO_MANY), (4, TOO_FEW), (5, TOO_MANY))),
    OddFile(name="one column and blank lines", content=b'shop\na\n\n""\n \nb\n',
            columns="merchant_id: shop, amount: \"'1'\"", sales={"a": "1", "b": "1"},
            rejects=((4, NO_MERCHANT), (5, NO_MERCHANT))),
    OddFile(name="nothing but line ends", content=b"\r\n\n", error="no heading"),
    OddFile(name="a quote in the heading that never closes", content=b'"shop,amount\na,1\n', error="quotes"),
)  # fmt: skip

CSV_FILES = (*DELIMITERS, *QUOTES, *LINES, *HEADINGS)
