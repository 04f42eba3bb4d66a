"""NumPy kernels with a Keras-shaped API: the small package behind the notebooks.

Read it ground floor first: `kernels` (the mathematics), then `layers`, `losses`, `optimizers`, `models`.
`import helpers` loads nothing else; `from helpers import models` loads what it needs, so start-up stays quick.
"""

__version__ = "0.3.0"
