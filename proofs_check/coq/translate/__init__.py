"""From a certificate to Coq text: a strict reader, the terms, the statements."""
