"""The `.dpomdp` format of MADP: entries of text (lexer), what they declare (preamble), T and R (tables, rewards)."""
