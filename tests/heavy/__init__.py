"""Tests on real servers whose tasks have results of 25 MB, more together than their memory holds."""
