-- Search: the words of what lists show, in one form, however they are written. A word is letters and digits, in lower
-- case, without accents, and counts up to its 40th character. Only functions of PostgreSQL itself are used, so that a dump
-- can be restored by whoever may restore one; and none of them can fail, because a record is stored with these columns.

ALTER TABLE evens.markets ADD COLUMN words tsvector GENERATED ALWAYS AS (
        array_to_tsvector(array_remove(regexp_split_to_array(regexp_replace(regexp_replace(regexp_replace(
            lower(translate(normalize(left(
                (terms ->> 'name') || ' ' || coalesce(terms ->> 'event', '') || ' ' || (terms ->> 'runners'), 10000
            ), NFKD), 'ØøŁłĐđ', 'oolldd')),
            '[\u0300-\u036f]+', '', 'g'), '[\u0001-/:-`{-\u00bf\u00d7\u00f7\u2000-\u206f\u3000-\u303f]+', ' ', 'g'),
            '([^ ]{40})[^ ]*', '\1', 'g'), ' '), ''))
    ) STORED;
CREATE INDEX markets_by_words ON evens.markets USING gin (words) WITH (fastupdate = off);

ALTER TABLE evens.fixtures ADD COLUMN words tsvector GENERATED ALWAYS AS (
        array_to_tsvector(array_remove(regexp_split_to_array(regexp_replace(regexp_replace(regexp_replace(
            lower(translate(normalize(left(
                title || ' ' || coalesce(competition, '') || ' ' || coalesce(sport, ''), 2000
            ), NFKD), 'ØøŁłĐđ', 'oolldd')),
            '[\u0300-\u036f]+', '', 'g'), '[\u0001-/:-`{-\u00bf\u00d7\u00f7\u2000-\u206f\u3000-\u303f]+', ' ', 'g'),
            '([^ ]{40})[^ ]*', '\1', 'g'), ' '), ''))
    ) STORED;
CREATE INDEX fixtures_by_words ON evens.fixtures USING gin (words) WITH (fastupdate = off);

ALTER TABLE evens.challenges ADD COLUMN words tsvector GENERATED ALWAYS AS (
        array_to_tsvector(array_remove(regexp_split_to_array(regexp_replace(regexp_replace(regexp_replace(
            lower(translate(normalize(left(
                title, 2000
            ), NFKD), 'ØøŁłĐđ', 'oolldd')),
            '[\u0300-\u036f]+', '', 'g'), '[\u0001-/:-`{-\u00bf\u00d7\u00f7\u2000-\u206f\u3000-\u303f]+', ' ', 'g'),
            '([^ ]{40})[^ ]*', '\1', 'g'), ' '), ''))
    ) STORED;
CREATE INDEX challenges_by_words ON evens.challenges USING gin (words) WITH (fastupdate = off) WHERE status = 1 AND public;

ALTER TABLE evens.pools ADD COLUMN words tsvector GENERATED ALWAYS AS (
        array_to_tsvector(array_remove(regexp_split_to_array(regexp_replace(regexp_replace(regexp_replace(
            lower(translate(normalize(left(
                key || ' ' || name || ' ' || symbol, 2000
            ), NFKD), 'ØøŁłĐđ', 'oolldd')),
            '[\u0300-\u036f]+', '', 'g'), '[\u0001-/:-`{-\u00bf\u00d7\u00f7\u2000-\u206f\u3000-\u303f]+', ' ', 'g'),
            '([^ ]{40})[^ ]*', '\1', 'g'), ' '), ''))
    ) STORED;

-- What finds everything that has, for each word of a text, a word that begins with it; nothing, if it has no words.
CREATE FUNCTION evens.search_query(asked text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(string_agg(quote_literal(word) || ':*', ' & '), '')::pg_catalog.tsquery
    FROM unnest(tsvector_to_array(
        array_to_tsvector(array_remove(regexp_split_to_array(regexp_replace(regexp_replace(regexp_replace(
            lower(translate(normalize(left(
                asked, 500
            ), NFKD), 'ØøŁłĐđ', 'oolldd')),
            '[\u0300-\u036f]+', '', 'g'), '[\u0001-/:-`{-\u00bf\u00d7\u00f7\u2000-\u206f\u3000-\u303f]+', ' ', 'g'),
            '([^ ]{40})[^ ]*', '\1', 'g'), ' '), ''))
    )) AS word
$$;
GRANT EXECUTE ON FUNCTION evens.search_query TO evens_app;

-- Rounds of all pools.
CREATE INDEX rounds_of_all_by_status ON evens.rounds (status, id);

-- Withdrawals of a customer.
CREATE INDEX withdrawals_by_customer ON evens.withdrawals (customer, id);
