"""The HTTP API: one module for each group of routes.

Shape and value errors end here as 422; a refusal of the core becomes a problem document by one table from
reason to status.
"""
