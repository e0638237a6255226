"""Views of a plan that empties a host: text, a chart, a table of the page, a script."""
