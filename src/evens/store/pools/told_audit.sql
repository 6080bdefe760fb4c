The audit of closes that operators told. Each statement returns what is wrong, a line; nothing is sound.

-- told_out_of_shape --
SELECT format('%s has no price above zero, or does not say of what, why or by whom', id) FROM evens.told_prices
WHERE (
    price ~ '^(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?$' AND price ~ '[1-9]'
    AND '' NOT IN (source, symbol, code, reason, scope)
) IS NOT TRUE
ORDER BY id LIMIT 1

-- words --
SELECT DISTINCT t.pool, t.source, t.symbol, t.code, r.running FROM evens.told_prices AS t
LEFT JOIN evens.rounds AS r ON r.pool = t.pool AND r.code = t.code AND r.symbol = t.symbol
ORDER BY t.pool, t.code, t.source, t.symbol

-- evidence_of_words --
SELECT r.pool, r.symbol, r.code, e.evidence FROM evens.round_results AS e JOIN evens.rounds AS r ON r.id = e.round
WHERE e.evidence LIKE '%"reason":%' AND e.evidence LIKE '%"sources":%' ORDER BY e.round, e.settlement

-- words_not_told --
SELECT said.source, said.code, said.price, said.reason
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS said (pool, source, symbol, code, price, reason)
WHERE NOT EXISTS (
    SELECT FROM evens.told_prices AS t
    WHERE t.pool = said.pool AND t.source = said.source AND t.symbol = said.symbol AND t.code = said.code
        AND t.price = said.price AND t.reason = said.reason
)
LIMIT 1
