"""The reader page as apps above and packages beside it see it: what they may add to it, and where.

`parts` are the things on the page, `extensions` is where an app says what it adds, `places` puts parts into a text.
"""
