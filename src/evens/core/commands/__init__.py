"""Everything one may ask of the house, a page per product.

Commands are plain values: who asks and under which key is the sequencer's business. Customers are named by id,
currencies by code, money in minor units, times in nanoseconds since 1970 (UTC). ``effective_at`` is the value date:
``None`` means "now", and it may lie in the past but not in the future. Odds are in hundredths, runners are numbers from
1 within their market, and markets, orders and challenges are named by the seq of the command that made them.
"""
