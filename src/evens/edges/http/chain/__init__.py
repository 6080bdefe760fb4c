"""The chain rail over HTTP: addresses to pay to, what arrived, and payouts."""
