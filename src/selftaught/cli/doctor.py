"""`selftaught doctor`: what works on this machine, and what mends what does not."""
