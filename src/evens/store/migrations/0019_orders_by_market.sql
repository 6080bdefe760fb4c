-- Operators look at all the orders of a market, those that wait no more, too.
CREATE INDEX orders_by_market ON evens.orders (market, id);
