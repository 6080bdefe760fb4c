-- What may be copied of a leader is asked for ahead of what is skipped, so each leader has two places in a product.

ALTER TABLE evens.copier_turns
    ADD COLUMN ahead_source bigint NOT NULL DEFAULT 0, -- up to which bet, and which follow of it, copies were asked for
    ADD COLUMN ahead_follow bigint NOT NULL DEFAULT 0;
