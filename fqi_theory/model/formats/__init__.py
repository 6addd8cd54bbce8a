"""Files the engine reads and writes: mmdp/1 (JSON), MADP .dpomdp, Gambit .nfg, data/1 and initial/1; each also gzipped.

One format a module. Whatever a file holds, reading it returns a validated object or raises one error that starts with
the file and the place inside it.
"""
