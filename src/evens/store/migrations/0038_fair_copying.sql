-- Copying in turns: each leader with bets that are still to be copied has a place of their own, and bets that are skipped
-- without asking a market are told together.

CREATE TABLE evens.skipped_bets (
    id bigint NOT NULL,            -- the seq of the record that skipped them
    follow bigint NOT NULL,
    product smallint NOT NULL,
    reason smallint NOT NULL,
    first bigint NOT NULL,         -- the first and the last of the leader's matches or bets
    last bigint NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    at bigint NOT NULL,
    PRIMARY KEY (id, follow, reason),
    CHECK (first <= last)
);
CREATE INDEX skipped_bets_of_follow ON evens.skipped_bets (follow, id);
CREATE INDEX skipped_bets_up_to ON evens.skipped_bets (follow, product, last);

-- Up to which match or bet of a leader, and which follow of it, everything is decided. Who is not here has nothing that is
-- still to be copied before the copier's place. Worked out by the copier, and can be again.
CREATE TABLE evens.copier_turns (
    leader bigint NOT NULL,
    product smallint NOT NULL,
    source bigint NOT NULL,
    follow bigint NOT NULL,
    PRIMARY KEY (leader, product)
);

CREATE FUNCTION evens.post_skipped_bets(
    ids bigint[], all_follows bigint[], products smallint[], reasons smallint[], firsts bigint[], lasts bigint[],
    counts bigint[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.skipped_bets (id, follow, product, reason, first, last, count, at)
        SELECT * FROM unnest(ids, all_follows, products, reasons, firsts, lasts, counts, ats)
$$;

GRANT SELECT ON evens.skipped_bets TO evens_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON evens.copier_turns TO evens_app;
GRANT EXECUTE ON FUNCTION evens.post_skipped_bets TO evens_app;
