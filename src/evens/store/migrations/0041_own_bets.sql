-- A program asks for its own orders in some markets and for what was matched of some orders, however many it has had.

CREATE INDEX orders_by_customer_market ON evens.orders (customer, market, id);
CREATE INDEX matches_by_maker_order ON evens.matches (maker, id);
CREATE INDEX matches_by_taker_order ON evens.matches (taker, id);
