"""The rounds of pools: when they are, by a calendar, and how they ended, by an oracle that asks sources of prices."""
