"""Tables whose columns have names of their own: what they are is found by what they hold."""
