"""The certificate checker that Coq extracts, as a program in OCaml: its sources, and the command that builds it."""
