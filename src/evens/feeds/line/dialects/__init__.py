"""The dialects of line providers: pure translators from what they write to sayings."""
