-- What the feed reads, newest first: big wins, of which there are few among all outcomes, and public challenges that are
-- settled.

CREATE INDEX outcomes_won_big ON evens.outcomes (currency_number, settled_at)
    WHERE counted AND turnover > 0 AND profit >= 5 * turnover;
CREATE INDEX challenges_settled_in_public ON evens.challenges (currency_number, ended_at, id) WHERE status = 5 AND public;
