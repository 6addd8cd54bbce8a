"""Machine-checked theorems: a Coq development and the record of what it has proved."""
