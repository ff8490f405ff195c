"""The verb that prepares data sets and adopts published checkpoints, and its tools."""
