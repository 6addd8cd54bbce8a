"""The claims of the theory, one module a theorem; each module has a tuple `CLAIMS`."""
