"""Every boot: make room before anything is allocated."""

import gc

gc.collect()
