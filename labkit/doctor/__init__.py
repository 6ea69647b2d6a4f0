"""`python -m labkit doctor`: looks at everything that the lab stands on, and says what is wrong and what to do.

It runs where the rest of the lab does not: nothing here imports a package from outside but inside of a check, so that
one which is missing or broken is a finding and no traceback.
"""
