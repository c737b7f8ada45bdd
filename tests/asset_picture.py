"""The assets and what each is made from -> docs/images/asset-graph.svg: rooms from left to right, with arrows."""

from collections import defaultdict
from html import escape
from itertools import pairwise

from sc_pipeline.warehouse.tables import published_tables
from tests.test_defs import SPECS

ROOMS = ("raw", "staged", "core", "marts", "warehouse", "report")
RAW, BOOKKEEPING, WAREHOUSE = "foia_files", "bookkeeping", "warehouse"
# What the tables of core are taken in from; shown, though not tables to quote.
_SHOWN = {"release_months", "published_counts"}
_TALL, _GAP, _ROW, _TOP, _LETTER = 30, 30, 42, 46, 7.2
_STYLE = """
rect.room { fill: #f2f5f9; } rect.box { fill: #fff; stroke: #5b7a99; } path { fill: none; stroke: #8296aa; }
marker path { fill: #8296aa; stroke: none; } text { fill: #1c2733; font: 13px sans-serif; } .head { font-weight: bold; }
@media (prefers-color-scheme: dark) {
rect.room { fill: #1b2430; } rect.box { fill: #0f1620; stroke: #7f9cb8; } path { stroke: #74879b; }
marker path { fill: #74879b; } text { fill: #e3eaf2; } }
"""
Edges = dict[str, set[str]]
Span = tuple[float, float]


def asset_graph() -> str:
    """The picture; tables that only other tables need are left out, and what goes through them is one arrow."""
    needs = _direct(_of_boxes())
    room = _rooms(needs)
    column = _columns(needs, room)
    chains = _chains(needs, column)
    rows = _rows(chains, column)
    high = max(rows.values()) + 1
    spans = _spans(room, column)
    tops = {name: _TOP + row * _ROW for name, row in rows.items()}
    width, height = spans[-1][1] + 20, _TOP + high * _ROW + 10
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        "<title>The assets in six rooms, from raw files to the published warehouse and the report</title>",
        f"<style>{_STYLE}</style>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z"/></marker></defs>',
        *_room_shapes(room, column, spans, height),
        *(_arrow([(*spans[column[name]], tops[name] + _TALL / 2) for name in chain]) for chain in chains),
        *(_box(name, spans[column[name]], tops[name]) for name in sorted(room)),
    ]
    return "\n".join([*shapes, "</svg>"]) + "\n"


def _box_of(asset: str) -> str | None:
    """The box an asset is drawn in; None for one that only other tables need."""
    group = SPECS[asset].group_name
    if group == "bookkeeping":
        return BOOKKEEPING
    if group == "marts" and asset.startswith("removals_by_"):
        return "removals_by_…"
    is_main = published_tables().get(asset, "main") == "main"
    return asset if is_main or asset in _SHOWN else None


def _of_boxes() -> Edges:
    """Box -> the boxes it is made from. What comes of bookkeeping goes to nearly all, and is drawn to the end alone."""
    direct = {name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in SPECS.items()}
    needs: Edges = {RAW: set()}
    for asset in direct:
        if box := _box_of(asset):
            found = {RAW} if not direct[asset] else _boxes_behind(asset, direct)
            needs.setdefault(box, set()).update(found - {box})
    for box in needs.keys() - {WAREHOUSE}:
        needs[box].discard(BOOKKEEPING)
    return needs


def _boxes_behind(asset: str, direct: Edges) -> set[str]:
    found = set()
    for need in direct[asset]:
        box = _box_of(need)
        found |= {box} if box else _boxes_behind(need, direct)
    return found


def _direct(needs: Edges) -> Edges:
    """The arrows without those that another way of arrows already shows."""
    behind: Edges = {}

    def all_behind(box: str) -> set[str]:
        if box not in behind:
            behind[box] = needs[box].union(*(all_behind(need) for need in needs[box]))
        return behind[box]

    return {
        box: {need for need in found if not any(need in all_behind(other) for other in found - {need})}
        for box, found in needs.items()
    }


