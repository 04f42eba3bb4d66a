"""Explorers: small worlds to poke at, one for each idea. Each file holds a pure state class and a function to show it.

The state owns the mathematics and says, in plain words and lists, what is to be seen (`view`); it needs no browser, so tests
can drive it. One view for all of them (explorer.js) draws what it is told and sends back what the reader does.
"""
