"""Judge a census of `fqi-theory census run --certificates`: `python -m proofs_check.census FOLDER`.

Every certificate is checked, and held against the row that it stands in: the model of that number, the run that the
plan says, the fate that is counted. Models are counted again: the judge makes the class of each by itself (states,
agents and rewards as `plan.orbit` says), asks that the number is the least of its class, and that all classes together
are all models, each once. Nothing of the engine is used; that the models of a class share their fate is argued in
`fqi_theory/fates/census/symmetries.py`.
"""
