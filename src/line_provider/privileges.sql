-- Who may do what in the line provider's schema. Run after every migration and by every start, because a database that
-- was restored may have lost it.
GRANT USAGE ON SCHEMA line_provider TO line_provider;
GRANT SELECT ON ALL TABLES IN SCHEMA line_provider TO line_provider;
GRANT UPDATE (change) ON line_provider.head TO line_provider;
GRANT INSERT ON line_provider.events, line_provider.changes, line_provider.webhooks, line_provider.deliveries
    TO line_provider;
GRANT UPDATE (status, suspended, sport, deadline, document) ON line_provider.events TO line_provider;
GRANT UPDATE (removed_at) ON line_provider.webhooks TO line_provider;
GRANT UPDATE (status, attempts, due_at, last_error, last_tried_at) ON line_provider.deliveries TO line_provider;
-- Only changes that a later one of the same event contains are ever deleted.
GRANT DELETE ON line_provider.changes TO line_provider;
