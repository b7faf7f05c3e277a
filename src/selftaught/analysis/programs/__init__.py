"""What the text of an improver does, as far as its syntax tree tells. Nothing is run."""
