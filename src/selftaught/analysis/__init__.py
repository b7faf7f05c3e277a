"""What the events of a run say: numbers with intervals, and tables of them."""
