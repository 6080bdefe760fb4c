"""Where the world comes in and answers go out: parse, then submit or query, then render.

An edge holds no rule and no SQL. Web framework, validation and command-line libraries are known only here.
"""
