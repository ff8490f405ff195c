"""Networks as Linen modules: no config, no loss."""