def _rooms(needs: Edges) -> dict[str, str]:
    groups = {box: spec.group_name or "" for name, spec in SPECS.items() if (box := _box_of(name))}
    return {box: "raw" if box == RAW else "core" if box == BOOKKEEPING else groups[box] for box in needs}


def _columns(needs: Edges, room: dict[str, str]) -> dict[str, int]:
    """Each box's column: rooms follow each other, and within its room a box is right of what it is made from."""

    def depth(box: str) -> int:
        return max((depth(need) + 1 for need in needs[box] if room[need] == room[box]), default=0)

    first, column = 0, {}
    for name in ROOMS:
        mine = {box: depth(box) for box in needs if room[box] == name}
        column |= {box: first + own for box, own in mine.items()}
        first += max(mine.values()) + 1
    return column


def _chains(needs: Edges, column: dict[str, int]) -> list[list[str]]:
    """Each arrow as the points it passes, one a column; points between two boxes are added to `column`."""
    chains = []
    for box in sorted(needs):
        for need in sorted(needs[box]):
            between = range(column[need] + 1, column[box])
            points = {f"{need}>{box}@{at}": at for at in between}
            column.update(points)
            chains.append([need, *points, box])
    return chains


def _rows(chains: list[list[str]], column: dict[str, int]) -> dict[str, float]:
    """Each point's row: near those it is joined to, so that few arrows cross."""
    beside: dict[str, list[str]] = defaultdict(list)
    for chain in chains:
        for left, right in pairwise(chain):
            beside[left].append(right)
            beside[right].append(left)
    levels = [sorted(name for name in column if column[name] == at) for at in range(max(column.values()) + 1)]
    high = max(sum(_weight(name) for name in level) for level in levels)
    rows = {name: place for level in levels for name, place in _spread(level, high).items()}
    for _ in range(24):
        for level in (*levels, *reversed(levels)):
            level.sort(key=lambda name: (sum(rows[other] for other in beside[name]) / max(len(beside[name]), 1), name))
            rows |= _spread(level, high)
    return rows


def _weight(name: str) -> float:
    return 0.45 if "@" in name else 1.0


def _spread(level: list[str], high: float) -> dict[str, float]:
    at = (high - sum(map(_weight, level))) / 2
    rows = {}
    for name in level:
        rows[name] = at + (_weight(name) - 1) / 2
        at += _weight(name)
    return rows


def _spans(room: dict[str, str], column: dict[str, int]) -> list[Span]:
    """Where each column begins and ends: as wide as its longest name."""
    spans, left = [], 20.0
    for at in range(max(column.values()) + 1):
        right = left + _LETTER * max(len(name) for name in room if column[name] == at) + 16
        spans.append((left, right))
        left = right + _GAP
    return spans


def _room_shapes(room: dict[str, str], column: dict[str, int], spans: list[Span], height: float) -> list[str]:
    shapes = []
    for name in ROOMS:
        mine = [column[box] for box in room if room[box] == name]
        left, right = spans[min(mine)][0] - 12, spans[max(mine)][1] + 12
        size = f'width="{right - left:.1f}" height="{height - 16:.1f}"'
        shapes.append(f'<rect class="room" x="{left:.1f}" y="8" {size} rx="8"/>')
        shapes.append(f'<text class="head" x="{left + 12:.1f}" y="28">{name}</text>')
    return shapes


def _arrow(points: list[tuple[float, float, float]]) -> str:
    """A curve from one box to another, straight through the columns between: left, right and middle of each point."""
    _, x, y = points[0]
    way = [f"M{x:.1f} {y:.1f}"]
    for number, (left, right, middle) in enumerate(points[1:], 1):
        half = (x + left) / 2
        way.append(f"C{half:.1f} {y:.1f} {half:.1f} {middle:.1f} {left:.1f} {middle:.1f}")
        x, y = right, middle
        if number < len(points) - 1:
            way.append(f"H{right:.1f}")
    return f'<path d="{" ".join(way)}" marker-end="url(#end)"/>'


def _box(name: str, span: Span, top: float) -> str:
    left, right = span
    return (
        f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{_TALL}" rx="5"/>'
        f'<text x="{left + 8:.1f}" y="{top + 20:.1f}">{escape(name)}</text>'
    )
