"""Sources of closing prices: JSON and CSV over HTTP, files, an operator's word, and a simulation."""
