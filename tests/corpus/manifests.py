"""release.toml, corrections.toml, and what a person states of a file that is not so."""

from collections.abc import Callable

from tests.corpus import MANIFEST, Bad, good, refused, taken


def _files(manifest: bytes = MANIFEST, **more: bytes) -> Callable[[str], dict[str, bytes]]:
    return lambda salt: (
        {"x.csv": good(salt), "release.toml": manifest}
        | {name.replace("__", "."): content for name, content in more.items()}
    )


def _no(name: str, manifest: bytes, *words: str) -> Bad:
    return refused(f"toml-{name}", _files(manifest), *words)


def _in(name: str, manifest: bytes, accepted: int = 12) -> Bad:
    return taken(f"toml-{name}", _files(manifest), accepted)


def _file(text: bytes) -> bytes:
    return MANIFEST + b'[[files]]\nname = "x.csv"\n' + text


def _fix(name: str, text: bytes, *words: str) -> Bad:
    return refused(f"corrections-{name}", _files(corrections__toml=text), *words)


def _entry(**changed: str) -> bytes:
    stated = {
        "field": '"gender"',
        "rows": '"all"',
        "action": '"set"',
        "value": '"Male"',
        "expected": '"Female"',
        "reason": '"r"',
        "reported_by": '"me"',
    } | changed
    return ("[[corrections]]\n" + "".join(f"{key} = {value}\n" for key, value in stated.items() if value)).encode()


CASES = [
    _in("empty", b""),
    _in("mark-and-windows-lines", b"\xef\xbb\xbf" + MANIFEST.replace(b"\n", b"\r\n")),
    _no("not-utf-8", b"title = \xff\xfe\n", "UTF-8"),
    _no("utf-16", MANIFEST.decode().encode("utf-16"), "UTF-8"),
    _no("nul", MANIFEST + b"\0", "TOML"),
    _no("brackets-nested", b"title = " + b"[" * 4_000 + b"]" * 4_000, "TOML"),
    _no("tables-nested", b"title = " + b"{a=" * 3_000 + b"1" + b"}" * 3_000, "TOML"),
    _no("keys-dotted", b".".join([b"a"] * 5_000) + b" = 1\n", ""),
    _no("number-of-5000-digits", b"received = " + b"9" * 5_000, "TOML"),
    _no("day-that-is-none", b"received = 2025-02-31\n", "TOML"),
    _no("hundred-thousand-files", b"[[files]]\n" * 100_000, ""),
    _no(
        "hundred-thousand-named-files",
        b"".join(b'[[files]]\nname = "f%d.csv"\n' % n for n in range(100_000)),
        "MAX_TOML_BYTES",
    ),
    _no("of-two-megabytes", MANIFEST + b"# " + b"x" * (2 << 20), "MAX_TOML_BYTES"),
    _no("key-twice", MANIFEST + b'title = "again"\n', "TOML"),
    _no("key-unknown", b'titel = "x"\n', "titel"),
    _no("key-with-escapes", b'"\\u001b[2J" = "x"\n', "unknown key"),
    _no("key-of-a-prototype", b'"__class__" = "x"\n', "unknown key"),
    _no("title-a-number", b"title = 5\n", "title"),
    _no("title-blank", b'title = "  "\n', "title"),
    _in("title-with-escapes", MANIFEST.replace(b"Invented rows", b"\\u001b]0;x\\u0007<script>alert(1)</script>")),
    _in("title-of-50-kilobytes", MANIFEST.replace(b"Invented rows", b"t" * 50_000)),
    _in("title-right-to-left", MANIFEST.replace(b"Invented rows", "\u202eevil".encode())),
    _in("url-of-a-script", MANIFEST + b'source_url = "javascript:alert(1)"\n'),
    _no("received-in-quotes", b'received = "2025-07-15"\n', "received"),
    _no("received-far-away", b"received = 9999-12-31\n", "received"),
    _no("received-a-time", b"received = 2025-07-15T01:02:03Z\n", "received"),
    _no("covers-backward", b"covers = [2025-06-01, 2024-01-01]\n", "covers"),
    _no("covers-of-one", b"covers = [2025-06-01]\n", "covers"),
    _no("population-unknown", b'population = "all"\n', "population"),
    _no("synthetic-in-quotes", b'synthetic = "yes"\n', "synthetic"),
    _no("files-a-text", b'files = "x.csv"\n', "files"),
    _no("file-climbs", MANIFEST + b'[[files]]\nname = "../../etc/passwd"\n', "not in the release's folder"),
    _in("file-from-here", MANIFEST + b'[[files]]\nname = "./x.csv"\n'),
    _no("file-of-the-folder", MANIFEST + b'[[files]]\nname = "."\n', "not in the release's folder"),
    _no("file-absolute", MANIFEST + b'[[files]]\nname = "/etc/passwd"\n', "not in the release's folder"),
    _no("file-of-windows", MANIFEST + b'[[files]]\nname = "C:\\\\x.csv"\n', "not in the release's folder"),
    _no("file-missing", MANIFEST + b'[[files]]\nname = "y.csv"\n', "y.csv"),
    _no("file-twice", _file(b'[[files]]\nname = "x.csv"\n'), "twice"),
    _no("file-of-another-sum", _file(b'sha256 = "' + b"0" * 64 + b'"\n'), "sha256"),
    _no("file-sum-no-sum", _file(b'sha256 = "abc"\n'), "sha256"),
    _no("kind-unknown", _file(b'kind = "everything"\n'), "everything"),
    _no("production-unknown", _file(b'production = "none_such"\n'), "none_such"),
    _no("column-missing", _file(b'columns = { "Nowhere" = "state" }\n'), "Nowhere"),
    _no("field-missing", _file(b'columns = { "Final Program Code" = "nowhere" }\n'), "nowhere"),
    _no("sheet-missing", _file(b'sheets = ["Nowhere"]\n'), "Nowhere"),
    _no("everything-left-out", _file(b'leave_out = ["x.csv"]\n'), ""),
    _no("order-unknown", _file(b'date_order = "year first"\n'), "date_order"),
    _no("withheld-unknown", MANIFEST + b'[[withheld]]\nfields = ["nowhere"]\nfrom = "2016-01"\n', "nowhere"),
    _no("withheld-month", MANIFEST + b'[[withheld]]\nfields = ["state"]\nfrom = "2016-13"\n', "month"),
    _no("serves-backward", MANIFEST + b'[[serves]]\nfrom = "2016-05"\nto = "2015-05"\n', "before"),
    taken("corrections-empty", _files(corrections__toml=b"")),
    taken("corrections-good", _files(corrections__toml=_entry())),
    _fix("not-toml", b"[[", "TOML"),
    _fix("not-utf-8", b"\xff\xfe", "UTF-8"),
    _fix("nested", b"x = " + b"[" * 4_000 + b"]" * 4_000, "TOML"),
    _fix("large", b"# " + b"x" * (2 << 20), "MAX_TOML_BYTES"),
    _fix("key-unknown", _entry(colour='"x"'), "colour"),
    _fix("field-unknown", _entry(field='"nowhere"'), "nowhere"),
    _fix("rows-of-nothing", _entry(rows="[]"), "rows"),
    _fix("row-zero", _entry(rows='[{ file = "x.csv", row = 0 }]'), ""),
    _fix("row-missing", _entry(rows='[{ file = "x.csv", row = 9999 }]'), "9999"),
    _fix("value-not-there", _entry(expected='"Nobody"'), "Nobody"),
    _fix("without-a-reason", _entry(reason=""), "reason"),
]
