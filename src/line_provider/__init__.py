"""The line provider: publishes events, prices and results, and tells subscribers. A service beside Evens.

It uses what both have in common (the HTTP protocol, the delivery of webhooks, migrations, connections) and knows
nothing of Evens' products; they know nothing of it. The modules, outermost first:

    provider       composes the service's jobs
    app, routes    the HTTP API
    simulator      a line that moves by itself, through the same rules
    alive          tells every webhook that the service is there
    publisher      does what is asked, one change at a time
    store          the only SQL
    rules          what may become of an event
    bodies, shapes what is asked, and what an event is
"""
