-- No person leaves twice on one day in one release; such rows are likely duplicates: counted, shown and not dropped.
-- table: removals_by_release
-- blocking: note
select
    release_id,
    count(*) as rows_flagged
from removals_by_release
where duplicate_likely
group by release_id
order by release_id
