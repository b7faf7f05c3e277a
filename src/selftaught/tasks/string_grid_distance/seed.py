def algorithm(t, distance):
    return t
