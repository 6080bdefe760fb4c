-- Preferences and favourites.

-- preferences --
SELECT chosen::text FROM evens.preferences WHERE customer = $1;

-- prefer --
INSERT INTO evens.preferences (customer, chosen) VALUES ($1, $2::jsonb)
ON CONFLICT (customer) DO UPDATE SET chosen = excluded.chosen, changed_at = now();

-- favourites --
SELECT v.kind, coalesce(m.id::text, p.key, f.key) AS key, f.source,
    coalesce(m.terms ->> 'name', f.title, p.name) AS title,
    coalesce(m.terms ->> 'event', f.competition) AS within, v.since
FROM evens.favourites AS v
LEFT JOIN evens.markets AS m ON v.kind = 'market' AND m.id = v.thing
LEFT JOIN evens.fixtures AS f ON v.kind = 'event' AND f.id = v.thing
LEFT JOIN evens.pools AS p ON v.kind = 'pool' AND p.id = v.thing
WHERE v.customer = $1
ORDER BY v.since DESC, v.kind, v.thing;

-- market --
SELECT id FROM evens.markets WHERE id = $1::bigint;

-- pool --
SELECT id FROM evens.pools WHERE key = $1;

-- event --
-- By the source's name and the key, or by the whole if that is a key of the main source, which comes first.
SELECT id FROM evens.fixtures
WHERE (source = 'main' AND key = $1) OR (source = $2 AND key = $3 AND source <> 'main')
ORDER BY source <> 'main', id DESC LIMIT 1;

-- add --
INSERT INTO evens.favourites (customer, kind, thing)
SELECT $1, $2, $3 WHERE (SELECT count(*) FROM evens.favourites WHERE customer = $1) < $4
ON CONFLICT (customer, kind, thing) DO NOTHING;

-- is_favourite --
SELECT EXISTS (SELECT FROM evens.favourites WHERE customer = $1 AND kind = $2 AND thing = $3);

-- remove --
DELETE FROM evens.favourites WHERE customer = $1 AND kind = $2 AND thing = $3;
