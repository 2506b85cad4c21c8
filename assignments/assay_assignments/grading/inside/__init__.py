"""What runs inside the sandbox: a trusted process with the tests and a candidate process with the submission.

Standard library, numpy, pandas and IPython only; nothing else of Assay is there.
"""
