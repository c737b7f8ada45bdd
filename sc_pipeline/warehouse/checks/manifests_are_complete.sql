-- Every manifest says what the data cannot: fill the keys listed into its release.toml.
-- table: releases
-- blocking: note
select
    release_id,
    inferred as missing_keys
from releases
where inferred is not null
order by release_id
