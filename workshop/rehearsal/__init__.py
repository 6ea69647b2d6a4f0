"""The evening before: pretended participants play the first notebook, and what that costs says who fits on the machine.

From the bottom to the top: `hub_session` is a browser before the hub, `kernel_socket` a notebook before its kernel,
`first_notebook` what a person does in notebook 00, `participant` a whole visit of one of them. `measuring` reads what
processes take, `machine` what there is, `verdict` what follows, `report` how it is shown, and `rehearsal` plays it all.
"""
