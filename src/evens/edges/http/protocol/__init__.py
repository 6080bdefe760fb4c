"""What every route shares: strict parsing, problem documents, access, booking, pagination."""
