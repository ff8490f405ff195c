"""The tabs of the page, one module each: `tab(page)` builds it."""
