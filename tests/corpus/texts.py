"""Text: encodings, quotes, line ends, widths, sizes, and cells that would be run or obeyed elsewhere."""

from collections.abc import Callable

import numpy as np

from tests.cases.shapes import ICE, Row, removals, table, text
from tests.corpus import Bad, good, lines, one, refused, taken

_MB = 1 << 20


def _csv(name: str, content: Callable[[str], bytes], accepted: int = 12, quarantined: int = 0, **more: object) -> Bad:
    return taken(f"text-{name}", one("x.csv", content), accepted, quarantined, **more)


def _no(name: str, content: Callable[[str], bytes], *words: str, **more: object) -> Bad:
    return refused(f"text-{name}", one("x.csv", content), *words, **more)


def _with(change: Callable[[list[Row]], object]) -> Callable[[str], bytes]:
    """A good file with its rows changed."""

    def content(salt: str) -> bytes:
        rows = removals(salt)
        change(rows)
        return text(table(rows, ICE))

    return content


def _cell(value: str, column: str = "Final Program Code") -> Callable[[str], bytes]:
    return _with(lambda rows: rows[3].update({column: value}))


def _line(change: Callable[[list[bytes]], object]) -> Callable[[str], bytes]:
    """A good file with its lines changed."""

    def content(salt: str) -> bytes:
        found = lines(salt)
        change(found)
        return b"".join(found)

    return content


def _swap(old: bytes, new: bytes) -> Callable[[str], bytes]:
    return lambda salt: good(salt).replace(old, new)


def _as(encoding: str, before: bytes = b"") -> Callable[[str], bytes]:
    return lambda salt: before + good(salt).decode().encode(encoding)


def _open_quotes(found: list[bytes]) -> None:
    found[1:] = [b'"' + line for line in found[1:]]


def _wide(found: list[bytes]) -> None:
    found[4] = b",".join([b"x"] * 4_000) + b"\n"


