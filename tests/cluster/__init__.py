"""Tests on a real cluster: PD, Store and two servers, each a process of its own."""
