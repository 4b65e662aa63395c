"""Search: Stripe's query language, what each object can be found by, and which objects a query matches.

``fields`` says what can be searched, ``language`` reads a query, ``documents`` turns an object into what
is searched of it, decides whether a query matches that, and says where in an index to look. All of it is
pure; the index itself is kept by ``store/search.py`` and knows nothing of any of this.
"""
