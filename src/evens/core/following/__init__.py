"""Following: customers who copy what others bet, within limits of their own."""
