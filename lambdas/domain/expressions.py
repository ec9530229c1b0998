"""SQL expressions of order formats: parsed, checked against a list of harmless parts, and written anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

from lambdas.domain.casts import CAST_TYPES, NUMBER_TYPES, cast_sql
from lambdas.domain.database import quoted

Node = dict[str, Any]

ARITHMETIC = {"+", "-", "*", "/", "//", "%"}
NUMBER_FUNCTIONS = {"abs", "ceil", "ceiling", "floor", "greatest", "least", "round", "sign", "trunc"}
TEXT_OPERATORS = {"||": "||", "~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}
TEXT_FUNCTIONS = {
    "concat", "concat_ws", "contains", "ends_with", "left", "length", "lower", "lpad", "ltrim", "nullif",
    "regexp_extract", "regexp_matches", "regexp_replace", "replace", "reverse", "right", "rpad", "rtrim",
    "split_part", "starts_with", "strlen", "strpos", "substr", "substring", "trim", "upper",
}  # fmt: skip
COMPARISONS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
OTHER_ITEMS = ("from_table", "where_clause", "group_expressions", "having", "qualify", "sample", "modifiers")


class ExpressionError(Exception):
    """The text isn't an expression that an order format may use; says why."""


@dataclass(frozen=True)
class Column:
    """A column that an expression uses, as a number or as text."""

    name: str
    is_number: bool


@dataclass(frozen=True)
class Expression:
    """A checked expression; `sql` writes it with the given SQL in the place of each column."""

    text: str
    columns: frozenset[Column]
    _root: Node
    _wants_number: bool

    def sql(self, column_sql: Callable[[Column], str]) -> str:
        """The expression as SQL that holds nothing but harmless parts."""
        return _Writer(column_sql).write(self._root, self._wants_number)

    def parts(self, column_sql: Callable[[Column], str]) -> list[str]:
        """The SQL of the expression and of every part of it, the smallest first."""
        writer = _Writer(column_sql)
        writer.write(self._root, self._wants_number)
        return writer.written


def parse_expression(text: str, *, wants_number: bool, connection: duckdb.DuckDBPyConnection) -> Expression:
    """The expression in the text; raises ExpressionError. `wants_number`: plain columns in it are numbers."""
    root = _parsed(text, connection)
    columns: set[Column] = set()

    def note(column: Column) -> str:
        columns.add(column)
        return column.name

    _Writer(note).write(root, wants_number)
    return Expression(text, frozenset(columns), root, wants_number)


def _parsed(text: str, connection: duckdb.DuckDBPyConnection) -> Node:
    row = connection.execute("SELECT json_serialize_sql(?)", [f"SELECT {text}"]).fetchone()
    tree: Node = json.loads(row[0]) if row else {"error": True, "error_message": "no statement"}
    if tree["error"]:
        raise ExpressionError(tree["error_message"])
    statements = tree["statements"]
    node: Node = statements[0]["node"] if len(statements) == 1 else {}
    if node.get("type") != "SELECT_NODE" or len(node["select_list"]) != 1:
        raise ExpressionError("one expression is needed")
    extra = [node[item] for item in OTHER_ITEMS if item != "from_table"] + [node["cte_map"]["map"]]
    if any(extra) or node["from_table"]["type"] != "EMPTY" or node["select_list"][0]["alias"]:
        raise ExpressionError("it is more than one expression over the columns of a line")
    root: Node = node["select_list"][0]
    return root


