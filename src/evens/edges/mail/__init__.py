"""Mail to customers."""
