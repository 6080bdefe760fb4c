"""The audit: replays the journal and compares every table with what the replay says."""