class _Writer:
    """Writes a parsed expression as SQL; whatever it doesn't know is an ExpressionError."""

    def __init__(self, column_sql: Callable[[Column], str]) -> None:
        self._column_sql = column_sql
        self.written: list[str] = []

    def write(self, node: Node, number: bool) -> str:
        """The node as SQL; `number`: a plain column here is a number."""
        writers: dict[str, Callable[[Node, bool], str]] = {
            "COLUMN_REF": self._column,
            "CONSTANT": self._constant,
            "FUNCTION": self._function,
            "OPERATOR": self._operator,
            "COMPARISON": self._comparison,
            "BETWEEN": self._between,
            "CONJUNCTION": self._conjunction,
            "CASE": self._case,
            "CAST": self._cast,
        }
        writer = writers.get(node["class"])
        if writer is None:
            raise ExpressionError(f"{node['class'].lower().replace('_', ' ')}s are not allowed in it")
        self.written.append(writer(node, number))
        return self.written[-1]

    def _column(self, node: Node, number: bool) -> str:
        if len(node["column_names"]) != 1:
            raise ExpressionError(f"{'.'.join(node['column_names'])} is not a column")
        return self._column_sql(Column(node["column_names"][0], number))

    def _constant(self, node: Node, _: bool) -> str:
        kind, text = node["literal"]["kind"], str(node["literal"]["text"])
        if kind == "STRING":
            return quoted(text)
        if kind == "NULL_LITERAL":
            return "NULL"
        # DuckDB's parser takes 7e and 7e+ for numbers where they end the text.
        if kind in ("INTEGER", "BOOLEAN") or (kind == "NUMERIC" and text[-1] in "0123456789."):
            return f"({text})"
        raise ExpressionError(f"{text} is not a number, a text or true or false")

    def _function(self, node: Node, number: bool) -> str:
        name = node["function_name"]
        plain = not node["filter"] and not node["distinct"] and not node["order_bys"]["orders"]
        if not plain or len(node["qualified_name"]["path"]) != 1 or any(a["name"] for a in node["arguments"]):
            raise ExpressionError(f"{name} is not allowed in it")
        arguments = [argument["expression"] for argument in node["arguments"]]
        if name in ARITHMETIC and len(arguments) in (1, 2):
            parts = [self.write(argument, True) for argument in arguments]
            return f"({name} {parts[0]})" if len(parts) == 1 else f"({f' {name} '.join(parts)})"
        if name in TEXT_OPERATORS and len(arguments) == 2:
            return f"({f' {TEXT_OPERATORS[name]} '.join(self.write(a, False) for a in arguments)})"
        if name not in NUMBER_FUNCTIONS | TEXT_FUNCTIONS:
            raise ExpressionError(f"the function {name} is not allowed in it")
        as_number = name in NUMBER_FUNCTIONS or (name == "nullif" and number)
        return f"{name}({', '.join(self.write(argument, as_number) for argument in arguments)})"

    def _operator(self, node: Node, number: bool) -> str:
        kind, children = node["type"], node["children"]
        if kind == "OPERATOR_COALESCE":
            return f"coalesce({', '.join(self.write(child, number) for child in children)})"
        if kind == "OPERATOR_NOT":
            return f"(NOT {self.write(children[0], number)})"
        if kind in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            return f"({self.write(children[0], number)} {kind.removeprefix('OPERATOR_').replace('_', ' ')})"
        if kind in ("COMPARE_IN", "COMPARE_NOT_IN"):
            first, *rest = self._alike(children, number)
            return f"({first} {'IN' if kind == 'COMPARE_IN' else 'NOT IN'} ({', '.join(rest)}))"
        raise ExpressionError(f"{kind.lower().replace('_', ' ')} is not allowed in it")

    def _comparison(self, node: Node, number: bool) -> str:
        if node["type"] not in COMPARISONS:
            raise ExpressionError(f"{node['type'].lower().replace('_', ' ')} is not allowed in it")
        left, right = self._alike([node["left"], node["right"]], number)
        return f"({left} {COMPARISONS[node['type']]} {right})"

    def _between(self, node: Node, number: bool) -> str:
        value, lower, upper = self._alike([node["input"], node["lower"], node["upper"]], number)
        return f"({value} BETWEEN {lower} AND {upper})"

    def _conjunction(self, node: Node, number: bool) -> str:
        word = " AND " if node["type"] == "CONJUNCTION_AND" else " OR "
        return f"({word.join(self.write(child, number) for child in node['children'])})"

    def _case(self, node: Node, number: bool) -> str:
        checks = "".join(
            f" WHEN {self.write(check['when_expr'], number)} THEN {self.write(check['then_expr'], number)}"
            for check in node["case_checks"]
        )
        return f"CASE{checks} ELSE {self.write(node['else_expr'], number)} END"

    def _cast(self, node: Node, number: bool) -> str:
        kind = node["type_expr"]
        name = kind["type_name"].upper()
        sizes = [str(child.get("literal", {}).get("text")) for child in kind["children"]]
        if name not in CAST_TYPES or not all(size.isdecimal() for size in sizes):
            raise ExpressionError(f"a cast to {name} is not allowed in it")
        return cast_sql(self.write(node["child"], number and name in NUMBER_TYPES), name, sizes)

    def _alike(self, nodes: list[Node], number: bool) -> list[str]:
        """The nodes that are compared with each other: as text as soon as one of them is text."""
        is_text = any(node["class"] == "CONSTANT" and node["literal"]["kind"] == "STRING" for node in nodes)
        return [self.write(node, number and not is_text) for node in nodes]
