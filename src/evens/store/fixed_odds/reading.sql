-- Fixtures with their markets and selections: parts of a fixture are read in one way, whoever asks.

-- markets --
SELECT m.fixture, m.key, m.name, m.winners, m.related_group, m.suspended, m.stage, m.settlement, m.results, m.removals,
    m.cancelled, m.ruled, c.results AS contradiction, c.id AS contradicted_at
FROM evens.fixture_markets AS m
LEFT JOIN LATERAL (
    SELECT each.id, each.results FROM evens.conflicts AS each
    WHERE each.fixture = m.fixture AND each.market = m.key ORDER BY each.id DESC LIMIT 1
) AS c ON m.contradicted
WHERE m.fixture = ANY ($1::bigint[]) ORDER BY m.fixture, m.since;

-- some_markets --
SELECT m.fixture, m.key, m.name, m.winners, m.related_group, m.suspended, m.stage, m.settlement, m.results, m.removals,
    m.cancelled, m.ruled, c.results AS contradiction, c.id AS contradicted_at
FROM evens.fixture_markets AS m
LEFT JOIN LATERAL (
    SELECT each.id, each.results FROM evens.conflicts AS each
    WHERE each.fixture = m.fixture AND each.market = m.key ORDER BY each.id DESC LIMIT 1
) AS c ON m.contradicted
JOIN unnest($1::bigint[], $2::text[]) AS wanted (fixture, key) ON wanted.fixture = m.fixture AND wanted.key = m.key
ORDER BY m.fixture, m.since;

-- archived_markets --
SELECT m.fixture, m.key, m.name, m.winners, m.related_group, m.suspended, m.stage, m.settlement, m.results, m.removals,
    m.cancelled, m.ruled, c.results AS contradiction, c.id AS contradicted_at
FROM evens.fixture_markets AS m
LEFT JOIN LATERAL (
    SELECT each.id, each.results FROM evens.conflicts AS each
    WHERE each.fixture = m.fixture AND each.market = m.key ORDER BY each.id DESC LIMIT 1
) AS c ON m.contradicted
JOIN evens.fixtures AS f ON f.id = m.fixture AND f.archived
WHERE m.fixture = ANY ($1::bigint[]);

-- selections --
SELECT fixture, market, key, name, odds, suspended FROM evens.selections
WHERE fixture = ANY ($1::bigint[]) ORDER BY fixture, market, since;

-- some_selections --
SELECT s.fixture, s.market, s.key, s.name, s.odds, s.suspended FROM evens.selections AS s
JOIN unnest($1::bigint[], $2::text[]) AS wanted (fixture, market)
    ON wanted.fixture = s.fixture AND wanted.market = s.market
ORDER BY s.fixture, s.market, s.since;

-- journal_end --
SELECT seq FROM evens.head;

-- live_fixtures --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE NOT f.archived AND f.id > $1 ORDER BY f.id LIMIT $2;

-- fixture --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.source = $1 AND f.key = $2 ORDER BY f.id DESC LIMIT 1;

-- fixtures_by_id --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.id = ANY ($1::bigint[]) ORDER BY f.id;

-- fixtures --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.id < $3 AND ($1::text IS NULL OR lower(f.sport) = lower($1)) AND $2::text IS NULL
ORDER BY f.id DESC LIMIT $4;

-- newest_fixtures_about --
-- Those with certain words among the newest of all that are asked for.
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM (
    SELECT * FROM evens.fixtures
    WHERE id < $3 AND ($1::text IS NULL OR lower(sport) = lower($1)) ORDER BY id DESC LIMIT $5
) AS f
LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.words @@ evens.search_query($2)
ORDER BY f.id DESC LIMIT $4;

-- fixtures_about --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.id = ANY (ARRAY(SELECT id FROM evens.fixtures WHERE words @@ evens.search_query($2)))
    AND f.id < $3 AND ($1::text IS NULL OR lower(f.sport) = lower($1))
ORDER BY f.id DESC LIMIT $4;

-- active_fixtures --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.id < $3 AND ($1::text IS NULL OR lower(f.sport) = lower($1))
    AND ($2::text IS NULL OR f.words @@ evens.search_query($2))
    AND f.status = 1 AND NOT f.archived AND NOT f.suspended AND NOT f.held AND f.deadline > $5
    AND NOT coalesce(l.silent, false)
ORDER BY f.id DESC LIMIT $4;

-- active_sports --
SELECT min(f.sport) AS sport, count(*)::integer AS events
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.status = 1 AND NOT f.archived AND NOT f.suspended AND NOT f.held AND f.deadline > $1
    AND NOT coalesce(l.silent, false)
GROUP BY lower(f.sport) ORDER BY events DESC, sport NULLS LAST;

-- unfinished_fixtures --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.status = 1 AND NOT f.archived AND f.source = $1 ORDER BY f.id;

-- overdue_fixtures --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.status = 1 AND NOT f.archived AND f.deadline <= $1 ORDER BY f.deadline, f.id LIMIT $2;

-- contradicted_fixtures --
SELECT f.id, f.source, f.key, f.version, f.title, f.sport, f.competition, f.starts_at, f.deadline, f.suspended, f.held,
    f.status, f.decided_at, f.archived, coalesce(l.silent, false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
WHERE f.id < $1 AND EXISTS (SELECT FROM evens.fixture_markets AS m WHERE m.fixture = f.id AND m.contradicted)
ORDER BY f.id DESC LIMIT $2;
