-- Challenges, each with its last settlement and the usernames of the parties.

-- challenge --
SELECT c.*, s.settlement, s.outcome AS booked, s.backer_profit, s.layer_profit, s.fee,
    (SELECT username FROM evens.customers WHERE id = c.customer) AS challenger_name,
    (SELECT username FROM evens.customers WHERE id = c.acceptor) AS acceptor_name,
    (SELECT username FROM evens.customers WHERE id = c.resolver) AS resolver_name
FROM evens.challenges AS c
LEFT JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id
    ORDER BY each.settlement DESC LIMIT 1
) AS s ON true
WHERE c.id = $1;

-- public --
SELECT c.*, NULL::integer AS settlement,
    (SELECT username FROM evens.customers WHERE id = c.customer) AS challenger_name,
    NULL::text AS acceptor_name,
    (SELECT username FROM evens.customers WHERE id = c.resolver) AS resolver_name
FROM evens.challenges AS c
WHERE c.status = 1 AND c.public AND c.expires_at > $1 AND c.id < $2
ORDER BY c.id DESC LIMIT $3;

-- newest_public_about --
-- Those with certain words among the newest that everybody may accept.
SELECT c.*, NULL::integer AS settlement,
    (SELECT username FROM evens.customers WHERE id = c.customer) AS challenger_name,
    NULL::text AS acceptor_name,
    (SELECT username FROM evens.customers WHERE id = c.resolver) AS resolver_name
FROM (
    SELECT * FROM evens.challenges
    WHERE status = 1 AND public AND expires_at > $1 AND id < $2 ORDER BY id DESC LIMIT $5
) AS c
WHERE c.words @@ evens.search_query($4)
ORDER BY c.id DESC LIMIT $3;

-- public_about --
SELECT c.*, NULL::integer AS settlement,
    (SELECT username FROM evens.customers WHERE id = c.customer) AS challenger_name,
    NULL::text AS acceptor_name,
    (SELECT username FROM evens.customers WHERE id = c.resolver) AS resolver_name
FROM evens.challenges AS c
WHERE c.id = ANY (ARRAY(
        SELECT id FROM evens.challenges WHERE status = 1 AND public AND words @@ evens.search_query($4)
    ))
    AND c.status = 1 AND c.public AND c.expires_at > $1 AND c.id < $2
ORDER BY c.id DESC LIMIT $3;

-- disputed --
SELECT c.*, NULL::integer AS settlement,
    (SELECT username FROM evens.customers WHERE id = c.customer) AS challenger_name,
    (SELECT username FROM evens.customers WHERE id = c.acceptor) AS acceptor_name,
    (SELECT username FROM evens.customers WHERE id = c.resolver) AS resolver_name
FROM evens.challenges AS c
WHERE c.status = 4 AND c.id < $1
ORDER BY c.id DESC LIMIT $2;

-- customers_own --
SELECT c.*, s.settlement, s.outcome AS booked, s.backer_profit, s.layer_profit, s.fee,
    (SELECT username FROM evens.customers WHERE id = c.customer) AS challenger_name,
    (SELECT username FROM evens.customers WHERE id = c.acceptor) AS acceptor_name,
    (SELECT username FROM evens.customers WHERE id = c.resolver) AS resolver_name
FROM (
    (SELECT id FROM evens.challenges WHERE customer = $1 AND id < $2 ORDER BY id DESC LIMIT $3)
    UNION
    (SELECT id FROM evens.challenges WHERE acceptor = $1 AND id < $2 ORDER BY id DESC LIMIT $3)
    UNION
    (SELECT id FROM evens.challenges WHERE resolver = $1 AND id < $2 ORDER BY id DESC LIMIT $3)
) AS mine
JOIN evens.challenges AS c ON c.id = mine.id
LEFT JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id
    ORDER BY each.settlement DESC LIMIT 1
) AS s ON true
ORDER BY c.id DESC LIMIT $3;
