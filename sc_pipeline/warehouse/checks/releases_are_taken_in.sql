-- Every release in raw/ is taken in as it is now.
-- table: releases
-- blocking: false
select
    release_id,
    status,
    problem
from releases
where status in ('failed', 'kept')
order by release_id
