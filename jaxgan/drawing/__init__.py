"""Images that the program draws itself: anime faces, shapes, strokes."""
