"""The routes, one module for each group: parse and authorise, then submit or query, then render."""
