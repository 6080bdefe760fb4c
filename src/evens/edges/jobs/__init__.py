"""What runs beside the requests: ticks for the core, the outbox deliverer and other periodic work.

A job that moves money submits a command with an id derived from its cause, so that running twice is
harmless.
"""
