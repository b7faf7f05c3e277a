"""For tests of one's own tasks, improvers, sandboxes and clients: real parts, made simple."""
