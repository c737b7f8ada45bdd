"""Columns -> text a script can hold: codes and counts as base64 of little-endian unsigned integers.

Not Parquet: its bytes carry the version of the library that wrote them, and a page decodes plain integers at once.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_WIDTHS = ((1, "<u1", 0xFF), (2, "<u2", 0xFFFF), (4, "<u4", 0xFFFFFFFF))

Packed = dict[str, Any]


def script(name: str, value: Any) -> str:
    """A data script: a call that hands `value` to the explorer under `name`."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return f'scExplorer.receive("{name}",{text});\n'


def packed(numbers: np.ndarray) -> Packed:
    """Whole numbers of zero or more -> their width in bytes and base64; one number alone where all are the same."""
    if len(numbers) and (numbers == numbers[0]).all():
        return {"all": int(numbers[0])}
    top = int(numbers.max(initial=0))
    width, form = next((width, form) for width, form, limit in _WIDTHS if top <= limit)
    return {"width": width, "base64": base64.b64encode(numbers.astype(form).tobytes()).decode("ascii")}


def counts(values: pa.ChunkedArray) -> np.ndarray:
    """Counts, each plus one, so that zero is free to mean: no number."""
    return values.fill_null(-1).to_numpy() + 1


def coded(values: pa.ChunkedArray, form: str = "") -> tuple[list[str], np.ndarray]:
    """Values -> the sorted distinct ones as text, written as `form` says, and each cell's place among them."""
    parts = values.combine_chunks().dictionary_encode()
    texts = [format(value, form) for value in parts.dictionary.to_pylist()]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    places = np.empty(len(texts), dtype=np.int64)
    places[order] = np.arange(len(texts))
    return [texts[at] for at in order], places[parts.indices.to_numpy()]


def words(columns: Sequence[pa.ChunkedArray]) -> tuple[list[list[str]], np.ndarray]:
    """The statuses of a cell's measures, coded together: few combinations ever occur. `-` is: no release covers it."""
    texts = [pc.fill_null(column.cast(pa.string()), "-") for column in columns]
    values, codes = coded(pc.binary_join_element_wise(*texts, "|"))  # pyright: ignore[reportAttributeAccessIssue]
    return [value.split("|") for value in values], codes
