"""Person identifiers: what a whole column tells about how its cells were kept, and each cell read by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

import polars as pl

# Words written where an identifier is missing. A cell without a letter or digit, or of zeros alone, is one as well.
_NOTHING = (
    r"^[^\p{L}\p{N}]*(0*|n[^\p{L}\p{N}]*a|nan|nat|none|nil|null|missing|blank|empty|unavailable|not available|"
    r"undefined|unknown|false|true)[^\p{L}\p{N}]*$"
)
_ERROR = r"^#"
# Written by software that took the identifier for a number: 1.2345E+18, or 15 digits and zeros.
_LOST_DIGITS = r"^(\d(\.\d+)?e\+?\d{1,3}|\d{15}0{3,})$"
_DIGITS = r"^\d+$"
_LONG = 16  # digits: a spreadsheet keeps 15, a float not all of 17 and more
_BITS_PER_DIGIT = log2(10)
# How surprising a column must be before its last digits count as lost: chance does it once in 64 columns.
_EVIDENCE = 6.0

WORD_FOR_NOTHING = "a word for nothing"
LOST_DIGITS = "lost its last digits"
LOST_ZEROS = "may have lost leading zeros"


@dataclass(frozen=True)
class IdProfile:
    """What the identifiers of one table that are digits alone look like; counts of rows, lengths in digits."""

    shortest: int = 0
    longest: int = 0
    padded: int = 0  # begin with a zero
    long: int = 0
    in_float: int = 0  # long ones that a float can hold
    by_chance: float = 0.0  # of them to be expected
    in_15_digits: int = 0  # long ones that end in zeros from the sixteenth digit on
    float_bits: float = 0.0
    digit_bits: float = 0.0
    with_digits: int = 0  # of all, those that hold a digit
    mixed_lengths: frozenset[int] = frozenset()  # letters in those of letters and digits

    def __add__(self, other: "IdProfile") -> "IdProfile":
        lengths = [length for length in (self.shortest, other.shortest) if length]
        return IdProfile(
            min(lengths, default=0),
            max(self.longest, other.longest),
            self.padded + other.padded,
            self.long + other.long,
            self.in_float + other.in_float,
            self.by_chance + other.by_chance,
            self.in_15_digits + other.in_15_digits,
            self.float_bits + other.float_bits,
            self.digit_bits + other.digit_bits,
            self.with_digits + other.with_digits,
            self.mixed_lengths | other.mixed_lengths,
        )

    @property
    def lost_digits(self) -> bool:
        """Whether the long ones went through a spreadsheet's number or a float."""
        if not self.long:
            return False
        all_cut = self.in_15_digits == self.long and self.digit_bits >= _EVIDENCE
        all_rounded = self.in_float == self.long and self.float_bits >= _EVIDENCE
        return all_cut or all_rounded or self.in_float > 10 * self.by_chance + 5


@dataclass(frozen=True)
class IdForms:
    """How the identifiers of one table are read: `width` restores leading zeros; None leaves them as they are.

    Where those of the release hold digits, one without any is a word, such as TBD or confidential, unless it has as
    many letters as one of letters and digits (`mixed_lengths`); None where none holds any.
    """

    lost_digits: bool = False
    lost_zeros: bool = False
    width: int | None = None
    mixed_lengths: frozenset[int] | None = None


def in_digits(texts: pl.Series) -> IdProfile:
    """How many identifiers hold a digit, and how long those are that hold letters too."""
    with_digits = texts.filter(texts.str.contains(r"\d"))
    mixed = with_digits.filter(with_digits.str.contains(r"(?i)[a-z]"))
    return IdProfile(with_digits=len(with_digits), mixed_lengths=frozenset(mixed.str.len_chars().unique()))


def profile(texts: pl.Series) -> IdProfile:
    """The profile of plain texts in small letters; those that are not digits alone tell little."""
    held = in_digits(texts)
    digits = texts.str.replace(r"^(\d+)\.0+$", "$1").rename("id").to_frame()
    digits = digits.filter(pl.col("id").str.contains(_DIGITS) & ~pl.col("id").str.contains("^0+$"))
    if digits.is_empty():
        return held
    length = digits["id"].str.len_bytes()
    padded = int(digits["id"].str.starts_with("0").sum())
    shortest, longest = length.min(), length.max()
    assert isinstance(shortest, int) and isinstance(longest, int)
    number = pl.col("id").cast(pl.UInt64, strict=False)
    spare = (number.cast(pl.Float64).log(2).floor() - 52).clip(0)
    long = digits.filter(length >= _LONG).select(
        rounded=(number.cast(pl.Float64).cast(pl.UInt64, strict=False) == number).fill_null(False),
        cut=pl.col("id").str.contains(r"^\d{15}0+$"),
        spare=spare.fill_null(0.0),
        chance=(2.0 ** (-spare)).fill_null(0.0),
        beyond=(pl.col("id").str.len_bytes().cast(pl.Int64) - 15) * _BITS_PER_DIGIT,
    )
    # Only those beyond a float's own digits can tell that one was there.
    told = long.filter(pl.col("spare") > 0)
    return IdProfile(
        shortest,
        longest,
        padded,
        long.height,
        int(long["rounded"].sum()) if told.height else 0,
        float(long["chance"].sum()),
        int(long["cut"].sum()),
        float(told["spare"].sum()),
        float(long["beyond"].sum()),
        held.with_digits,
        held.mixed_lengths,
    )


def judge(profiles: Mapping[str, IdProfile]) -> dict[str, IdForms]:
    """Table -> how its identifiers are read, from the profiles of all tables of one release.

    Where every padded identifier has one width, those of a table without a leading zero get theirs back; where the
    width does not follow, they are unknown.
    """
    padded = [found for found in profiles.values() if found.padded]
    widths = {length for found in padded for length in (found.shortest, found.longest)}
    mixed = frozenset[int]().union(*(found.mixed_lengths for found in profiles.values()))
    lengths = mixed if any(found.with_digits for found in profiles.values()) else None
    forms = {}
    for table, found in profiles.items():
        width, lost_zeros = None, False
        if padded and found.longest and not found.padded:
            (only,) = widths if len(widths) == 1 else (0,)
            if found.longest > only:
                lost_zeros = True
            elif found.shortest < only:
                width = only
        forms[table] = IdForms(found.lost_digits, lost_zeros, width, lengths)
    return forms


def read_identifier(text: pl.Expr, forms: IdForms) -> tuple[pl.Expr, pl.Expr]:
    """Plain text -> the identifier, null where it can't be trusted; and why."""
    text = text.str.to_lowercase().str.replace(r"^(\d+)\.0+$", "$1")
    is_number = text.str.contains(_DIGITS)
    lost_digits = text.str.contains(_LOST_DIGITS)
    if forms.lost_digits:
        lost_digits |= is_number & (text.str.len_bytes() >= _LONG)
    is_word = text.str.contains(_NOTHING) | text.str.contains(_ERROR)
    if forms.mixed_lengths is not None:
        is_word |= ~text.str.contains(r"\d") & ~text.str.len_chars().is_in(sorted(forms.mixed_lengths))
    reason = (
        pl.when(is_word)
        .then(pl.lit(WORD_FOR_NOTHING))
        .when(lost_digits)
        .then(pl.lit(LOST_DIGITS))
        .when(is_number & forms.lost_zeros)
        .then(pl.lit(LOST_ZEROS))
    )
    whole = pl.when(is_number).then(text.str.zfill(forms.width)).otherwise(text) if forms.width else text
    return pl.when(reason.is_null()).then(whole), reason
