"""Money, ids and reasons: the values every other room speaks in, and the only place that divides or rounds."""
