"""The betting exchange: order books, matching, exact escrow, and the settling of markets."""
