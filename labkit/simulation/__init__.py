"""A contact centre that lives: callers who arrive, wait and give up, and Workers who play themselves.

    from labkit.simulation.contact_centre import ContactCentre
    from labkit.simulation.model import Model

    centre = ContactCentre(calls_per_hour=100, talk_seconds=300, patience_seconds=180)
    model = Model(centre, worker_sids=sids, chance=Random(1))

`Model` knows what happens next and when, and what it wants done then; it does nothing itself. Whoever drives it carries
that out in a TaskRouter and lets the model observe what became of it:

    at = model.next_at()                              # seconds since the opening; move the clock there
    while (intention := model.next_intention(at)) is not None:
        command = workplace.command(intention)        # for the engine
        outcome = engine.handle(command, moment(at))
        if isinstance(intention, CallIn):
            model.created(intention.call, outcome.result.sid)
        model.observe(outcome, at)

What nobody has asked for (a Reservation that times out, a Task that somebody else cancels) is observed in the same way.
The room is pure: given the same `Random` and the same observations, a model wants the same. Each name is imported from
its module: a lab that only says what a contact centre is like reads no engine for it.
"""
