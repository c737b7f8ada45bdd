"""A table that no kind fits -> a first vocabulary file for a person to correct, in which its columns are guessed."""

from sc_pipeline.add.findings import FoundFile
from sc_pipeline.staged.formats import NOT_TAKEN_IN
from sc_pipeline.staged.names import nearest
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.vocabularies import Vocabulary, Words

_LIKENESS = 0.75  # `Nationality` is not Criminality


def starters(files: tuple[FoundFile, ...], words: Words) -> list[str]:
    """For each table that is not taken in: what to save in vocabulary/ beside raw/ once it is right."""
    unknown = [
        table.sheet
        for file in files
        for table in file.tables
        if not table.sheet.kind and table.sheet.unknown and (table.sheet.left_out or "").startswith(NOT_TAKEN_IN)
    ]
    return [_starter(sheet, words) for sheet in unknown]


def _starter(sheet: StagedSheet, words: Words) -> str:
    is_detainers = any("detainer" in name.casefold() for name in sheet.unknown)
    vocabulary = words.vocabularies["detainers" if is_detainers else "removals"]
    fields = _guesses(sheet.unknown, vocabulary)
    own = [name for name in sheet.unknown if name not in fields] or list(sheet.unknown[-1:])
    lines = [
        f"# A start for vocabulary/{vocabulary.kind}.toml beside raw/, from {sheet.place}: correct and save it there.",
        "# docs/adding-a-production.md explains it; the fields are the columns of the tables in docs/dictionary.md.",
        f"own = [{_quoted(own[:1])}]  # one column that only {vocabulary.title} have",
        f"known = [{_quoted(own[1:])}]  # columns that feed no field",
        "",
        "[fields]",
        *(f"{field} = [{_quoted([name])}]  # is it so?" for name, field in fields.items()),
    ]
    return "\n".join(lines)


def _guesses(names: tuple[str, ...], vocabulary: Vocabulary) -> dict[str, str]:
    """Column -> the field it may be; the key of the kind first, since without it no row can be counted."""
    known = {name: field for field, listed in vocabulary.fields.items() for name in listed}
    dated = [name for name in names if "date" in name.casefold()]
    close = [name for name in dated if nearest(name, vocabulary.fields[vocabulary.key])]
    key = next(iter([*close, *dated]), names[0])
    likely = {name: known[guess] for name in names if name != key and (guess := nearest(name, known, _LIKENESS))}
    once = {field: name for name, field in reversed(likely.items()) if field != vocabulary.key}
    return {key: vocabulary.key} | {name: field for field, name in reversed(once.items())}


def _quoted(names: list[str]) -> str:
    return ", ".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names)
