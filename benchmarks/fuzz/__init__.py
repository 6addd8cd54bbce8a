"""Every reader against broken input: a valid object or one documented error of one line, in time; else it is a fault.

`seeds` are whole documents, `mutations` break them, `tables` make arrays and columns of odd cells, `readings` call the
readers, `sound` says what a valid answer is, `doors` puts these together, `judging` tells answers, refusals and faults
apart. Input k of a door depends on the seed, the door and k alone, so that a fault is replayed by its number.
"""
