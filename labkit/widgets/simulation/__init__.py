"""A contact centre that lives: callers come, wait and give up, and Workers play themselves, on the sandbox's clock.

It shows the settings, the time of day, what comes of it, and who does what; `start()` begins a day, which takes a
minute unless `speed` says otherwise. Lengths are means, in seconds.

Args:
    calls_per_hour: on average over the day.
    hours: how long the day is.
    workers: how many Workers, or a list of their names; whoever is not there is made.
    talk_seconds: how long a caller and a Worker talk.
    wrap_up_seconds: how long the Worker works for the call afterwards; 0 for no wrap-up.
    patience_seconds: how long a caller waits before hanging up; None for ever.
    arrivals: `"steady"`, `"day"` (two busy times) or `"burst"` (one rush).
    missed: the share of Reservations that a Worker misses, from 0 to 1.
    break_every_seconds: how long a Worker works between two breaks; None for no breaks.
    seed: equal ones give equal days, as far as nobody interferes.
    speed: how many seconds of the sandbox's pass in one of the computer's; None for a day in a minute.

Returns:
    The panel. It has `start()`, `pause()`, `stop()`, `take_over("Alice")` and `give_back("Alice")`, and `print` shows
    it as text.

Raises:
    ArgumentError: a value is not possible; the message says what is.
    LabError: this lab talks to a real account, and it was given settings.
"""
