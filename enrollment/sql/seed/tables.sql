-- seed, tables: what a synthetic province is drawn from and through.
-- Everything random is a hash of the seed and the person's number (hashint8extended), so the same
-- seed and number of people give the same province on any server. A draw is 16 bits of a hash,
-- 0 to 65535; a lookup table of 2^n rows turns a draw into a value by one hash join.
-- Read: region, the names and terms given by the service. All tables go with the transaction.

CREATE TEMP TABLE seed_name (kind text, value text, weight int, initials text) ON COMMIT DROP;

-- A pooling area's law for a benefit year, in yuan, and the longer collection that it declared.
CREATE TEMP TABLE seed_terms (
    year int, area bigint, standard numeric(10, 2), window_first date, window_last date,
    grace_end date
) ON COMMIT DROP;
CREATE TEMP TABLE seed_quota (year int, area bigint, category text, amount numeric(10, 2))
    ON COMMIT DROP;

-- What gaps mean in a year: how many there are, and how many broken years lie right before it.
CREATE TEMP TABLE seed_wait (year int, gaps int, gap_count int, broken int) ON COMMIT DROP;

-- One batch of people in clear, with the story that their years are made of; emptied after each
-- batch.
CREATE UNLOGGED TABLE seed_person (
    id bigint, id_type text, id_number text, name text, initials text, sex text, birth_date date,
    household_region bigint, residence_region bigint, phone text, died_on date, scheme smallint,
    insured_region bigint, left_on date, left_for text,
    story text,               -- resident, employee, to_employee, to_resident, twice
    turned_on date,           -- first day in the other scheme
    turned_in int,            -- its year
    gone_on date, gone_for text,  -- death or leaving
    other_region bigint,      -- where the person was insured before, or works besides
    moved_in int,             -- benefit year from which insured_region holds
    gaps int,                 -- years without cover, as bits, first year lowest
    missing int               -- years without even a row
);
CREATE UNLOGGED TABLE seed_category (
    person_id bigint, category text, valid daterange, source text, qualified bool
);
-- The category that decided the subsidy of a person's year, and its quota there.
CREATE UNLOGGED TABLE seed_subsidy (
    person_id bigint, year int, category text, amount numeric(10, 2)
);
