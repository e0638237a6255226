"""Views of a run for people: the HTML page and the terminal."""
