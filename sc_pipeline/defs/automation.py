"""Dagster: what follows by itself when an input changed, as the plan tells it."""

import json
from datetime import datetime
from functools import lru_cache

import dagster as dg

from sc_pipeline import plan
from sc_pipeline.errors import UserError
from sc_pipeline.hashing import hash_of
from sc_pipeline.look import Look
from sc_pipeline.project import open_project
from sc_pipeline.staged import stage


class InputsChanged(dg.AutomationCondition[dg.AssetKey]):
    """True where an asset's inputs have changed since it was made.

    It is asked for once for each state of its inputs: what then fails is not tried again until one of them changes.
    """

    @property
    def name(self) -> str:
        return "inputs_changed"

    @property
    def description(self) -> str:
        return "Inputs have changed since this was built"

    def evaluate(self, context: dg.AutomationContext[dg.AssetKey]) -> dg.AutomationResult[dg.AssetKey]:
        wanted = _wanted(context.evaluation_time).get(context.key.to_user_string())
        before = json.loads(context.cursor) if context.cursor else {"seen": None, "asked": None}
        was_requested = context.get_previous_requested_subset(context.key)
        asked = before["seen"] if was_requested and not was_requested.is_empty else before["asked"]
        is_new = wanted is not None and wanted != asked
        subset = context.candidate_subset if is_new else context.get_empty_subset()
        return dg.AutomationResult(
            context, subset, cursor=json.dumps({"seen": wanted, "asked": asked if wanted else None})
        )


@lru_cache(maxsize=1)
def _wanted(tick: datetime) -> dict[str, str]:
    """Table -> the version of the inputs it must be made from, looked up once for all assets of a tick."""
    try:
        changed = plan.changed_inputs(Look(open_project()))
    except UserError:
        return {}  # raw/ is away or ambiguous: no time to change what is published
    steps = {name: hash_of(parts) for name, parts in changed.items()}
    found = {table: version for name, version in steps.items() for table in plan.STEPS[name].tables}
    # What is kept of each release beside its rows has no step of its own: it follows where the register does.
    beside = dict.fromkeys(plan.ROWS.tables, steps[plan.REGISTER.name]) if plan.REGISTER.name in steps else {}
    return found | beside


# A check that finds bad rows holds up what depends on them, unless they are made again, and checked, in the same run.
_CHECKED = (
    ~dg.AutomationCondition.any_deps_match(
        dg.AutomationCondition.any_checks_match(dg.AutomationCondition.check_failed(), blocking_only=True)
        & ~dg.AutomationCondition.will_be_requested()
    )
).with_label("no blocking check of what it is made from failed")
# What releases become is taken in by runs of its own: what is made of all of them waits for the last.
_RELEASES_IN_PROGRESS = dg.AutomationCondition.asset_matches(stage.TABLE, dg.AutomationCondition.in_progress())
_UPSTREAM = dg.AutomationCondition.any_deps_match(dg.AutomationCondition.will_be_requested())
_QUIET = (
    ~dg.AutomationCondition.any_deps_in_progress() & ~_RELEASES_IN_PROGRESS & ~dg.AutomationCondition.in_progress()
).with_label("neither it nor what it is made from is being built now")
# A release that was refused has no rows, and the others need not wait for it: that a dep is missing does not count.
FOLLOW = (
    (InputsChanged() | _UPSTREAM.with_label("something it is made from is about to be built again")).with_label(
        "its inputs changed, or are about to"
    )
    & _QUIET
    & _CHECKED
).with_label("rebuild when inputs change")
