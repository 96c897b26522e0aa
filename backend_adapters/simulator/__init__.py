"""Simulated servers that speak the real wires over HTTP: the demo."""
