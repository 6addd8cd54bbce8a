"""In the wild: ordinary deep VDN, QMIX and QPLEX on the witness models (`python -m benchmarks.wild`, extra `torch`).

networks  per-agent networks and the three mixers
training  replay, target network, Adam, double Q; several seeds at once
settings  the models, data and discounts, with what exact iteration does there
table     the table and its JSON
"""
