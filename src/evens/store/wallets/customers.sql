-- Customers and their balances.

-- currencies --
SELECT number, code, scale FROM evens.currencies ORDER BY number;

-- customer --
SELECT c.id, c.username, l.email, c.frozen, c.registered_at
FROM evens.customers AS c LEFT JOIN evens.logins AS l ON l.customer = c.id
WHERE c.id = $1;

-- customer_by_username --
SELECT c.id, c.username, l.email, c.frozen, c.registered_at
FROM evens.customers AS c LEFT JOIN evens.logins AS l ON l.customer = c.id
WHERE lower(c.username) = lower($1);

-- customers --
-- Newest first. The id is the place in the journal, so no customer is added behind a cursor later.
SELECT c.id, c.username, l.email, c.frozen, c.registered_at
FROM evens.customers AS c LEFT JOIN evens.logins AS l ON l.customer = c.id
WHERE c.id < $1 ORDER BY c.id DESC LIMIT $2;

-- customer_ids --
-- Customers who had these usernames when the command was first decided, or who have them now if it never was.
SELECT lower(username) AS folded, id
FROM evens.customers
WHERE lower(username) = ANY ($1::text[])
    AND registered_at <= coalesce((SELECT at FROM evens.journal WHERE command_id = $2), 9223372036854775807);

-- marks --
SELECT excluded_until, tags FROM evens.customers WHERE id = $1;

-- share_destination --
-- Whether one customer has ever been paid out to where one of the others has. People write one account number with and
-- without blanks, dashes and capitals, so only letters and digits count.
WITH paid_out AS (
    SELECT t.debit >> 14 AS customer,
        lower(regexp_replace(normalize(n.destination, NFKC), '[^[:alnum:]]+', '', 'g')) AS destination
    FROM unnest($2::bigint[] || $1::bigint) AS who (customer)
    JOIN evens.transfers AS t ON t.kind = 2 AND t.debit >= who.customer << 14 AND t.debit < (who.customer + 1) << 14
    JOIN evens.transfer_notes AS n ON n.transfer = t.id AND n.destination IS NOT NULL
)
SELECT EXISTS (
    SELECT FROM paid_out AS one
    JOIN paid_out AS other ON other.destination = one.destination AND other.customer = ANY ($2::bigint[])
    WHERE one.customer = $1::bigint AND one.destination <> ''
) AS found;

-- balances --
-- One row without an account if the customer never had a balance; no row if there is no such customer.
SELECT b.account, b.balance
FROM evens.customers AS c
LEFT JOIN evens.balances AS b ON b.account >= c.id << 14 AND b.account < (c.id + 1) << 14
WHERE c.id = $1;

-- balances_at --
SELECT a.account, evens.balance_at(a.account, $3) AS balance
FROM evens.customers AS c CROSS JOIN unnest($2::bigint[]) AS a (account)
WHERE c.id = $1;
