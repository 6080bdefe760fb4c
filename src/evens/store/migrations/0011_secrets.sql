-- Which secret of the installation the database is used with: its fingerprint, from which nothing follows.
--
-- Without it, a secret that was lost would be replaced in silence, and with it everything that is derived from it.

CREATE TABLE evens.secrets (
    fingerprint text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz              -- until when what an earlier secret made counts; NULL for the one in use
);
CREATE UNIQUE INDEX secrets_one_in_use ON evens.secrets ((until IS NULL)) WHERE until IS NULL;

GRANT SELECT, INSERT, UPDATE ON evens.secrets TO evens_app;
