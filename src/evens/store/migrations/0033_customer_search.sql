-- Finding customers by the beginning of their name or e-mail address and by tag, and what operators note about them.
CREATE INDEX customers_by_name_prefix ON evens.customers (lower(username) text_pattern_ops, id);
CREATE INDEX logins_by_email_prefix ON evens.logins (lower(email) text_pattern_ops);
CREATE INDEX customers_by_tag ON evens.customers USING gin (string_to_array(tags, ' ')) WHERE tags <> '';
CREATE INDEX customers_frozen ON evens.customers (id) WHERE frozen;

-- Not in the journal: no rule depends on it. A note can be struck out; it is never changed.
CREATE TABLE evens.customer_notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer bigint NOT NULL REFERENCES evens.customers,
    text text NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    struck_by text,
    struck_at timestamptz
);
CREATE INDEX customer_notes_by_customer ON evens.customer_notes (customer, id);

GRANT SELECT, INSERT ON evens.customer_notes TO evens_app;
GRANT UPDATE (struck_by, struck_at) ON evens.customer_notes TO evens_app;
