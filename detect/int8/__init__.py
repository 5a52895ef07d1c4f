"""Whole numbers of 8 bits for CPUs without bf16.

footage (folder, videos, cameras that run) -> two parts: one calibrates (NNCF), one judges -> a model's int8, or no
"""
