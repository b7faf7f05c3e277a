def algorithm(adjacency):
    n = len(adjacency)
    side = [None] * n
    for _ in range(n):
        best = (-1, 0, 0)
        for node in range(n):
            if side[node] is None:
                for choice in (0, 1):
                    cut = 0
                    for neighbour in range(n):
                        if side[neighbour] == 1 - choice:
                            cut += adjacency[node][neighbour]
                    if cut > best[0]:
                        best = (cut, node, choice)
        side[best[1]] = best[2]
    return side