CASES = [
    _no("empty", lambda _: b"", "empty"),
    _no("blank-lines", lambda _: b"\n" * 50, "empty"),
    _no("many-blank-lines", lambda _: b"\n" * 3_000_000, "empty"),
    _no("only-a-mark", lambda _: b"\xef\xbb\xbf", "empty"),
    _no("only-delimiters", lambda _: b",,,,,\n" * 300, "empty"),
    _no("header-alone", lambda salt: lines(salt)[0], "no rows below"),
    _no("random", lambda _: np.random.default_rng(1).bytes(30_000), ""),
    _csv("nul-in-a-cell", _cell("a\0b")),
    _csv("end-of-file-behind-the-last-row", lambda salt: good(salt)[:-1] + b"\x1a\0\0"),
    _csv("days-in-digits-of-another-script", _cell("\u0660\u0663/\u0660\u0665/\u0662\u0660\u0661\u0662", "Entry Date")),
    _csv("day-of-the-year-0", _cell("0000-01-01", "Entry Date")),
    _no("nul-tail", lambda salt: good(salt) + bytes(4096), "neither text"),
    _no("nul-only", lambda _: bytes(5_000), "neither text"),
    _csv("utf-16-little", _as("utf-16-le", b"\xff\xfe")),
    _csv("utf-16-big", _as("utf-16-be", b"\xfe\xff")),
    _csv("utf-16-unmarked", _as("utf-16-le")),
    _no("utf-16-odd", lambda salt: _as("utf-16-le", b"\xff\xfe")(salt)[:-1], "cut short"),
    _no("utf-16-half-pair", lambda salt: _as("utf-16-le", b"\xff\xfe")(salt) + b"\x00\xd8\n\x00", "cut short"),
    _no("utf-32", _as("utf-32"), "UTF-32"),
    _no("utf-7", lambda salt: good(salt).decode().replace("Date", "D\u00e4te").encode("utf-7"), ""),
    _no("ebcdic", _as("cp037"), ""),
    _csv("mark-twice", lambda salt: b"\xef\xbb\xbf" * 2 + good(salt)),
    _csv("latin-1-cell", lambda salt: good(salt).replace(b"LAREDO", b"LAR\xc9DO", 1)),
    _csv("shift-jis-cell", lambda salt: good(salt).replace(b"LAREDO", "\u65e5\u672c".encode("shift-jis"), 1)),
    _csv("overlong", lambda salt: good(salt).replace(b"LAREDO", b"\xc0\xaf", 1)),
    _csv("half-pair-in-utf-8", lambda salt: good(salt).replace(b"LAREDO", b"\xed\xa0\x80", 1)),
    _csv("cut-letter", lambda salt: good(salt).replace(b"LAREDO", b"\xe2\x82", 1)),
    _csv("returns-alone", _swap(b"\n", b"\r")),
    _csv("two-returns", _swap(b"\n", b"\r\r\n")),
    _csv("line-separator-in-a-cell", _cell("a\u2028b")),
    _csv("form-feed-in-a-cell", _cell("a\x0cb")),
    _csv("end-of-file-letter", lambda salt: good(salt) + b"\x1a"),
    _csv("escapes-in-a-cell", _cell("\x1b]0;owned\x07\x1b[2J")),
    _csv("escapes-in-the-key", _cell("\x1b[2J03/09/2025", "Departed Date"), 11, 1),
    _csv("escapes-in-a-header", _swap(b"Final Program Code", b"\x1b[31mWho\x1b[0m")),
    _csv("direction-in-a-header", lambda salt: good(salt).replace(b"Port of Departure", "\u202ePort".encode(), 1)),
    _csv(
        "spaces-in-a-header", lambda salt: good(salt).replace(b"Departed Date", "\u00a0Departed\u200b Date".encode(), 1)
    ),
    _csv("bell-in-a-cell", _cell("\a\b\b")),
    _csv("formula", _cell("=cmd|' /C calc'!A0")),
    _csv("formula-in-the-key", _cell('=HYPERLINK("http://x")', "Departed Date"), 11, 1),
    _csv("script", _cell("<script>alert(1)</script>")),
    _csv("markdown", _cell("[x](javascript:alert(1)) ![y](http://z)")),
    _csv("sql", _cell("'); drop table removals; --")),
    _csv("template", _cell("{{ 7 * 7 }} ${x} {% raw %}")),
    _csv("quote-never-closed", _line(lambda found: found.__setitem__(3, b'"' + found[3])), 11, 1),
    _csv("quote-never-closed-in-the-last-row", _line(lambda found: found.__setitem__(12, b'"' + found[12])), 11, 1),
    _no("quotes-never-closed", _line(_open_quotes), "no row fits the header"),
    _csv("quote-within-a-cell", _swap(b"Assault,", b'5"6 tall,')),
    _csv("line-end-in-a-cell", _cell("a\nb")),
    _csv("fifty-line-ends-in-a-cell", _cell("\n" * 50)),
    _csv("doubled-quotes", _cell('"' * 5_000)),
    _csv("row-too-wide", _line(_wide), 11, 1),
    _csv("row-of-one-cell", _line(lambda found: found.__setitem__(4, b"x\n")), 11, 1),
    _no("all-rows-wider", _swap(b"NO,", b"NO,,"), "no row fits the header"),
    _no("header-too-wide", lambda _: b",".join(b"c%d" % i for i in range(20_000)) + b"\n1,2\n", "MAX_COLUMNS"),
    _no("header-name-of-a-megabyte", lambda salt: b"x" * (_MB + 9) + b"," + good(salt), "MAX_CELL_BYTES"),
    _csv("header-twice-in-it", _swap(b"Final Program Code", b"Gender")),
    _csv("header-blank-names", _swap(b"Final Program Code", b"")),
    _csv("cell-of-half-a-megabyte", _cell("y" * (_MB // 2))),
    _no("cell-of-two-megabytes", _cell("y" * (2 * _MB)), "MAX_CELL_BYTES"),
    _csv("cell-of-twenty-thousand-lines", _cell('y,"\n' * 20_000), 11, 20_001),
    _no("line-of-twenty-megabytes", lambda salt: good(salt) + b"y" * (20 * _MB), "MAX_LINE_BYTES"),
    _no("quoted-cell-of-sixty-megabytes", _cell('y"' * (20 * _MB)), "MAX_LINE_BYTES", slow=True),
    _csv("semicolons", lambda salt: text(table(removals(salt), ICE), ";")),
    _csv("bars", lambda salt: text(table(removals(salt), ICE), "|")),
    _no("two-delimiters", lambda salt: text(table(removals(salt), ICE), ":"), ""),
    _csv("excel-sep-line", lambda salt: b"sep=,\n" + good(salt)),
    _csv("day-that-is-none", _cell("02/31/2025", "Departed Date"), 11, 1),
    _csv("day-of-zeros", _cell("00/00/0000", "Departed Date"), 11, 1),
    _csv("day-far-away", _cell("12/31/9999", "Departed Date"), 11, 1),
    _csv("day-before-all", _cell("01/01/0001", "Departed Date"), 11, 1),
    _csv("day-as-a-long-number", _cell("9" * 400, "Departed Date"), 11, 1),
    _csv("day-infinite", _cell("inf", "Departed Date"), 11, 1),
    _no(
        "no-day-at-all",
        lambda salt: text(table([row | {"Departed Date": "tomorrow 1"} for row in removals(salt)], ICE)),
        "",
    ),
    _csv("year-of-400-digits", _cell("9" * 400, "Birth Year")),
    _csv("year-negative", _cell("-1", "Birth Year")),
    _csv("year-as-a-power", _cell("1E+308", "Birth Year")),
    _csv("year-not-a-number", _cell("NaN", "Birth Year")),
    _csv("other-digits", _cell("\u0661\u0669\u0668\u0660", "Birth Year")),
    _csv("identifier-of-forty-kilobytes", _cell("z" * 40_000, "Anonymized Identifier")),
    _csv(
        "thousand-unknown-columns",
        lambda salt: text(table([row | {f"c{i}": "1" for i in range(1_000)} for row in removals(salt)])),
    ),
    _csv("cut-in-a-row", lambda salt: good(salt)[:-60], 11, 1),
    _csv("blank-lines-between", _swap(b"\n", b"\n\n\n")),
    _csv("combining-letters", _cell("e" + "\u0301" * 3_000)),
    _csv("emoji-and-flags", _cell("\U0001f1fa\U0001f1f8\U0001f468\u200d\U0001f469")),
    refused("text-without-a-known-column", one("x.csv", lambda _: b"a,b,c,d,e,f,g\n1,2,3,4,5,6,7\n"), "columns"),
    refused("text-json", one("x.csv", lambda _: b'[{"Departed Date": "2025-01-01"}]'), "JSON"),
    refused("text-html", one("x.csv", lambda _: b"<html><table><tr><td>1"), "HTML"),
    refused("text-rtf", one("x.csv", lambda _: b"{\\rtf1 x}"), "rich-text"),
    refused("text-mail", one("x.csv", lambda _: b"MIME-Version: 1.0\n\nx"), "e-mail"),
    refused("text-picture", one("x.csv", lambda _: b"\x89PNG\r\n\x1a\n"), "picture"),
    refused("text-pdf", one("x.csv", lambda _: b"%PDF-1.7\n"), "PDF"),
    refused("text-program", one("x.csv", lambda _: b"\x7fELF" + bytes(64)), "neither text"),
    refused("text-sqlite", one("x.csv", lambda _: b"SQLite format 3\0"), "SQLite"),
    refused("text-pickle", one("x.csv", lambda _: b"\x80\x04\x95\0\0\0\0\0\0\0\0cos\nsystem\n."), "neither text"),
]
