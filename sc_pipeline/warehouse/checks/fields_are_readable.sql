-- At most one in twenty written cells of a field cannot be read; more is a form that nobody knows yet.
-- table: field_disclosure
-- blocking: false
select
    release_id,
    field,
    sum(unreadable) as unreadable,
    sum(disclosed) as read
from field_disclosure
group by
    release_id,
    field
having sum(unreadable) * 20 > sum(unreadable) + sum(disclosed)
order by
    release_id,
    unreadable desc,
    field
