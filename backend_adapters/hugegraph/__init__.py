"""The HugeGraph tasks API, classic and graphspace."""
