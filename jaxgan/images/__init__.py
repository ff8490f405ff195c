"""Where images come in and go out: files, sheets, film, tiles, masks, color."""
