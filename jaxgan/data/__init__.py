"""Sources, packed uint8 arrays, batches."""
