"""Everything that can have happened, a page per product.

Events are facts in the past tense. Applying a command's events to the house it was decided on gives the next house;
applying all of them from the beginning gives today's. A refusal is a fact too, and it changes nothing.
"""
